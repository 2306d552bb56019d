using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace ActorOrchestrator.Contracts.Schema;

public enum SchemaType : byte
{
    Object,
    Array,
    Map,
    String,
    Integer,
    Number,
    Boolean,

    /// <summary>A number or a string, as ports and percentages are.</summary>
    IntOrString,

    /// <summary>A resource quantity: a string, or a number that is read as one.</summary>
    Quantity,

    /// <summary>An RFC 3339 instant.</summary>
    Time,

    /// <summary>Base64 text.</summary>
    Bytes,

    /// <summary>Whatever JSON there is: raw extensions and managed fields.</summary>
    Any,
}

/// <summary>How server-side apply and merging see a list (<c>x-kubernetes-list-type</c>).</summary>
public enum ListType : byte
{
    Atomic,
    Set,
    Map,
}

/// <summary>What is known of a value at one place in an object.</summary>
public sealed class SchemaNode
{
    private readonly Type? _model;
    private ObjectSchema? _object;

    internal SchemaNode(SchemaType type, string format = "", Type? model = null, SchemaNode? items = null)
    {
        Type = type;
        Format = format;
        _model = model;
        Items = items;
    }

    /// <summary>An object that a custom kind's schema describes.</summary>
    internal SchemaNode(ObjectSchema fields)
        : this(SchemaType.Object) => _object = fields;

    public SchemaType Type { get; }

    /// <summary>Of numbers: <c>int32</c>, <c>int64</c>, <c>double</c>.</summary>
    public string Format { get; }

    /// <summary>The fields of an <see cref="SchemaType.Object"/>, read from its model when first asked for; null for other types.</summary>
    public ObjectSchema? Object => _object ??= _model is null ? null : ObjectSchema.Of(_model);

    /// <summary>The values of an array or a map; null for other types.</summary>
    public SchemaNode? Items { get; }

    /// <summary>Null when upstream declares none, which merges as atomic.</summary>
    public ListType? ListType { get; internal init; }

    /// <summary>The fields that identify an item of a <see cref="Schema.ListType.Map"/>.</summary>
    public ImmutableArray<string> MapKeys { get; internal init; } = [];

    /// <summary>Of strategic merge patch: items are merged, not replaced.</summary>
    public bool PatchMerge { get; internal init; }

    /// <summary>Of strategic merge patch: a merged item keeps only the keys that the patch lists in <c>$retainKeys</c>.</summary>
    public bool PatchRetainKeys { get; internal init; }

    /// <summary>Of strategic merge patch: the field that identifies an item; null for lists of plain values.</summary>
    public string? PatchMergeKey { get; internal init; }

    /// <summary>Replaced as a whole by server-side apply (<c>x-kubernetes-map-type: atomic</c>).</summary>
    public bool Atomic { get; internal init; }

    /// <summary>Whatever is below is kept: the schema does not say what it is (<c>x-kubernetes-preserve-unknown-fields</c>).</summary>
    public bool PreservesUnknown { get; internal init; }

    /// <summary>The values that upstream's type enumerates; empty when it does not.</summary>
    public ImmutableArray<string> Enum { get; internal init; } = [];

    /// <summary>What an absent value stands for, where the schema says so; null where it does not.</summary>
    public JsonNode? Default { get; internal init; }

    /// <summary>
    /// Upstream's type has this field whether it is set or not: a struct that is no pointer, or a field without <c>omitempty</c>. Setting it adds nothing to
    /// a field manager's fields but what is in it.
    /// </summary>
    public bool AlwaysPresent { get; internal init; }

    /// <summary>The field below: a property of an object, or any key of a map. Null when there is none.</summary>
    public SchemaNode? Child(string property) => Type switch
    {
        SchemaType.Object => Object!.Properties.GetValueOrDefault(property),
        SchemaType.Map => Items,
        _ => null,
    };

    /// <summary>The type's name as Go's decoder says it: <c>int32</c>, <c>[]v1.Container</c>, <c>map[string]string</c>.</summary>
    public string GoName => Type switch
    {
        SchemaType.Object => "v1." + Object!.Name,
        SchemaType.Array => "[]" + Items!.GoName,
        SchemaType.Map => "map[string]" + Items!.GoName,
        SchemaType.Integer => Format,
        SchemaType.Number => "float64",
        SchemaType.Boolean => "bool",
        SchemaType.IntOrString => "intstr.IntOrString",
        SchemaType.Quantity => "resource.Quantity",
        SchemaType.Time => "v1.Time",
        SchemaType.Bytes => "[]uint8",
        SchemaType.Any => "runtime.RawExtension",
        _ => "string",
    };
}
