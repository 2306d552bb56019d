using System.Collections.Immutable;
using ActorOrchestrator.Actors.Resources.Expressions;
using ActorOrchestrator.Actors.Resources.Expressions.Values;

namespace ActorOrchestrator.Actors.Resources.Admission.Policies;

/// <summary>A variable of a policy: an expression that may name those before it.</summary>
internal sealed record PolicyVariable(string Name, CompiledExpression Compiled);

/// <summary>The value of <c>variables</c> for one evaluation: each is computed when it is first asked for, and once.</summary>
internal sealed class PolicyVariables(ImmutableArray<PolicyVariable> variables, Dictionary<string, object?> bindings, EvaluationBudget budget, CancellationToken cancellation) : CelMap
{
    private readonly Dictionary<string, object?> _values = new(StringComparer.Ordinal);

    public override int Count => variables.Length;

    public override IEnumerable<object?> Keys => variables.Select(variable => variable.Name);

    public override bool Has(object? key) => variables.Any(variable => variable.Name == key as string);

    public override bool TryGet(object? key, out object? value)
    {
        value = null;
        if (key is not string name)
        {
            return false;
        }

        if (_values.TryGetValue(name, out value))
        {
            return true;
        }

        if (variables.FirstOrDefault(variable => variable.Name == name) is not { } found)
        {
            return false;
        }

        _values[name] = value = Compute(found);
        return true;
    }

    private object? Compute(PolicyVariable variable)
    {
        if (variable.Compiled.Program is not { } program)
        {
            return new Failure($"composited variable \"{variable.Name}\" fails to compile: {variable.Compiled.Error}");
        }

        var result = program.Evaluate(bindings, budget, cancellation);
        return result.Ok ? result.Value : new Failure($"composited variable \"{variable.Name}\" fails to evaluate: {result.Error}");
    }
}
