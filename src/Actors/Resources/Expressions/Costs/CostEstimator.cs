using ActorOrchestrator.Actors.Resources.Expressions.Syntax;
using ActorOrchestrator.Actors.Resources.Expressions.Values;

namespace ActorOrchestrator.Actors.Resources.Expressions.Costs;

/// <summary>
/// The most that an expression may cost, before there is a value, as cel-go's checker and Kubernetes' estimator count it: what a schema bounds is at its bound,
/// what nothing bounds is endless. Sizes are looked up by the path of a value from <c>self</c>.
/// </summary>
/// <param name="self">The type that bounds values; null when nothing does.</param>
internal sealed class CostEstimator(ExpressionType? self)
{
    private const ulong ListBase = 10;
    private const ulong MapBase = 30;
    private const ulong MessageBase = 40;

    private readonly Dictionary<Node, SizeRange> _sizes = [];
    private readonly Dictionary<Node, SizeRange> _items = [];
    private readonly Dictionary<Node, string[]> _paths = [];
    private readonly List<Local> _scope = [];

    private sealed record Local(string Name, string[] Path, SizeRange? Size);

    public static ulong Most(ExpressionProgram program, ExpressionType? self) => new CostEstimator(self).Cost(program.Root);

    /// <summary>The cost of an expression with that of its parts.</summary>
    private ulong Cost(Node node) => node switch
    {
        LiteralNode => 0,
        IdentifierNode identifier => Identifier(identifier),
        SelectNode select => Select(select),
        CallNode call => Call(call),
        LogicNode logic => logic.Terms.Aggregate(0UL, (sum, term) => SizeRange.Add(sum, Cost(term))),
        ConditionalNode conditional => Conditional(conditional),
        ListNode list => List(list),
        MapNode map => map.Entries.Aggregate(MapBase, (sum, entry) => SizeRange.Add(sum, SizeRange.Add(Cost(entry.Key), Cost(entry.Value)))),
        MessageNode message => message.Fields.Aggregate(MessageBase, (sum, field) => SizeRange.Add(sum, Cost(field.Value))),
        IterationNode iteration => Iterate(iteration),
        OptionalMapNode optional => OptionalMap(optional),
        _ => 0,
    };

    private ulong Identifier(IdentifierNode node)
    {
        _paths[node] = Find(node.Name)?.Path ?? [node.Name];
        return 1;
    }

    private Local? Find(string name) => _scope.FindLast(local => local.Name == name);

    private ulong Select(SelectNode node)
    {
        if (node.Qualified is { } whole)
        {
            _paths[node] = [whole.Name];
            return 1;
        }

        var cost = Cost(node.Operand);
        if (node.Test)
        {
            return cost;
        }

        if (node.Optional)
        {
            return SizeRange.Add(cost, 1);
        }

        _paths[node] = [.. PathOf(node.Operand), node.Field];
        return SizeRange.Add(cost, node.Operand.Type.Kind is ExpressionKind.Map or ExpressionKind.Object or ExpressionKind.Parameter ? 1UL : 0);
    }

    private ulong Conditional(ConditionalNode node)
    {
        var cost = SizeRange.Add(Cost(node.Condition), Math.Max(Cost(node.WhenTrue), Cost(node.WhenFalse)));
        _sizes[node] = SizeOf(node.WhenTrue).Or(SizeOf(node.WhenFalse));
        if (ItemsOf(node.WhenTrue) is { } left && ItemsOf(node.WhenFalse) is { } right)
        {
            _items[node] = left.Or(right);
        }

        return cost;
    }

    private ulong List(ListNode node)
    {
        var (cost, item) = (ListBase, node.Items.IsEmpty ? SizeRange.Exactly(0) : new SizeRange(ulong.MaxValue, 0));
        foreach (var (value, _) in node.Items)
        {
            cost = SizeRange.Add(cost, Cost(value));
            item = item.Or(SizeOf(value));
        }

        _items[node] = item;
        return cost;
    }

    private ulong Call(CallNode node)
    {
        var sum = node.Operands.Aggregate(0UL, (sum, operand) => SizeRange.Add(sum, Cost(operand)));
        if (node.Overloads.IsEmpty)
        {
            return sum;
        }

        if (node is { Function: "dyn", Operands: [var inner] })
        {
            _sizes[node] = SizeOf(inner);
            return SizeRange.Add(sum, 1);
        }

        ulong most = 0;
        SizeRange? size = null;
        foreach (var overload in node.Overloads)
        {
            var (cost, result) = CallCosts.Of(overload, node, SizeOf, ItemSizeOf);
            most = Math.Max(most, cost);
            size = result is { } made ? (size is { } known ? known.Or(made) : made) : size;
        }

        Follow(node);
        if (size is { } found)
        {
            _sizes[node] = found;
        }

        return SizeRange.Add(sum, most);
    }

    /// <summary>An item is at a place of its own; what two lists become has items of both.</summary>
    private void Follow(CallNode node)
    {
        if (node.Function == "_[_]" && node.Operands[0].Type.Kind is ExpressionKind.List or ExpressionKind.Map)
        {
            _paths[node] = [.. PathOf(node.Operands[0]), node.Operands[0].Type.Kind == ExpressionKind.List ? "@items" : "@values"];
            if (ItemsOf(node.Operands[0]) is { } items)
            {
                _sizes[node] = items;
            }
        }
        else if (node.Function == "_+_" && ItemsOf(node.Operands[0]) is { } left && ItemsOf(node.Operands[1]) is { } right)
        {
            _items[node] = left.Or(right);
        }
    }

    private ulong Iterate(IterationNode node)
    {
        var range = Cost(node.Range);
        var count = SizeOf(node.Range);
        var depth = _scope.Count;
        var isList = _items.ContainsKey(node.Range) || node.Range.Type.Kind == ExpressionKind.List;
        var path = PathOf(node.Range);
        if (node.Second is null)
        {
            _scope.Add(new Local(node.First, [.. path, isList ? "@items" : "@keys"], isList ? ItemsOf(node.Range) : null));
        }
        else
        {
            _scope.Add(new Local(node.First, [.. path, isList ? "@indices" : "@keys"], isList && ItemsOf(node.Range) is not null ? SizeRange.One : null));
            _scope.Add(new Local(node.Second, [.. path, isList ? "@items" : "@values"], ItemsOf(node.Range)));
        }

        var filter = node.Filter is null ? 0 : Cost(node.Filter);
        var body = Cost(node.Body);
        var (start, step) = node.Macro switch
        {
            Macro.All => (1UL, 3UL),
            Macro.Exists => (1UL, 4UL),
            Macro.ExistsOne => (2UL, 2UL),
            Macro.Filter => (ListBase + 1, 13UL),
            Macro.TransformMap => (MapBase + 1, 3UL),
            Macro.TransformMapEntry => (MapBase + 1, 2UL),
            _ => (ListBase + 1, 12UL),
        };
        if (node.Macro is Macro.Filter or Macro.Map or Macro.TransformList)
        {
            _items[node] = new SizeRange(0, (node.Macro == Macro.Filter ? SizeOf(node.First) : SizeOf(node.Body)).Max);
        }

        _sizes[node] = node.Macro is Macro.All or Macro.Exists or Macro.ExistsOne ? SizeRange.One : count;
        _scope.RemoveRange(depth, _scope.Count - depth);
        return SizeRange.Add(SizeRange.Add(range, start), SizeRange.Multiply(count.Max, SizeRange.Add(SizeRange.Add(step, filter), body)));
    }

    /// <summary><c>x.hasValue() ? optional.of(cel.bind(v, x.value(), f)) : optional.none()</c>, which asks for the optional twice.</summary>
    private ulong OptionalMap(OptionalMapNode node)
    {
        var target = Cost(node.Target);
        _scope.Add(new Local(node.Variable, [], null));
        var body = Cost(node.Body);
        _scope.RemoveAt(_scope.Count - 1);
        return SizeRange.Add(SizeRange.Add(SizeRange.Multiply(target, 2), body), node.Flat ? 12UL : 13UL);
    }

    private string[] PathOf(Node node) => _paths.GetValueOrDefault(node, []);

    private SizeRange? ItemsOf(Node node) => _items.TryGetValue(node, out var items) ? items : null;

    private SizeRange SizeOf(string variable) => Find(variable) is { } local ? Bounded(local.Path) ?? local.Size ?? SizeRange.Unknown : SizeRange.Unknown;

    private SizeRange SizeOf(Node node)
    {
        if (_sizes.TryGetValue(node, out var known))
        {
            return known;
        }

        return node switch
        {
            LiteralNode { Value: string text } => SizeRange.Exactly((ulong)Values.Values.CodePoints(text)),
            LiteralNode { Value: ByteString bytes } => SizeRange.Exactly((ulong)bytes.Bytes.Length),
            LiteralNode => SizeRange.One,
            ListNode list => SizeRange.Exactly((ulong)list.Items.Length),
            MapNode map => SizeRange.Exactly((ulong)map.Entries.Length),
            _ => Bounded(PathOf(node))
                ?? (IsScalar(node.Type) ? SizeRange.One : (node is IdentifierNode identifier ? Find(identifier.Name)?.Size : null) ?? SizeRange.Unknown),
        };
    }

    /// <summary>Of the items of a list, for functions that look at each.</summary>
    private SizeRange ItemSizeOf(Node list) => Bounded([.. PathOf(list), "@items"]) ?? SizeRange.Unknown;

    private static bool IsScalar(ExpressionType type) => type.Kind switch
    {
        ExpressionKind.Bool or ExpressionKind.Double or ExpressionKind.Duration or ExpressionKind.Int or ExpressionKind.Timestamp or ExpressionKind.Uint => true,
        ExpressionKind.Optional => IsScalar(type.Parameters[0]),
        _ => false,
    };

    /// <summary>What the schema says of the value at a path, whose first step is the variable; null when it says nothing.</summary>
    private SizeRange? Bounded(string[] path)
    {
        if (path.Length == 0 || self is not { } at)
        {
            return null;
        }

        foreach (var step in path.AsSpan(1))
        {
            switch (step)
            {
                case "@items" or "@values" when at.Kind is ExpressionKind.List or ExpressionKind.Map:
                    at = at.Parameters[^1];
                    break;
                case "@keys" when at.Kind is ExpressionKind.Map or ExpressionKind.List:
                    at = ExpressionType.Bool;
                    break;
                case var field when at.Kind == ExpressionKind.Object && at.Fields.TryGetValue(field, out var found):
                    at = found.Type;
                    break;
                default:
                    return null;
            }
        }

        return new SizeRange(0, (ulong)Math.Max(at.MaxElements ?? 0, 0));
    }
}
