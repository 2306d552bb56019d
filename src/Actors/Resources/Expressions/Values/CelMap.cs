using System.Text.Json.Nodes;

namespace ActorOrchestrator.Actors.Resources.Expressions.Values;

/// <summary>A map or a message; values are read when asked for. Derive from it to bind a variable whose parts are computed on demand.</summary>
public abstract class CelMap
{
    public abstract int Count { get; }
    public abstract IEnumerable<object?> Keys { get; }
    public abstract bool TryGet(object? key, out object? value);

    /// <summary>For <c>has()</c>: whether there is such a key, without reading its value.</summary>
    public virtual bool Has(object? key) => TryGet(key, out _);

    /// <summary>The name that <c>type()</c> answers.</summary>
    internal virtual string TypeName => "map";
}

/// <summary>A map made during evaluation. Numbers of equal value are one key, whatever their types.</summary>
internal sealed class ValueMap : CelMap
{
    public static readonly ValueMap Empty = new([]);

    private readonly Dictionary<object, object?> _values;

    /// <param name="entries">Keys are bool, int, uint or string.</param>
    public ValueMap(IEnumerable<KeyValuePair<object, object?>> entries)
    {
        _values = [];
        foreach (var (key, value) in entries)
        {
            _values[Normal(key)!] = value;
        }
    }

    public override int Count => _values.Count;
    public override IEnumerable<object?> Keys => _values.Keys;

    public override bool TryGet(object? key, out object? value)
    {
        value = null;
        return Normal(key) is { } normal && _values.TryGetValue(normal, out value);
    }

    private static object? Normal(object? key) => key switch
    {
        ulong number and <= long.MaxValue => (long)number,
        double real when real == Math.Floor(real) && Math.Abs(real) < 9.2e18 => (long)real,
        _ => key,
    };
}

/// <summary>A message that an expression made: <c>Object.spec{replicas: 1}</c>.</summary>
internal sealed class MessageValue(string typeName, IReadOnlyDictionary<string, object?> fields) : CelMap
{
    internal override string TypeName => typeName;
    public IReadOnlyDictionary<string, object?> Fields => fields;
    public override int Count => fields.Count;
    public override IEnumerable<object?> Keys => fields.Keys;

    public override bool TryGet(object? key, out object? value)
    {
        value = null;
        return key is string name && fields.TryGetValue(name, out value);
    }
}

/// <summary>An object of an API object: declared fields by their escaped names, or a plain map.</summary>
internal sealed class JsonMap(JsonObject obj, ExpressionType type) : CelMap
{
    public override int Count => obj.Count;

    internal override string TypeName => type.Kind == ExpressionKind.Object ? type.Name : "map";

    internal JsonObject Object => obj;

    public override IEnumerable<object?> Keys => type.Kind == ExpressionKind.Object
        ? obj.Select(property => (object?)(IdentifierEscaping.Escape(property.Key) ?? property.Key))
        : obj.Select(property => (object?)property.Key);

    public override bool TryGet(object? key, out object? value)
    {
        value = null;
        if (Resolve(key) is not var (name, shape) || !obj.TryGetPropertyValue(name, out var node))
        {
            return false;
        }

        value = JsonValues.Wrap(node, shape);
        return true;
    }

    public override bool Has(object? key) => Resolve(key) is var (name, _) && obj.ContainsKey(name);

    private (string Name, ExpressionType Shape)? Resolve(object? key)
    {
        if (key is not string name)
        {
            return null;
        }

        if (type.Kind != ExpressionKind.Object)
        {
            return (name, type.Kind == ExpressionKind.Map ? type.Parameters[1] : ExpressionType.Dyn);
        }

        return type.Fields.TryGetValue(name, out var field) ? (field.JsonName, field.Type) : null;
    }
}
