using System.Collections;
using System.Text.Json.Nodes;

namespace ActorOrchestrator.Actors.Resources.Expressions.Values;

/// <summary>A list; items are read when asked for.</summary>
public abstract class CelList : IEnumerable<object?>
{
    public abstract int Count { get; }
    public abstract object? this[int index] { get; }

    /// <summary>How <c>==</c> and <c>+</c> treat it.</summary>
    internal virtual ExpressionType? Declared => null;

    public IEnumerator<object?> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>A list made during evaluation.</summary>
internal sealed class ValueList(IReadOnlyList<object?> items, ExpressionType? declared = null) : CelList
{
    public static readonly ValueList Empty = new([]);

    public override int Count => items.Count;
    public override object? this[int index] => items[index];
    internal override ExpressionType? Declared => declared;
}

/// <summary>An array of an object.</summary>
internal sealed class JsonList(JsonArray array, ExpressionType type) : CelList
{
    private readonly ExpressionType _item = type.Kind == ExpressionKind.List ? type.Parameters[0] : ExpressionType.Dyn;

    public override int Count => array.Count;
    public override object? this[int index] => JsonValues.Wrap(array[index], _item);
    internal override ExpressionType? Declared => type.ListSemantics == ListSemantics.Atomic ? null : type;
    internal JsonArray Array => array;
}
