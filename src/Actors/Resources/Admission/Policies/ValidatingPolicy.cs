using System.Collections.Immutable;
using System.Text.Json.Nodes;
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
internal sealed class ValidatingPolicy : AdmissionPolicy
{
    private ValidatingPolicy(StoredObject stored, JsonObject? spec)
        : base(stored, spec)
    {
        Validations = [.. (spec.Array("validations") ?? []).Select(item => new PolicyValidation(
            item.Text("expression").Trim(),
            Expression.Compile(item.Text("expression"), Expressions.Environment, ExpressionType.Bool),
            item.Text("message").Trim(),
            item.Text("messageExpression") is { Length: > 0 } text ? Expression.Compile(text, Expressions.ForMessages, ExpressionType.String) : null,
            item.Text("reason") is { Length: > 0 } reason ? reason : "Invalid"))];
        AuditAnnotations = [.. (spec.Array("auditAnnotations") ?? []).Select(item => new PolicyAuditAnnotation(
            item.Text("key"),
            item.Text("valueExpression"),
            Expression.Compile(item.Text("valueExpression"), Expressions.Environment, ExpressionType.String, ExpressionType.Null)))];
    }

    public ImmutableArray<PolicyValidation> Validations { get; }
    public ImmutableArray<PolicyAuditAnnotation> AuditAnnotations { get; }

    public static ValidatingPolicy Of(StoredObject stored) => new(stored, stored.ToJson().Object("spec"));
}
