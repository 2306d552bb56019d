using ActorOrchestrator.Actors.Resources.Expressions.Values;

namespace ActorOrchestrator.Actors.Resources.Expressions.Functions;

/// <summary>Kubernetes' list functions, the <c>lists</c> and the <c>sets</c> extension.</summary>
internal static class ListFunctions
{
    private const int LargestRange = 100_000;
    private static readonly string[] Comparable = ["int", "uint", "double", "bool", "string", "bytes", "timestamp", "duration"];

    public static void AddTo(FunctionTable table)
    {
        foreach (var type in Comparable)
        {
            table.Add($"list({type})::isSorted() -> bool", a => IsSorted((CelList)a[0]!), Effort.Items);
            table.Add($"list({type})::min() -> {type}", a => Extreme((CelList)a[0]!, "min", -1), Effort.Items);
            table.Add($"list({type})::max() -> {type}", a => Extreme((CelList)a[0]!, "max", 1), Effort.Items);
            table.Add($"list({type})::sort() -> list({type})", a => Sort((CelList)a[0]!, (CelList)a[0]!), Effort.Items);
        }

        table.Add("list(int)::sum() -> int", a => Sum((CelList)a[0]!, 0L), Effort.Items);
        table.Add("list(uint)::sum() -> uint", a => Sum((CelList)a[0]!, 0UL), Effort.Items);
        table.Add("list(double)::sum() -> double", a => Sum((CelList)a[0]!, 0.0), Effort.Items);
        table.Add("list(duration)::sum() -> duration", a => Sum((CelList)a[0]!, TimeSpan.Zero), Effort.Items);
        table.Add("list(A)::indexOf(A) -> int", a => IndexOf((CelList)a[0]!, a[1], last: false), Effort.Items);
        table.Add("list(A)::lastIndexOf(A) -> int", a => IndexOf((CelList)a[0]!, a[1], last: true), Effort.Items);
        table.Add("list(A)::includes(A) -> bool", a => Operators.Contains((CelList)a[0]!, a[1]), Effort.Items);
        table.Add("list(A)::slice(int, int) -> list(A)", a => Slice((CelList)a[0]!, (long)a[1]!, (long)a[2]!), Effort.Items);
        table.Add("list(dyn)::flatten() -> list(dyn)", a => Flatten((CelList)a[0]!, 1), Effort.Items);
        table.Add("list(dyn)::flatten(int) -> list(dyn)", a => Flatten((CelList)a[0]!, (long)a[1]!), Effort.Items);
        table.Add("lists.range(int) -> list(int)", a => Range((long)a[0]!), (_, result) => Effort.OfSize(result));
        table.Add("list(A)::reverse() -> list(A)", a => new ValueList([.. ((CelList)a[0]!).Reverse()]), Effort.Items);
        table.Add("list(A)::distinct() -> list(A)", a => Distinct((CelList)a[0]!), (a, _) => Effort.OfSize(a[0]) * Effort.OfSize(a[0]));
        table.Add("sets.contains(list(A), list(A)) -> bool", a => Covers((CelList)a[0]!, (CelList)a[1]!), Effort.Product);
        table.Add("sets.equivalent(list(A), list(A)) -> bool", a => Covers((CelList)a[0]!, (CelList)a[1]!) && Covers((CelList)a[1]!, (CelList)a[0]!), Effort.Product);
        table.Add("sets.intersects(list(A), list(A)) -> bool", a => ((CelList)a[1]!).Any(item => Operators.Contains((CelList)a[0]!, item)), Effort.Product);
    }

    /// <summary>The items in the order of their keys, stable.</summary>
    public static object Sort(CelList items, CelList keys)
    {
        for (var i = 1; i < keys.Count; i++)
        {
            if (Values.Values.TypeOf(keys[i]) != Values.Values.TypeOf(keys[0]))
            {
                return new Failure("list elements must have the same type");
            }
        }

        if (keys.Any(key => Equality.Compare(key, key) is null))
        {
            return new Failure("list elements must be comparable");
        }

        return new ValueList([.. items.Zip(keys).OrderBy(pair => pair.Second, Comparer<object?>.Create((x, y) => Equality.Compare(x, y) ?? 0)).Select(pair => pair.First)]);
    }

    private static object IsSorted(CelList list)
    {
        for (var i = 1; i < list.Count; i++)
        {
            if (Equality.Compare(list[i - 1], list[i]) is not { } order)
            {
                return Failure.NoSuchOverload("isSorted");
            }

            if (order > 0)
            {
                return false;
            }
        }

        return true;
    }

    private static object? Extreme(CelList list, string name, int sign)
    {
        if (list.Count == 0)
        {
            return new Failure($"{name} called on empty list");
        }

        var best = list[0];
        for (var i = 1; i < list.Count; i++)
        {
            if (Equality.Compare(list[i], best) is not { } order)
            {
                return Failure.NoSuchOverload(name);
            }

            best = order * sign > 0 ? list[i] : best;
        }

        return best;
    }

    private static object? Sum(CelList list, object zero)
    {
        var add = FunctionTable.Known["_+_"];
        object? sum = zero;
        for (var i = 0; i < list.Count; i++)
        {
            object?[] pair = [i == 0 && list[0] is not null && list[0]!.GetType() != zero.GetType() ? Zero(list[0]!) : sum, list[i]];
            sum = add.FirstOrDefault(overload => overload.Fits(pair)) is { } sums && pair[0] is not null ? sums.Apply(pair) : Failure.NoSuchOverload("sum");
            if (sum is Failure)
            {
                return sum;
            }
        }

        return sum;
    }

    private static object? Zero(object like) => like switch
    {
        long => 0L,
        ulong => 0UL,
        double => 0.0,
        TimeSpan => TimeSpan.Zero,
        _ => null,
    };

    private static object IndexOf(CelList list, object? item, bool last)
    {
        var found = -1L;
        for (var i = 0; i < list.Count && (last || found < 0); i++)
        {
            found = Equality.AreEqual(list[i], item) ? i : found;
        }

        return found;
    }

    private static object Slice(CelList list, long start, long end)
    {
        if (start < 0 || end < 0)
        {
            return new Failure($"cannot slice({start}, {end}), negative indexes not supported");
        }

        if (start > end)
        {
            return new Failure($"cannot slice({start}, {end}), start index must be less than or equal to end index");
        }

        return end > list.Count
            ? new Failure($"cannot slice({start}, {end}), list is length {list.Count}")
            : new ValueList([.. list.Skip((int)start).Take((int)(end - start))]);
    }

    private static object Flatten(CelList list, long depth)
    {
        if (depth < 0)
        {
            return new Failure("level must be non-negative");
        }

        IEnumerable<object?> items = list;
        for (; depth > 0 && items.Any(item => item is CelList); depth--)
        {
            items = items.SelectMany(item => item is CelList inner ? inner : (IEnumerable<object?>)[item]).ToList();
        }

        return new ValueList([.. items]);
    }

    private static object Range(long count) => count > LargestRange
        ? new Failure($"lists.range size {count} exceeds limit {LargestRange}")
        : new ValueList([.. Enumerable.Range(0, (int)Math.Max(count, 0)).Select(i => (object?)(long)i)]);

    private static ValueList Distinct(CelList list)
    {
        var items = new List<object?>();
        foreach (var item in list)
        {
            if (!items.Exists(known => Equality.AreEqual(known, item)))
            {
                items.Add(item);
            }
        }

        return new ValueList(items);
    }

    private static bool Covers(CelList list, CelList part) => part.All(item => Operators.Contains(list, item));
}
