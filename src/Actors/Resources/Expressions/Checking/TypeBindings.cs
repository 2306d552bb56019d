using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.Resources.Expressions.Checking;

/// <summary>What the type parameters of one call stand for, found by fitting its arguments.</summary>
internal sealed class TypeBindings
{
    private readonly Dictionary<string, ExpressionType> _bound = new(StringComparer.Ordinal);

    public bool Fits(ImmutableArray<ExpressionType> parameters, IReadOnlyList<ExpressionType> arguments)
    {
        for (var i = 0; i < parameters.Length; i++)
        {
            if (!Assign(parameters[i], arguments[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The type with its parameters filled in; what is still open may be anything.</summary>
    public ExpressionType Resolve(ExpressionType type) => type.Kind switch
    {
        ExpressionKind.Parameter => _bound.GetValueOrDefault(type.Name, ExpressionType.Dyn),
        ExpressionKind.List => ExpressionType.List(Resolve(type.Parameters[0])).As(type.ListSemantics, type.MapKeys),
        ExpressionKind.Map => ExpressionType.Map(Resolve(type.Parameters[0]), Resolve(type.Parameters[1])),
        ExpressionKind.Optional => ExpressionType.Optional(Resolve(type.Parameters[0])),
        ExpressionKind.Type => ExpressionType.TypeOf(Resolve(type.Parameters[0])),
        _ => type,
    };

    /// <summary>Whether a value of one type may stand where another is expected.</summary>
    public static bool IsAssignable(ExpressionType expected, ExpressionType actual) => new TypeBindings().Assign(expected, actual);

    /// <summary>The type of either; dyn when they have nothing in common.</summary>
    public static ExpressionType Join(ExpressionType left, ExpressionType right) =>
        left.IsDyn || right.IsDyn ? ExpressionType.Dyn
        : IsAssignable(left, right) ? (IsFree(left) ? right : left)
        : IsAssignable(right, left) ? right
        : ExpressionType.Dyn;

    private static bool IsFree(ExpressionType type) => ReferenceEquals(type, ExpressionType.Free) || type.Parameters.Any(IsFree);

    private bool Assign(ExpressionType expected, ExpressionType actual)
    {
        if (ReferenceEquals(expected, ExpressionType.Free))
        {
            return true;
        }

        if (expected.Kind == ExpressionKind.Parameter)
        {
            return Bind(expected.Name, actual);
        }

        if (expected.IsDyn || actual.IsDyn || actual.Kind == ExpressionKind.Parameter)
        {
            return true;
        }

        if (actual.Kind == ExpressionKind.Null)
        {
            return expected.Kind is ExpressionKind.Null or ExpressionKind.Object or ExpressionKind.Opaque or ExpressionKind.Timestamp or ExpressionKind.Duration or ExpressionKind.Optional;
        }

        if (expected.Kind == ExpressionKind.Null)
        {
            return actual.Kind is ExpressionKind.Object or ExpressionKind.Opaque or ExpressionKind.Timestamp or ExpressionKind.Duration;
        }

        return expected.Kind == actual.Kind && expected.Kind switch
        {
            ExpressionKind.Object or ExpressionKind.Opaque => expected.Name == actual.Name,
            ExpressionKind.Type => true,
            _ => expected.Parameters.Zip(actual.Parameters).All(pair => Assign(pair.First, pair.Second)),
        };
    }

    private bool Bind(string name, ExpressionType actual)
    {
        if (!_bound.TryGetValue(name, out var bound) || ReferenceEquals(bound, ExpressionType.Free))
        {
            _bound[name] = actual;
            return true;
        }

        if (ReferenceEquals(actual, ExpressionType.Free))
        {
            return true;
        }

        if (bound.IsDyn || actual.IsDyn)
        {
            _bound[name] = ExpressionType.Dyn;
            return true;
        }

        if (!Assign(bound, actual))
        {
            return false;
        }

        // Of null and a message the message is the more telling, as is a list of something of a list of anything.
        _bound[name] = bound.Kind == ExpressionKind.Null || IsFree(bound) || bound is { Kind: ExpressionKind.List or ExpressionKind.Map } && bound.Parameters.Any(p => p.IsDyn) ? actual : bound;
        return true;
    }
}
