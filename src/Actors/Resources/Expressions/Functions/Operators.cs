using ActorOrchestrator.Actors.Resources.Expressions.Values;

namespace ActorOrchestrator.Actors.Resources.Expressions.Functions;

/// <summary>Arithmetic, comparison, membership, index and size.</summary>
internal static class Operators
{
    private static readonly string[] Ordered = ["bool", "string", "bytes", "timestamp", "duration"];
    private static readonly string[] Numeric = ["int", "uint", "double"];

    public static void AddTo(FunctionTable table)
    {
        table.Add("_==_(A, A) -> bool", a => Equality.AreEqual(a[0], a[1]), Effort.Shorter);
        table.Add("_!=_(A, A) -> bool", a => !Equality.AreEqual(a[0], a[1]), Effort.Shorter);
        foreach (var (symbol, holds) in new (string, Func<int, bool>)[] { ("<", o => o < 0), ("<=", o => o <= 0), (">", o => o > 0), (">=", o => o >= 0) })
        {
            AddOrder(table, $"_{symbol}_", holds);
        }

        AddSums(table);
        AddProducts(table);
        table.Add("!_(bool) -> bool", a => !(bool)a[0]!);
        table.Add("-_(int) -> int", a => (long)a[0]! == long.MinValue ? Failure.IntOverflow : -(long)a[0]!);
        table.Add("-_(double) -> double", a => -(double)a[0]!);
        table.Add("@in(A, list(A)) -> bool", a => Contains((CelList)a[1]!, a[0]), (a, _) => Effort.OfSize(a[1]));
        table.Add("@in(A, map(A, B)) -> bool", a => ((CelMap)a[1]!).Has(a[0]));
        table.Add("_[_](list(A), int) -> A", a => At((CelList)a[0]!, a[1]));
        table.Add("_[_](map(A, B), A) -> B", a => ((CelMap)a[0]!).TryGet(a[1], out var value) ? value : Failure.NoSuchKey(a[1]));
        foreach (var type in (string[])["string", "bytes", "list(A)", "map(A, B)"])
        {
            table.Add($"size({type}) -> int", a => Values.Values.Size(a[0]));
            table.Add($"{type}::size() -> int", a => Values.Values.Size(a[0]));
        }
    }

    /// <summary>An item by a number of any type, or a failure.</summary>
    public static object? At(CelList list, object? index)
    {
        var at = index switch
        {
            long number => number,
            ulong number and <= int.MaxValue => (long)number,
            double real when real == Math.Floor(real) && Math.Abs(real) < int.MaxValue => (long)real,
            _ => -1,
        };
        return at >= 0 && at < list.Count ? list[(int)at] : new Failure($"index out of bounds: {Values.Values.Display(index)}");
    }

    public static bool Contains(CelList list, object? item)
    {
        foreach (var candidate in list)
        {
            if (Equality.AreEqual(candidate, item))
            {
                return true;
            }
        }

        return false;
    }

    private static void AddOrder(FunctionTable table, string name, Func<int, bool> holds)
    {
        foreach (var type in Ordered)
        {
            table.Add($"{name}({type}, {type}) -> bool", Apply, type is "string" or "bytes" ? Effort.Shorter : null);
        }

        foreach (var left in Numeric)
        {
            foreach (var right in Numeric)
            {
                table.Add($"{name}({left}, {right}) -> bool", Apply);
            }
        }

        object? Apply(object?[] a) => Equality.Compare(a[0], a[1]) is { } order ? holds(order) : Failure.NotOrdered;
    }

    private static void AddSums(FunctionTable table)
    {
        table.Add("_+_(int, int) -> int", a => Int(() => checked((long)a[0]! + (long)a[1]!)));
        table.Add("_+_(uint, uint) -> uint", a => Uint(() => checked((ulong)a[0]! + (ulong)a[1]!)));
        table.Add("_+_(double, double) -> double", a => (double)a[0]! + (double)a[1]!);
        table.Add("_+_(string, string) -> string", a => (string)a[0]! + (string)a[1]!, Effort.Both);
        table.Add("_+_(bytes, bytes) -> bytes", a => new ByteString([.. ((ByteString)a[0]!).Bytes, .. ((ByteString)a[1]!).Bytes]), Effort.Both);
        table.Add("_+_(list(A), list(A)) -> list(A)", a => Equality.Concat((CelList)a[0]!, (CelList)a[1]!));
        table.Add("_+_(duration, duration) -> duration", a => Duration(() => (TimeSpan)a[0]! + (TimeSpan)a[1]!));
        table.Add("_+_(timestamp, duration) -> timestamp", a => Timestamp(() => (DateTimeOffset)a[0]! + (TimeSpan)a[1]!));
        table.Add("_+_(duration, timestamp) -> timestamp", a => Timestamp(() => (DateTimeOffset)a[1]! + (TimeSpan)a[0]!));
        table.Add("_-_(int, int) -> int", a => Int(() => checked((long)a[0]! - (long)a[1]!)));
        table.Add("_-_(uint, uint) -> uint", a => Uint(() => checked((ulong)a[0]! - (ulong)a[1]!)));
        table.Add("_-_(double, double) -> double", a => (double)a[0]! - (double)a[1]!);
        table.Add("_-_(duration, duration) -> duration", a => Duration(() => (TimeSpan)a[0]! - (TimeSpan)a[1]!));
        table.Add("_-_(timestamp, duration) -> timestamp", a => Timestamp(() => (DateTimeOffset)a[0]! - (TimeSpan)a[1]!));
        table.Add("_-_(timestamp, timestamp) -> duration", a => (DateTimeOffset)a[0]! - (DateTimeOffset)a[1]!);
    }

    private static void AddProducts(FunctionTable table)
    {
        table.Add("_*_(int, int) -> int", a => Int(() => checked((long)a[0]! * (long)a[1]!)));
        table.Add("_*_(uint, uint) -> uint", a => Uint(() => checked((ulong)a[0]! * (ulong)a[1]!)));
        table.Add("_*_(double, double) -> double", a => (double)a[0]! * (double)a[1]!);
        table.Add("_/_(double, double) -> double", a => (double)a[0]! / (double)a[1]!);
        table.Add("_/_(int, int) -> int", a => (a[0], a[1]) switch
        {
            (_, 0L) => new Failure("division by zero"),
            (long.MinValue, -1L) => Failure.IntOverflow,
            (long left, long right) => left / right,
            _ => null,
        });
        table.Add("_/_(uint, uint) -> uint", a => (ulong)a[1]! == 0 ? new Failure("division by zero") : (ulong)a[0]! / (ulong)a[1]!);
        table.Add("_%_(int, int) -> int", a => (a[0], a[1]) switch
        {
            (_, 0L) => new Failure("modulus by zero"),
            (long.MinValue, -1L) => Failure.IntOverflow,
            (long left, long right) => left % right,
            _ => null,
        });
        table.Add("_%_(uint, uint) -> uint", a => (ulong)a[1]! == 0 ? new Failure("modulus by zero") : (ulong)a[0]! % (ulong)a[1]!);
    }

    private static object Int(Func<long> compute) => Checked(compute, Failure.IntOverflow);

    private static object Uint(Func<ulong> compute) => Checked(compute, Failure.UintOverflow);

    private static object Duration(Func<TimeSpan> compute) => Checked(compute, Failure.DurationOverflow);

    private static object Timestamp(Func<DateTimeOffset> compute) => Checked(compute, Failure.TimestampOverflow);

    private static object Checked<T>(Func<T> compute, Failure overflow)
        where T : struct
    {
        try
        {
            return compute();
        }
        catch (Exception exception) when (exception is OverflowException or ArgumentOutOfRangeException)
        {
            return overflow;
        }
    }
}
