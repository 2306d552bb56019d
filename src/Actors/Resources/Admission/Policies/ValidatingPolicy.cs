using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Admission.Matching;
using ActorOrchestrator.Actors.Resources.Expressions;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Admission.Policies;

/// <param name="Text">The expression, trimmed.</param>
/// <param name="Message">The fixed message; may be empty.</param>
/// <param name="MessageExpression">Null when there is none.</param>
/// <param name="Reason">Of the refusal.</param>
internal sealed record PolicyValidation(string Text, CompiledExpression Compiled, string Message, CompiledExpression? MessageExpression, string Reason);

internal sealed record PolicyAuditAnnotation(string Key, string Text, CompiledExpression Compiled);

/// <summary>A ValidatingAdmissionPolicy, compiled.</summary>
internal sealed class ValidatingPolicy
{
    private ValidatingPolicy(StoredObject stored)
    {
        var spec = stored.ToJson().Object("spec");
        Name = stored.Key.Name;
        IgnoresFailure = spec.Text("failurePolicy") == "Ignore";
        ParamApiVersion = spec.Object("paramKind").Text("apiVersion");
        ParamKind = spec.Object("paramKind").Text("kind");
        Criteria = new MatchCriteria(spec.Object("matchConstraints"), "resourceRules");
        var expressions = new PolicyExpressions(spec, ExpressionType.Dyn, ParamKind.Length > 0 ? ExpressionType.Dyn : null);
        Conditions = new MatchConditions(spec.Array("matchConditions"), expressions.WithoutVariables);
        Variables = expressions.Variables;
        Validations = [.. (spec.Array("validations") ?? []).Select(item => new PolicyValidation(
            item.Text("expression").Trim(),
            Expression.Compile(item.Text("expression"), expressions.Environment, ExpressionType.Bool),
            item.Text("message").Trim(),
            item.Text("messageExpression") is { Length: > 0 } text ? Expression.Compile(text, expressions.Environment, ExpressionType.String) : null,
            item.Text("reason") is { Length: > 0 } reason ? reason : "Invalid"))];
        AuditAnnotations = [.. (spec.Array("auditAnnotations") ?? []).Select(item => new PolicyAuditAnnotation(
            item.Text("key"),
            item.Text("valueExpression"),
            Expression.Compile(item.Text("valueExpression"), expressions.Environment, ExpressionType.String, ExpressionType.Null)))];
    }

    public string Name { get; }
    public bool IgnoresFailure { get; }
    public string ParamApiVersion { get; }

    /// <summary>Empty when it takes none.</summary>
    public string ParamKind { get; }

    public MatchCriteria Criteria { get; }
    public MatchConditions Conditions { get; }
    public ImmutableArray<PolicyVariable> Variables { get; }
    public ImmutableArray<PolicyValidation> Validations { get; }
    public ImmutableArray<PolicyAuditAnnotation> AuditAnnotations { get; }

    public static ValidatingPolicy Of(StoredObject stored) => new(stored);
}

/// <summary>A ValidatingAdmissionPolicyBinding, read.</summary>
internal sealed class PolicyBinding
{
    private PolicyBinding(StoredObject stored)
    {
        var spec = stored.ToJson().Object("spec");
        Name = stored.Key.Name;
        PolicyName = spec.Text("policyName");
        Actions = [.. spec.Strings("validationActions")];
        ParamRef = spec.Object("paramRef");
        Criteria = spec.Object("matchResources") is { } resources ? new MatchCriteria(resources, "resourceRules", rulesAreOptional: true) : null;
    }

    public string Name { get; }
    public string PolicyName { get; }

    /// <summary>Deny, Warn, Audit.</summary>
    public ImmutableArray<string> Actions { get; }

    public JsonObject? ParamRef { get; }

    /// <summary>Null when it adds nothing to the policy's own constraints.</summary>
    public MatchCriteria? Criteria { get; }

    public static PolicyBinding Of(StoredObject stored) => new(stored);
}

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

    public ImmutableArray<PolicyVariable> Variables { get; }

    private static ExpressionType TypeOf(Dictionary<string, ExpressionField> fields)
    {
        var sofar = fields.ToDictionary(StringComparer.Ordinal);
        return ExpressionType.Object("kubernetes.variables", () => sofar);
    }
}
