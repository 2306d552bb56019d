using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using ActorOrchestrator.Contracts.CustomResources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Host.Api.Tables;

/// <summary>The rows of custom kinds, whose cells are what their columns' JSON paths lead to (apiextensions' <c>tableconvertor</c>).</summary>
internal static class CustomRows
{
    /// <summary>Paths are few, and read once; a path that cannot be read makes empty cells.</summary>
    private static readonly ConcurrentDictionary<string, JsonPath?> Paths = new(StringComparer.Ordinal);

    private const int MaxPaths = 10_000;

    public static TableRow Row(ResourceDescriptor descriptor, JsonElement obj, DateTimeOffset now)
    {
        var cells = new object?[descriptor.Columns.Length];
        for (var i = 0; i < cells.Length; i++)
        {
            var column = descriptor.Columns[i];
            cells[i] = i == 0 ? TableRows.Name(obj) : Cell(column, obj, now);
        }

        return new TableRow(cells);
    }

    private static object? Cell(PrinterColumn column, JsonElement obj, DateTimeOffset now)
    {
        if (PathOf(column.Path ?? "") is not { } path)
        {
            return null;
        }

        using var found = path.Select(obj).GetEnumerator();
        if (!found.MoveNext() || found.Current.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
        {
            return null;
        }

        var value = found.Current;
        return column.Type switch
        {
            "string" => value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText(),
            "integer" when value.ValueKind == JsonValueKind.Number => value.TryGetInt64(out var whole) ? whole : (long)value.GetDouble(),
            "number" when value.ValueKind == JsonValueKind.Number => value.TryGetInt64(out var whole) ? (object)whole : value.GetDouble(),
            "boolean" when value.ValueKind is JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
            "date" when value.ValueKind == JsonValueKind.String =>
                DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? HumanDuration.Since(time, now) : "<invalid>",
            _ => null,
        };
    }

    private static JsonPath? PathOf(string path)
    {
        if (Paths.TryGetValue(path, out var known))
        {
            return known;
        }

        var read = JsonPath.TryParse(path, out var parsed, out _) ? parsed : null;
        if (Paths.Count < MaxPaths)
        {
            Paths.TryAdd(path, read);
        }

        return read;
    }
}
