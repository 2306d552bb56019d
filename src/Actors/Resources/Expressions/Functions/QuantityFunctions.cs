using ActorOrchestrator.Actors.Resources.Expressions.Values;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Expressions.Functions;

/// <summary>Amounts such as <c>100m</c> and <c>1Gi</c>.</summary>
internal static class QuantityFunctions
{
    public static void AddTo(FunctionTable table)
    {
        table.Add("quantity(string) -> quantity", a => Quantity.TryParse((string)a[0]!, out var quantity) ? quantity : new Failure(Quantity.MalformedMessage), Effort.Traversal);
        table.Add("isQuantity(string) -> bool", a => Quantity.TryParse((string)a[0]!, out _), Effort.Traversal);
        table.Add("quantity::sign() -> int", a => (long)Amount(a[0]).Sign);
        table.Add("sign(quantity) -> int", a => (long)Amount(a[0]).Sign);
        table.Add("quantity::isGreaterThan(quantity) -> bool", a => Amount(a[0]) > Amount(a[1]));
        table.Add("quantity::isLessThan(quantity) -> bool", a => Amount(a[0]) < Amount(a[1]));
        table.Add("quantity::compareTo(quantity) -> int", a => (long)Math.Sign(Amount(a[0]).CompareTo(Amount(a[1]))));
        table.Add("quantity::asApproximateFloat() -> double", a => (double)Amount(a[0]).Amount);
        table.Add("quantity::isInteger() -> bool", a => Amount(a[0]).Amount is var amount && decimal.Truncate(amount) == amount);
        table.Add("quantity::asInteger() -> int", a => Amount(a[0]).Amount is var amount && decimal.Truncate(amount) == amount
            ? (long)amount
            : new Failure("cannot convert value to integer"));
        table.Add("quantity::add(quantity) -> quantity", a => Combined(Amount(a[0]), Amount(a[1]), 1));
        table.Add("quantity::add(int) -> quantity", a => Combined(Amount(a[0]), Quantity.Of((long)a[1]!), 1));
        table.Add("quantity::sub(quantity) -> quantity", a => Combined(Amount(a[0]), Amount(a[1]), -1));
        table.Add("quantity::sub(int) -> quantity", a => Combined(Amount(a[0]), Quantity.Of((long)a[1]!), -1));
    }

    private static Quantity Amount(object? value) => (Quantity)value!;

    private static object Combined(Quantity left, Quantity right, int sign)
    {
        var amount = left.Amount + (right.Amount * sign);
        return Math.Abs(amount) <= long.MaxValue ? new Quantity(amount, left.Format) : new Failure("integer overflow");
    }
}
