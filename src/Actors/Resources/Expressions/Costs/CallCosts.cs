using ActorOrchestrator.Actors.Resources.Expressions.Functions;
using ActorOrchestrator.Actors.Resources.Expressions.Syntax;

namespace ActorOrchestrator.Actors.Resources.Expressions.Costs;

/// <summary>What a call itself costs at the most, and how large what it answers is.</summary>
internal static class CallCosts
{
    private const double Traversal = Effort.PerCharacter;
    private const double Pattern = Effort.PerPatternCharacter;

    /// <summary>The longest pattern behind a named format.</summary>
    private const double LongestFormat = 128;

    /// <param name="overload">One that fits.</param>
    /// <param name="node">The call.</param>
    /// <param name="sizeOf">The size of an operand.</param>
    /// <param name="itemSizeOf">The size of the items of an operand.</param>
    public static (ulong Cost, SizeRange? Size) Of(Overload overload, CallNode node, Func<Node, SizeRange> sizeOf, Func<Node, SizeRange> itemSizeOf)
    {
        var operands = node.Operands;
        SizeRange At(int place) => place < operands.Length ? sizeOf(operands[place]) : SizeRange.Unknown;
        switch (overload.Function)
        {
            case "check":
                return (350_000, null);
            case "fieldSelector" or "labelSelector":
                return (SizeRange.Add(10, SizeRange.Scale(At(1).Max, Traversal + (0.5 * 50))), null);
            case "isSorted" or "sum" or "max" or "min" or "indexOf" or "lastIndexOf" or "includes":
                return (OfItems(overload, operands, At(0), itemSizeOf), null);
            case "url" or "jsonpatch.escapeKey" or "lowerAscii" or "upperAscii" or "substring" or "trim":
                return (At(0).Cost(Traversal), At(0));
            case "replace":
                return (At(0).Cost(2 * Traversal), Replaced(At(0), At(1), At(2)));
            case "split":
                var most = operands.Length > 2 && operands[2] is LiteralNode { Value: long parts and >= 0 } ? (ulong)parts : At(0).Max;
                return (At(0).Cost(2 * Traversal), new SizeRange(0, most));
            case "join":
                var joined = Joined(At(0), itemSizeOf(operands[0]), operands.Length > 1 ? At(1) : null);
                return (joined.Cost(Traversal), joined);
            case "find" or "findAll":
                return (Searched(At(0), At(1)), new SizeRange(0, At(0).Max));
            case "matches":
                return (Searched(At(0), At(1)), null);
            case "contains" when overload.Parameters[0].Kind == ExpressionKind.String:
                return (SizeRange.Multiply(At(0).Cost(Traversal), At(1).Cost(Traversal)), null);
            case "startsWith" or "endsWith":
                return (At(1).Cost(Traversal), null);
            case "ip" when overload.Parameters[0].Kind == ExpressionKind.Opaque:
                return (1, null);
            case "cidr" or "isIP" or "isCIDR" or "ip" or "quantity" or "isQuantity" or "semver" or "isSemver":
                return (At(0).Cost(Traversal), null);
            case "ip.isCanonical":
                return (At(0).Cost(2 * Traversal), null);
            case "containsIP" or "containsCIDR":
                var compared = overload.Function == "containsIP" ? 4UL : 7UL;
                return (overload.Parameters[1].Kind == ExpressionKind.String ? SizeRange.Add(compared, At(1).Cost(Traversal)) : compared, null);
            case "validate":
                return (SizeRange.Scale(At(1).Cost(Traversal), LongestFormat * Pattern), null);
            case "sets.contains" or "sets.intersects":
                return (SizeRange.Add(1, At(0).Times(At(1)).Max), SizeRange.One);
            case "sets.equivalent":
                return (SizeRange.Add(1, At(0).Times(At(1)).Cost(2)), SizeRange.One);
            case "format":
                return (At(0).Cost(Traversal), null);
            case "@in" when overload.Parameters[1].Kind == ExpressionKind.List:
                return (At(1).Max, null);
            case "_+_" when overload.Parameters[0].Kind is ExpressionKind.String or ExpressionKind.Bytes:
                return (At(0).Plus(At(1)).Cost(Traversal), At(0).Plus(At(1)));
            case "_+_" when overload.Parameters[0].Kind == ExpressionKind.List:
                return (1, At(0).Plus(At(1)));
            case "bytes" when overload.Parameters[0].Kind == ExpressionKind.String:
                return (At(0).Cost(Traversal), new SizeRange(At(0).Min, SizeRange.Multiply(At(0).Max, 4)));
            case "string" when overload.Parameters[0].Kind == ExpressionKind.Bytes:
                return (At(0).Cost(Traversal), new SizeRange(At(0).Min / 4, At(0).Max));
            case "_==_" when operands[0].Type.Kind == ExpressionKind.Opaque && operands[1].Type.Kind == ExpressionKind.Opaque:
                return (1, null);
            case "_==_" or "_!=_":
            case "_<_" or "_<=_" or "_>_" or "_>=_" when overload.Parameters[0].Kind is ExpressionKind.String or ExpressionKind.Bytes:
                return (SizeRange.Scale(Math.Min(At(0).Max, At(1).Max), Traversal), null);
            default:
                return (1, null);
        }
    }

    private static ulong OfItems(Overload overload, System.Collections.Immutable.ImmutableArray<Node> operands, SizeRange list, Func<Node, SizeRange> itemSizeOf)
    {
        if (operands[0].Type.Kind != ExpressionKind.List)
        {
            // Of a string: the place of one text in another.
            return overload.Function == "includes" ? list.Max : list.Cost(Traversal);
        }

        var each = operands[0].Type.Parameters[0].Kind is ExpressionKind.String or ExpressionKind.Bytes ? SizeRange.Add(1, itemSizeOf(operands[0]).Cost(Traversal)) : 1;
        return SizeRange.Multiply(list.Max, each);
    }

    private static ulong Searched(SizeRange text, SizeRange pattern) => SizeRange.Multiply(text.Plus(SizeRange.One).Cost(Traversal), pattern.Cost(Pattern));

    private static SizeRange Replaced(SizeRange text, SizeRange what, SizeRange with)
    {
        ulong count = 0, kept = 0;
        if (what.Min == 0)
        {
            (count, kept) = (SizeRange.Add(text.Max, 1), text.Max);
        }
        else if (with.Max <= what.Min)
        {
            kept = text.Max;
        }
        else
        {
            count = SizeRange.Scale(text.Max, 1.0 / what.Min);
        }

        ulong fewest = 0, least = 0;
        if (what.Max == 0)
        {
            (fewest, least) = (SizeRange.Add(text.Min, 1), text.Min);
        }
        else if (what.Max <= with.Min)
        {
            least = text.Min;
        }
        else
        {
            fewest = SizeRange.Scale(text.Min, 1.0 / what.Max);
        }

        return new SizeRange(fewest, count).Times(with).Plus(new SizeRange(least, kept));
    }

    private static SizeRange Joined(SizeRange list, SizeRange item, SizeRange? separator)
    {
        var size = list.Times(item);
        return separator is { } between
            ? size.Plus(between.Times(new SizeRange(list.Min > 0 ? list.Min - 1 : 0, list.Max > 0 ? list.Max - 1 : 0)))
            : size;
    }
}
