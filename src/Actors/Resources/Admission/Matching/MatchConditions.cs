using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Expressions;

namespace ActorOrchestrator.Actors.Resources.Admission.Matching;

/// <summary>The <c>matchConditions</c> of a webhook or policy: all must hold. One that is false decides; of errors the failure policy makes what it says.</summary>
internal sealed class MatchConditions
{
    private readonly ImmutableArray<(string Text, CompiledExpression Compiled)> _conditions;

    public MatchConditions(JsonArray? conditions, ExpressionEnvironment environment) => _conditions =
    [
        .. (conditions ?? []).Select(condition => condition.Text("expression"))
            .Select(text => (text, Expression.Compile(text, environment, ExpressionType.Bool))),
    ];

    public bool IsEmpty => _conditions.IsEmpty;

    /// <summary>Whether they hold; null with an error when that could not be found out.</summary>
    public (bool? Holds, string? Error) Evaluate(Dictionary<string, object?> bindings, CancellationToken cancellation)
    {
        var errors = new List<string>();
        var budget = new EvaluationBudget(EvaluationBudget.MatchConditions);
        foreach (var (text, compiled) in _conditions)
        {
            if (compiled.Program is not { } program)
            {
                errors.Add($"compilation error: {compiled.Error}");
                continue;
            }

            var result = program.Evaluate(bindings, budget, cancellation);
            if (budget.Exhausted)
            {
                return (null, EvaluationBudget.ExhaustedMessage);
            }

            switch (result)
            {
                case { Ok: true, Value: false }:
                    return (false, null);
                case { Ok: false }:
                    errors.Add($"expression '{text}' resulted in error: {result.Error}");
                    break;
            }
        }

        return errors.Count == 0 ? (true, null) : (null, errors.Count == 1 ? errors[0] : $"[{string.Join(", ", errors)}]");
    }
}
