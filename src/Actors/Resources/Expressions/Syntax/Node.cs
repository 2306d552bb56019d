using System.Collections.Immutable;
using ActorOrchestrator.Actors.Resources.Expressions.Functions;

namespace ActorOrchestrator.Actors.Resources.Expressions.Syntax;

/// <summary>A part of an expression. The checker fills in what it found out; after that it does not change.</summary>
/// <param name="position">Where messages point.</param>
/// <param name="below">The depth of the deepest part.</param>
internal abstract class Node(int position, int below = 0)
{
    public int Position { get; } = position;

    /// <summary>Levels of this part of the tree. What walks it recursively relies on the parser's bound.</summary>
    public int Depth { get; } = below + 1;

    public ExpressionType Type { get; set; } = ExpressionType.Dyn;

    protected static int Deepest(params ReadOnlySpan<Node?> parts)
    {
        var depth = 0;
        foreach (var part in parts)
        {
            depth = Math.Max(depth, part?.Depth ?? 0);
        }

        return depth;
    }
}

internal sealed class LiteralNode(int position, object? value) : Node(position)
{
    public object? Value { get; } = value;
}

internal sealed class IdentifierNode(int position, string name) : Node(position)
{
    public string Name { get; } = name;

    /// <summary>The value of a name that means a type (<c>int</c>, <c>google.protobuf.Duration</c>); null for a variable.</summary>
    public object? Constant { get; set; }
}

/// <summary><c>a.b</c>, <c>a.?b</c> or, as a test, <c>has(a.b)</c>.</summary>
internal sealed class SelectNode(int position, Node operand, string field, bool optional = false, bool test = false) : Node(position, operand.Depth)
{
    public Node Operand { get; } = operand;
    public string Field { get; } = field;
    public bool Optional { get; } = optional;
    public bool Test { get; } = test;

    /// <summary>The whole dotted path when it is the name of something rather than a selection.</summary>
    public IdentifierNode? Qualified { get; set; }
}

/// <summary>A function, an operator (<c>_+_</c>, <c>_[_]</c>) or a method, whose target then is the first argument.</summary>
internal sealed class CallNode(int position, string function, ImmutableArray<Node> arguments, bool member) : Node(position, Deepest(arguments.AsSpan()))
{
    public string Function { get; } = function;
    public ImmutableArray<Node> Arguments { get; } = arguments;

    /// <summary>The first argument stands before the dot.</summary>
    public bool Member { get; } = member;

    /// <summary>The overloads that fit as far as the types are known; the values decide among them.</summary>
    public ImmutableArray<Overload> Overloads { get; set; } = [];

    /// <summary>The arguments without what turned out to be the function's own qualifier: <c>sets.contains(a, b)</c> has two.</summary>
    public ImmutableArray<Node> Operands { get; set; } = arguments;
}

/// <summary><c>a &amp;&amp; b &amp;&amp; c</c>; flat, so that a long chain is not deep.</summary>
internal sealed class LogicNode(int position, bool isAnd, ImmutableArray<Node> terms) : Node(position, Deepest(terms.AsSpan()))
{
    public bool IsAnd { get; } = isAnd;
    public ImmutableArray<Node> Terms { get; } = terms;
}

internal sealed class ConditionalNode(int position, Node condition, Node whenTrue, Node whenFalse) : Node(position, Deepest(condition, whenTrue, whenFalse))
{
    public Node Condition { get; } = condition;
    public Node WhenTrue { get; } = whenTrue;
    public Node WhenFalse { get; } = whenFalse;
}

internal sealed class ListNode(int position, ImmutableArray<(Node Value, bool Optional)> items)
    : Node(position, items.IsEmpty ? 0 : items.Max(item => item.Value.Depth))
{
    public ImmutableArray<(Node Value, bool Optional)> Items { get; } = items;
}

internal sealed class MapNode(int position, ImmutableArray<(Node Key, Node Value, bool Optional)> entries)
    : Node(position, entries.IsEmpty ? 0 : entries.Max(entry => Math.Max(entry.Key.Depth, entry.Value.Depth)))
{
    public ImmutableArray<(Node Key, Node Value, bool Optional)> Entries { get; } = entries;
}

/// <summary><c>Object.spec{replicas: 1}</c>: a message of a named type.</summary>
/// <param name="position">Of the opening brace.</param>
/// <param name="name">The type.</param>
/// <param name="fields">What is set, each with the place that messages point to.</param>
internal sealed class MessageNode(int position, string name, ImmutableArray<(int Position, string Name, Node Value, bool Optional)> fields)
    : Node(position, fields.IsEmpty ? 0 : fields.Max(field => field.Value.Depth))
{
    public string Name { get; } = name;
    public ImmutableArray<(int Position, string Name, Node Value, bool Optional)> Fields { get; } = fields;
}

internal enum Macro : byte
{
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
    TransformList,
    TransformMap,
    TransformMapEntry,
    SortBy,
}

/// <summary>A comprehension: <c>range.macro(first[, second][, filter], body)</c>.</summary>
internal sealed class IterationNode(int position, Macro macro, Node range, string first, string? second, Node? filter, Node body)
    : Node(position, Deepest(range, filter, body))
{
    public Macro Macro { get; } = macro;
    public Node Range { get; } = range;
    public string First { get; } = first;

    /// <summary>The value in a comprehension of two variables, whose first is the index or the key.</summary>
    public string? Second { get; } = second;

    public Node? Filter { get; } = filter;
    public Node Body { get; } = body;
}

/// <summary><c>optional.optMap(variable, body)</c> and <c>optFlatMap</c>.</summary>
internal sealed class OptionalMapNode(int position, Node target, string variable, Node body, bool flat) : Node(position, Deepest(target, body))
{
    public Node Target { get; } = target;
    public string Variable { get; } = variable;
    public Node Body { get; } = body;
    public bool Flat { get; } = flat;
}
