using System.Diagnostics;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Admission.Matching;
using ActorOrchestrator.Actors.Resources.Admission.Metrics;
using ActorOrchestrator.Actors.Resources.Expressions;
using ActorOrchestrator.Actors.Resources.Expressions.Authorization;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Admission.Policies;

/// <param name="Message">What is wrong.</param>
/// <param name="Reason">The reason of the refusal.</param>
/// <param name="Index">The validation that failed; null for what is not one of them.</param>
/// <param name="Error">Why it could not be found out, where that is what is wrong.</param>
/// <param name="Elapsed">How long it took, in ticks of <see cref="Stopwatch"/>.</param>
internal readonly record struct PolicyFailure(string Message, string Reason, int? Index, string? Error = null, long Elapsed = 0);

/// <summary>One policy on one request with one parameter.</summary>
internal static class PolicyEvaluation
{
    private const int MaxMessageBytes = 5 * 1024;

    public static async ValueTask<(List<PolicyFailure> Failures, List<(string Key, string Value)> Annotations)> EvaluateAsync(
        ValidatingPolicy policy, AdmissionSubject subject, ResourceDescriptor view, JsonObject? parameter, IExpressionAuthorizer authorizer, AdmissionMetrics metrics, CancellationToken cancellation)
    {
        var failures = new List<PolicyFailure>();
        var annotations = new List<(string, string)>();
        var bindings = AdmissionExpressions.Bind(
            subject,
            view,
            await subject.InVersionAsync(subject.Object, view, cancellation).ConfigureAwait(false),
            await subject.InVersionAsync(subject.Old, view, cancellation).ConfigureAwait(false),
            authorizer);
        bindings["params"] = parameter;
        var asked = Stopwatch.GetTimestamp();
        var (holds, error) = policy.Conditions.Evaluate(bindings, cancellation);
        if (!policy.Conditions.IsEmpty)
        {
            metrics.ConditionsAsked(policy.Name, "policy", "validate", subject.Operation, asked, holds);
        }

        if (holds != true)
        {
            if (holds is null && !policy.IgnoresFailure)
            {
                failures.Add(new PolicyFailure(error!, "Invalid", null, error));
            }

            return (failures, annotations);
        }

        var budget = new EvaluationBudget(EvaluationBudget.PerObject);
        bindings["variables"] = new PolicyVariables(policy.Variables, bindings, budget, cancellation);
        for (var i = 0; i < policy.Validations.Length; i++)
        {
            var began = Stopwatch.GetTimestamp();
            if (Check(policy.Validations[i], bindings, budget, policy.IgnoresFailure, cancellation) is { } failure)
            {
                failures.Add(failure with { Index = i, Elapsed = Stopwatch.GetTimestamp() - began });
            }
        }

        foreach (var annotation in policy.AuditAnnotations)
        {
            var (value, wrong) = Run(annotation.Compiled, annotation.Text, bindings, budget, cancellation);
            if (wrong is not null && !policy.IgnoresFailure)
            {
                failures.Add(new PolicyFailure(wrong, "Invalid", null, wrong));
            }
            else if (value is string { Length: > 0 } text)
            {
                annotations.Add(($"{policy.Name}/{annotation.Key}", text.Length > MaxMessageBytes * 2 ? text[..(MaxMessageBytes * 2)] : text));
            }
        }

        return (failures, annotations);
    }

    private static PolicyFailure? Check(
        PolicyValidation validation, Dictionary<string, object?> bindings, EvaluationBudget budget, bool ignoresFailure, CancellationToken cancellation)
    {
        var (value, error) = Run(validation.Compiled, validation.Text, bindings, budget, cancellation);
        if (error is not null)
        {
            return ignoresFailure ? null : new PolicyFailure(error, "Invalid", null, error);
        }

        return value is true ? null : new PolicyFailure(MessageOf(validation, bindings, budget, cancellation), validation.Reason, null);
    }

    /// <summary>The message expression, unless it fails or makes something that is no message; then the message; then the expression itself.</summary>
    private static string MessageOf(PolicyValidation validation, Dictionary<string, object?> bindings, EvaluationBudget budget, CancellationToken cancellation)
    {
        if (validation.MessageExpression is { } expression)
        {
            var (value, _) = Run(expression, "", bindings, budget, cancellation);
            if (value is string text && text.Trim() is { Length: > 0 and < MaxMessageBytes } message && !message.Contains('\n', StringComparison.Ordinal))
            {
                return message;
            }
        }

        return validation.Message.Length > 0 ? validation.Message : $"failed expression: {validation.Text}";
    }

    private static (object? Value, string? Error) Run(
        CompiledExpression compiled, string text, Dictionary<string, object?> bindings, EvaluationBudget budget, CancellationToken cancellation)
    {
        if (compiled.Program is not { } program)
        {
            return (null, $"compilation error: {compiled.Error}");
        }

        if (budget.Exhausted)
        {
            return (null, EvaluationBudget.ExhaustedMessage);
        }

        var result = program.Evaluate(bindings, budget, cancellation);
        return budget.Exhausted ? (null, EvaluationBudget.ExhaustedMessage)
            : result.Ok ? (result.Value, null)
            : (null, $"expression '{text}' resulted in error: {result.Error}");
    }
}
