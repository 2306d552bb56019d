namespace ActorOrchestrator.Contracts.Schema;

/// <summary>The place of a value in an object, written as upstream's <c>field.Path</c>: <c>spec.containers[0].env[KEY]</c>. Built cheaply, spelled only when it is told.</summary>
public sealed class FieldPath
{
    private readonly FieldPath? _parent;
    private readonly string? _name;
    private readonly int _index;
    private readonly bool _isKey;

    internal FieldPath(FieldPath? parent, string name, bool isKey = false)
    {
        _parent = parent;
        _name = name;
        _isKey = isKey;
    }

    private FieldPath(FieldPath parent, int index)
    {
        _parent = parent;
        _index = index;
    }

    public static FieldPath Root { get; } = new(null, "");

    /// <summary>The object as a whole, as upstream spells a path without a name.</summary>
    public static FieldPath Unnamed { get; } = Of("[]");

    public static FieldPath Of(params ReadOnlySpan<string> names)
    {
        var path = Root;
        foreach (var name in names)
        {
            path = path.Field(name);
        }

        return path;
    }

    public FieldPath Field(string name) => new(this, name);

    public FieldPath Index(int index) => new(this, index);

    public FieldPath Key(string key) => new(this, key, isKey: true);

    public override string ToString()
    {
        if (_parent is null)
        {
            return _name ?? "";
        }

        var parent = _parent.ToString();
        return _name is null ? $"{parent}[{_index}]"
            : _isKey ? $"{parent}[{_name}]"
            : parent.Length == 0 ? _name
            : $"{parent}.{_name}";
    }
}
