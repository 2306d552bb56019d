using System.Collections.Immutable;

namespace ActorOrchestrator.Contracts.Schema;

/// <summary>What upstream's Go types say of a field and the model classes do not.</summary>
internal sealed record FieldTraits
{
    public static FieldTraits None { get; } = new();

    public bool Required { get; init; }
    public ListType? ListType { get; init; }
    public ImmutableArray<string> MapKeys { get; init; } = [];
    public bool PatchMerge { get; init; }
    public bool PatchRetainKeys { get; init; }
    public string? PatchMergeKey { get; init; }
    public bool Atomic { get; init; }
    public ImmutableArray<string> Enum { get; init; } = [];
    public bool AlwaysPresent { get; init; }
}

/// <summary>
/// The embedded <c>structure.txt</c> and <c>always-present.txt</c> (a line a type: the fields that its Go struct always has). The former: one unindented line a type (its package, and <c>atomic</c> when it is), one indented line a field with its traits (a blank in a value is %20).
/// It is split by type when first needed; a type's own lines are read when that type is.
/// </summary>
internal sealed class StructureTable
{
    private static readonly Lazy<Dictionary<string, Entry>> Index = new(BuildIndex);
    private static readonly Lazy<string[]> Lines = new(static () => ReadLines("structure.txt"));
    private static readonly Lazy<Dictionary<string, string[]>> Present = new(static () => ReadLines("always-present.txt")
        .Select(line => line.Split(' ')).ToDictionary(words => words[0], words => words[1..], StringComparer.Ordinal));
    private static readonly StructureTable Unknown = new("", false, new Dictionary<string, FieldTraits>());
    private readonly Dictionary<string, FieldTraits> _fields;

    private StructureTable(string package, bool atomic, Dictionary<string, FieldTraits> fields)
    {
        Package = package;
        Atomic = atomic;
        _fields = fields;
    }

    /// <summary>The Go package below <c>k8s.io/api</c> with dots: <c>core.v1</c>; empty for a model that the table does not know.</summary>
    public string Package { get; }

    public bool Atomic { get; }

    public static StructureTable Of(string model)
    {
        if (!Index.Value.TryGetValue(model, out var place))
        {
            return Unknown;
        }

        var fields = new Dictionary<string, FieldTraits>(StringComparer.Ordinal);
        foreach (var line in Lines.Value.AsSpan(place.Start, place.End - place.Start))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            fields.Add(words[0], words.Skip(1).Aggregate(FieldTraits.None, Read));
        }

        foreach (var name in Present.Value.GetValueOrDefault(model, []))
        {
            fields[name] = fields.GetValueOrDefault(name, FieldTraits.None) with { AlwaysPresent = true };
        }

        return new StructureTable(place.Package, place.Atomic, fields);
    }

    public FieldTraits Field(string name) => _fields.GetValueOrDefault(name, FieldTraits.None);

    private static FieldTraits Read(FieldTraits traits, string word)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        var value = equals < 0 ? "" : word[(equals + 1)..];
        return (equals < 0 ? word : word[..equals]) switch
        {
            "required" => traits with { Required = true },
            "list" => traits with { ListType = value switch { "map" => ListType.Map, "set" => ListType.Set, _ => ListType.Atomic } },
            "keys" => traits with { MapKeys = [.. value.Split(',')] },
            "patch" => traits with { PatchMerge = value.Contains("merge", StringComparison.Ordinal), PatchRetainKeys = value.Contains("retainKeys", StringComparison.Ordinal) },
            "key" => traits with { PatchMergeKey = value },
            "map" => traits with { Atomic = true },
            "enum" => traits with { Enum = [.. value.Replace("%20", " ", StringComparison.Ordinal).Split('|')] },
            _ => throw new InvalidDataException($"structure.txt has an unknown trait '{word}'."),
        };
    }

    private static Dictionary<string, Entry> BuildIndex()
    {
        var lines = Lines.Value;
        var index = new Dictionary<string, Entry>(StringComparer.Ordinal);
        for (var i = 0; i < lines.Length;)
        {
            var head = lines[i].Split(' ');
            var start = ++i;
            while (i < lines.Length && lines[i].StartsWith(' '))
            {
                i++;
            }

            index.Add(head[0], new Entry(head[1], head.Length > 2, start, i));
        }

        return index;
    }

    private static string[] ReadLines(string table)
    {
        using var stream = typeof(StructureTable).Assembly.GetManifestResourceStream(table)
            ?? throw new InvalidOperationException($"The assembly was built without its {table}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private sealed record Entry(string Package, bool Atomic, int Start, int End);
}
