using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Admission.Matching;
using ActorOrchestrator.Actors.Resources.Expressions;

namespace ActorOrchestrator.Actors.Resources.Admission.Policies;

/// <summary>The environment of a policy's expressions: what all have, its parameters, and its variables, each of which knows those before it.</summary>
internal sealed class PolicyExpressions
{
    /// <param name="spec">The policy's.</param>
    /// <param name="objectType">Dyn at run time; the kind's own type when expressions are checked.</param>
    /// <param name="paramType">Null when the policy takes no parameters.</param>
    public PolicyExpressions(JsonObject? spec, ExpressionType objectType, ExpressionType? paramType)
    {
        var environment = AdmissionExpressions.Policies.With(("object", objectType), ("oldObject", objectType));
        WithoutVariables = environment = paramType is null ? environment : environment.With(("params", paramType));
        var fields = new Dictionary<string, ExpressionField>(StringComparer.Ordinal);
        var variables = ImmutableArray.CreateBuilder<PolicyVariable>();
        Environment = environment.With(("variables", TypeOf(fields)));
        foreach (var item in spec.Array("variables") ?? [])
        {
            var compiled = Expression.Compile(item.Text("expression"), Environment);
            variables.Add(new PolicyVariable(item.Text("name"), compiled));
            fields[item.Text("name")] = new ExpressionField(item.Text("name"), compiled.Program is null ? ExpressionType.Dyn : compiled.Type);
            Environment = environment.With(("variables", TypeOf(fields)));
        }

        Variables = variables.ToImmutable();
    }

    /// <summary>For match conditions.</summary>
    public ExpressionEnvironment WithoutVariables { get; }

    public ExpressionEnvironment Environment { get; }

    /// <summary>For message expressions, which may not ask who may do what.</summary>
    public ExpressionEnvironment ForMessages => Environment.Without("authorizer").Without("authorizer.requestResource");

    public ImmutableArray<PolicyVariable> Variables { get; }

    private static ExpressionType TypeOf(Dictionary<string, ExpressionField> fields)
    {
        var sofar = fields.ToDictionary(StringComparer.Ordinal);
        return ExpressionType.Object("kubernetes.variables", () => sofar);
    }
}
