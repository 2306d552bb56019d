using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace ActorOrchestrator.Contracts.Schema.Fields;

/// <summary>How a value is merged and owned.</summary>
internal enum Structure : byte
{
    /// <summary>A plain value: owned as a whole.</summary>
    Scalar,

    /// <summary>A list or a map that is owned and replaced as a whole.</summary>
    Atomic,

    /// <summary>An object or a map whose fields are owned one by one.</summary>
    Map,

    /// <summary>A list whose items are told apart by a key or by their value.</summary>
    List,
}

/// <summary>
/// A schema at one place of an object, as structured-merge-diff sees it. What the schema leaves open is deduced from the value: objects merge, lists are
/// atomic, and so is everything in them.
/// </summary>
internal readonly struct TypeShape
{
    private readonly ObjectSchema? _object;
    private readonly SchemaNode? _node;
    private readonly Kind _kind;

    private TypeShape(Kind kind, ObjectSchema? schema, SchemaNode? node)
    {
        _kind = kind;
        _object = schema;
        _node = node;
    }

    private enum Kind : byte
    {
        /// <summary>Nothing is declared and nothing may be there.</summary>
        Undeclared,
        Declared,
        Deduced,
        Opaque,
    }

    public bool IsDeclared => _kind != Kind.Undeclared;

    /// <summary>An absent value is upstream's zero value.</summary>
    public bool AlwaysPresent => _node is { AlwaysPresent: true };

    public SchemaNode? Node => _node;

    public static TypeShape Of(ObjectSchema schema) => new(Kind.Declared, schema, null);

    /// <summary>The whole type is deduced, as for custom resources without a schema.</summary>
    public static TypeShape Deduced { get; } = new(Kind.Deduced, null, null);

    /// <summary>What the value is, given that it may be anything where the schema leaves it open.</summary>
    public Structure StructureOf(JsonNode? value)
    {
        if (_kind == Kind.Declared)
        {
            return DeclaredStructure();
        }

        var plain = value is JsonValue;
        return plain ? Structure.Scalar : _kind == Kind.Deduced && value is not JsonArray ? Structure.Map : Structure.Atomic;
    }

    /// <summary>Whether values of several types fit here, so that a value may change its type.</summary>
    public bool IsOpen => _kind is Kind.Deduced or Kind.Opaque;

    /// <summary>The field of an object or a map by its name. Undeclared when the schema does not have it.</summary>
    public TypeShape Field(string name)
    {
        switch (_kind)
        {
            case Kind.Deduced:
                return Deduced;
            case Kind.Opaque:
                return new TypeShape(Kind.Opaque, null, null);
            case Kind.Undeclared:
                return default;
        }

        if (_node is { Type: SchemaType.Map })
        {
            return Of(_node.Items!);
        }

        var schema = _object ?? _node!.Object;
        if (schema is not null && schema.Properties.TryGetValue(name, out var field))
        {
            return Of(field);
        }

        return schema is { PreservesUnknown: true } || _node is { PreservesUnknown: true } ? Deduced : default;
    }

    /// <summary>Whether the field is a named one of a structure rather than a key of a map.</summary>
    public bool Names(string field) =>
        _kind == Kind.Declared && (_object ?? (_node!.Type == SchemaType.Object ? _node.Object : null)) is { } schema && schema.Properties.ContainsKey(field);

    public TypeShape Items => _kind switch
    {
        Kind.Declared => Of(_node!.Items!),
        Kind.Undeclared => default,
        _ => new TypeShape(Kind.Opaque, null, null),
    };

    /// <summary>What identifies an item of a list that is no atomic one. Null, with the reason, when the item has nothing that could.</summary>
    public PathElement? ElementOf(JsonNode? item, out string? problem)
    {
        problem = null;
        if (_node!.ListType == ListType.Map)
        {
            return KeyOf(item, out problem);
        }

        problem = item switch
        {
            null => "associative list without keys has an element that's an explicit null",
            JsonObject => "associative list without keys has an element that's a map type",
            JsonArray => "not supported: associative list with lists as elements",
            _ => null,
        };
        return problem is null ? PathElement.Value(FieldScalar.Of(item)) : null;
    }

    /// <summary>Whether two items of a list that is no atomic one are identified alike.</summary>
    public bool SameElement(JsonNode? left, JsonNode? right)
    {
        if (_node!.ListType != ListType.Map || left is not JsonObject mine || right is not JsonObject theirs)
        {
            return JsonNode.DeepEquals(left, right);
        }

        foreach (var name in _node.MapKeys)
        {
            mine.TryGetPropertyValue(name, out var key);
            theirs.TryGetPropertyValue(name, out var other);
            if (!JsonNode.DeepEquals(key, other))
            {
                return false;
            }
        }

        return true;
    }

    private static TypeShape Of(SchemaNode node) => node.Type == SchemaType.Any
        ? new TypeShape(node.PreservesUnknown ? Kind.Deduced : Kind.Opaque, null, node)
        : new TypeShape(Kind.Declared, null, node);

    private Structure DeclaredStructure()
    {
        if (_node is null)
        {
            return _object!.Atomic ? Structure.Atomic : Structure.Map;
        }

        return _node.Type switch
        {
            SchemaType.Array => _node.ListType is ListType.Map or ListType.Set ? Structure.List : Structure.Atomic,
            SchemaType.Map => _node.Atomic ? Structure.Atomic : Structure.Map,
            SchemaType.Object => _node.Atomic || _node.Object is { Atomic: true } ? Structure.Atomic : Structure.Map,
            _ => Structure.Scalar,
        };
    }

    private PathElement? KeyOf(JsonNode? item, out string? problem)
    {
        if (item is not JsonObject obj)
        {
            problem = item is null ? "associative list with keys may not have a null element" : "associative list with keys may not have non-map elements";
            return null;
        }

        problem = null;
        var key = ImmutableArray.CreateBuilder<KeyField>(_node!.MapKeys.Length);
        foreach (var name in _node.MapKeys)
        {
            if (obj.TryGetPropertyValue(name, out var value))
            {
                key.Add(new KeyField(name, FieldScalar.Of(value)));
            }
            else if (KeyDefault(name) is { } absent)
            {
                key.Add(new KeyField(name, absent));
            }
        }

        if (key.Count == 0)
        {
            problem = $"associative list with keys has an element that omits all key fields [{string.Join(" ", _node.MapKeys.Select(name => $"\"{name}\""))}] (and doesn't have default values for any key fields)";
            return null;
        }

        if (key.Count > 1)
        {
            key.Sort(static (left, right) => string.CompareOrdinal(left.Name, right.Name));
        }

        return PathElement.Key(key.DrainToImmutable());
    }

    /// <summary>The default that the schema gives a key. Of built-in kinds only ports have one: upstream's types say <c>+default="TCP"</c>.</summary>
    private FieldScalar? KeyDefault(string name)
    {
        var field = _node!.Items!.Child(name);
        return field?.Default is { } declared ? FieldScalar.Of(declared)
            : name == "protocol" && field is { Type: SchemaType.String } && field.Enum.Contains("TCP") ? FieldScalar.Of("TCP")
            : null;
    }
}
