using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Host.Api.Tables;

namespace ActorOrchestrator.Host.Tests.Tables;

/// <summary>
/// tables.txt holds upstream's columns of every kind (<c>heading[:type or format][*]</c>, the star for the wide form) and the cells of rows,
/// worked out by hand from its printers: it says what must be, not what is.
/// </summary>
public class GoldenTableTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly ILookup<string, string> Golden = Read();

    public static TheoryData<string> Kinds => [.. Golden.Select(kind => kind.Key)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Columns_and_cells_are_upstreams(string kind)
    {
        var descriptor = ResourceCatalog.BuiltIn.FindKind(kind.Split(' ')[0], kind.Split(' ')[1])!;
        foreach (var line in Golden[kind])
        {
            if (line.StartsWith("columns: ", StringComparison.Ordinal))
            {
                Assert.Equal(line["columns: ".Length..], string.Join(" | ", descriptor.Columns.Select(Told)));
                continue;
            }

            var parts = line["row: ".Length..].Split(" => ");
            var obj = new StoredObject(new ObjectKey(descriptor.Type, "shop", "a"), "u", new Revision(1), Encoding.UTF8.GetBytes(parts[0]), ImmutableArray<string>.Empty);
            var expected = JsonNode.Parse(parts[1])!;
            var actual = Cells(TableRows.Of(descriptor, obj, Now));
            Assert.True(JsonNode.DeepEquals(expected, actual), $"{parts[0]}\n{expected.ToJsonString()}\n{actual.ToJsonString()}");
            Assert.Equal(descriptor.Columns.Length, actual.AsArray().Count);
        }
    }

    [Fact]
    public void Every_kind_that_can_be_listed_has_its_golden_table()
    {
        var listed = ResourceCatalog.BuiltIn.All.Where(descriptor => descriptor.Allows("list")).Select(descriptor => $"{descriptor.ApiVersion} {descriptor.Kind}");
        Assert.Empty(listed.Except(Golden.Select(kind => kind.Key)));
    }

    [Fact]
    public void Columns_are_described_by_the_documentation_of_their_fields()
    {
        var columns = ResourceCatalog.BuiltIn.All.Where(descriptor => descriptor.Allows("list")).SelectMany(descriptor => descriptor.Columns);

        // Upstream describes the handler of a RuntimeClass by a field of the metadata that does not exist.
        Assert.All(columns.Where(column => column.Name != "Handler"), column => Assert.False(ColumnDescriptions.Of(column).Length == 0, column.ToString()));
        Assert.StartsWith(
            "Name must be unique within a namespace. Is required when creating resources", ColumnDescriptions.Of(ResourceDescriptor.GenericColumns[0]), StringComparison.Ordinal);
    }

    private static string Told(PrinterColumn column)
    {
        var form = column.Format.Length > 0 ? column.Format : column.Type == "string" ? "" : column.Type;
        return column.Name + (form.Length > 0 ? ":" + form : "") + (column.Priority > 0 ? "*" : "");
    }

    private static JsonNode Cells(TableRow row)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            TableRows.Write(writer, row);
            writer.WriteEndObject();
        }

        return JsonNode.Parse(buffer.WrittenSpan)!["cells"]!;
    }

    private static ILookup<string, string> Read()
    {
        using var stream = typeof(GoldenTableTests).Assembly.GetManifestResourceStream("tables.txt")!;
        using var reader = new StreamReader(stream);
        var kind = "";
        var lines = new List<(string Kind, string Line)>();
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith("== ", StringComparison.Ordinal))
            {
                kind = line[3..];
            }
            else if (line.Length > 0)
            {
                lines.Add((kind, line));
            }
        }

        return lines.ToLookup(entry => entry.Kind, entry => entry.Line);
    }
}
