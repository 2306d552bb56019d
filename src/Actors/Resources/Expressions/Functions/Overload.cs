using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.Resources.Expressions.Functions;

/// <summary>One signature of a function and what it does.</summary>
/// <param name="Function">Its name; operators are called <c>_+_</c> and so on.</param>
/// <param name="Member">The first parameter stands before the dot.</param>
/// <param name="Apply">Gets arguments that fit the parameters; answers a value or a <see cref="Values.Failure"/>.</param>
/// <param name="Cost">Of a call, from its arguments and its result; null is 1.</param>
internal sealed record Overload(
    string Function,
    bool Member,
    ImmutableArray<ExpressionType> Parameters,
    ExpressionType Result,
    Func<object?[], object?> Apply,
    Func<object?[], object?, double>? Cost)
{
    public bool Fits(object?[] arguments)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            if (!Values.Values.Fits(arguments[i], Parameters[i]))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>The effort of common calls, as upstream's cost model counts it: a tenth per character that is looked at.</summary>
internal static class Effort
{
    public const double PerCharacter = 0.1;
    public const double PerPatternCharacter = 0.25;

    public static double OfSize(object? value) => Values.Values.Size(value) ?? 1;

    public static double Traversal(object?[] arguments, object? result) => Math.Ceiling(OfSize(arguments[0]) * PerCharacter);

    public static double Rebuild(object?[] arguments, object? result) => Math.Ceiling(OfSize(arguments[0]) * 2 * PerCharacter);

    public static double Items(object?[] arguments, object? result) => OfSize(arguments[0]);

    public static double Join(object?[] arguments, object? result) => Math.Ceiling(OfSize(result) * 2 * PerCharacter);

    public static double Both(object?[] arguments, object? result) => Math.Ceiling((OfSize(arguments[0]) + OfSize(arguments[1])) * PerCharacter);

    public static double Shorter(object?[] arguments, object? result) =>
        Math.Ceiling(Math.Min(OfSize(arguments[0]), OfSize(arguments[1])) * PerCharacter);

    public static double Search(object?[] arguments, object? result) =>
        Math.Ceiling(OfSize(arguments[0]) * PerCharacter) * Math.Ceiling(OfSize(arguments[1]) * PerCharacter);

    public static double Pattern(object?[] arguments, object? result) =>
        Math.Ceiling((1 + OfSize(arguments[0])) * PerCharacter) * Math.Ceiling(OfSize(arguments[1]) * PerPatternCharacter);

    public static double Product(object?[] arguments, object? result) => 1 + (OfSize(arguments[0]) * OfSize(arguments[1]));
}
