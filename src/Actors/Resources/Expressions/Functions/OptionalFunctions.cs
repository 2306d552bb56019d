using ActorOrchestrator.Actors.Resources.Expressions.Values;

namespace ActorOrchestrator.Actors.Resources.Expressions.Functions;

/// <summary>Optional values: <c>optional.of</c>, <c>a.?b</c>, <c>a[?b]</c>, <c>orValue</c>.</summary>
internal static class OptionalFunctions
{
    public static void AddTo(FunctionTable table)
    {
        table.Add("optional.of(A) -> optional(A)", a => OptionalValue.Of(a[0]));
        table.Add("optional.ofNonZeroValue(A) -> optional(A)", a => IsZero(a[0]) ? OptionalValue.None : OptionalValue.Of(a[0]));
        table.Add("optional.none() -> optional(A)", _ => OptionalValue.None);
        table.Add("optional.unwrap(list(optional(A))) -> list(A)", a => Unwrap((CelList)a[0]!), Effort.Items);
        table.Add("list(optional(A))::unwrapOpt() -> list(A)", a => Unwrap((CelList)a[0]!), Effort.Items);
        table.Add("optional(A)::hasValue() -> bool", a => ((OptionalValue)a[0]!).HasValue);
        table.Add("optional(A)::value() -> A", a => a[0] is OptionalValue { HasValue: true } some ? some.Value : new Failure("optional.none() dereference"));
        table.Add("_[?_](list(A), int) -> optional(A)", a => Found(Operators.At((CelList)a[0]!, a[1])));
        table.Add("_[?_](optional(list(A)), int) -> optional(A)", a => Index(a[0], a[1]));
        table.Add("_[?_](map(A, B), A) -> optional(B)", a => Index(OptionalValue.Of(a[0]), a[1]));
        table.Add("_[?_](optional(map(A, B)), A) -> optional(B)", a => Index(a[0], a[1]));
        table.Add("_[_](optional(list(A)), int) -> optional(A)", a => Index(a[0], a[1]));
        table.Add("_[_](optional(map(A, B)), A) -> optional(B)", a => Index(a[0], a[1]));
        table.Add("list(A)::first() -> optional(A)", a => a[0] is CelList { Count: > 0 } list ? OptionalValue.Of(list[0]) : OptionalValue.None);
        table.Add("list(A)::last() -> optional(A)", a => a[0] is CelList { Count: > 0 } list ? OptionalValue.Of(list[list.Count - 1]) : OptionalValue.None);

        // These two look at their second argument only when they need it; the interpreter does them itself and the table has their types.
        table.Add("optional(A)::or(optional(A)) -> optional(A)", a => a[0] is OptionalValue { HasValue: true } ? a[0] : a[1]);
        table.Add("optional(A)::orValue(A) -> A", a => a[0] is OptionalValue { HasValue: true } some ? some.Value : a[1]);
    }

    /// <summary>A part of what may not be there.</summary>
    public static object? Index(object? holder, object? key)
    {
        var inner = holder is OptionalValue optional ? (optional.HasValue ? optional.Value : OptionalValue.None) : holder;
        return inner switch
        {
            OptionalValue none => none,
            CelMap map => map.TryGet(key, out var value) ? (value is Failure ? value : OptionalValue.Of(value)) : OptionalValue.None,
            CelList list => Found(Operators.At(list, key)),
            _ => Failure.NoSuchOverload("_[?_]"),
        };
    }

    private static OptionalValue Found(object? item) => item is Failure ? OptionalValue.None : OptionalValue.Of(item);

    private static ValueList Unwrap(CelList list) => new([.. list.OfType<OptionalValue>().Where(item => item.HasValue).Select(item => item.Value)]);

    private static bool IsZero(object? value) => value switch
    {
        null or false or 0L or 0UL or 0.0 or "" => true,
        ByteString bytes => bytes.Bytes.Length == 0,
        CelList list => list.Count == 0,
        CelMap map => map.Count == 0,
        TimeSpan duration => duration == TimeSpan.Zero,
        OptionalValue optional => !optional.HasValue,
        _ => false,
    };
}
