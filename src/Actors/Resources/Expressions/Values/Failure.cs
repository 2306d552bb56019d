namespace ActorOrchestrator.Actors.Resources.Expressions.Values;

/// <summary>An error as a value: <c>||</c>, <c>&amp;&amp;</c> and the quantifiers may still have an answer without it.</summary>
internal sealed record Failure(string Message)
{
    public static readonly Failure IntOverflow = new("integer overflow");
    public static readonly Failure UintOverflow = new("unsigned integer overflow");
    public static readonly Failure DurationOverflow = new("duration overflow");
    public static readonly Failure TimestampOverflow = new("timestamp overflow");
    public static readonly Failure NotOrdered = new("NaN values cannot be ordered");

    public static Failure NoSuchOverload(string function) => new($"no such overload: {function}");
    public static Failure NoSuchKey(object? key) => new($"no such key: {Values.Display(key)}");
    public static Failure Conversion(object? value, string type) => new($"type conversion error from '{Values.TypeOf(value)}' to '{type}'");
}

/// <summary>Stops an evaluation that costs too much; it never leaves <see cref="ExpressionProgram"/>.</summary>
internal sealed class CostExceededException() : Exception("operation cancelled: actual cost limit exceeded");
