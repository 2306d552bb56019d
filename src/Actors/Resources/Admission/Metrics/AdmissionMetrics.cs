using System.Diagnostics;

namespace ActorOrchestrator.Actors.Resources.Admission.Metrics;

/// <summary>What admission counts, under upstream's names and labels.</summary>
public sealed class AdmissionMetrics
{
    private static readonly double[] Expressions = [0.0000005, 0.001, 0.01, 0.1, 1];

    internal LatencyFamily Steps { get; } = new(
        "apiserver_admission_step_admission_duration_seconds",
        "[STABLE] Admission sub-step latency histogram in seconds, broken out for each operation and API resource and step type (validate or admit).",
        0.005, 0.025, 0.1, 0.5, 1, 2.5);

    internal LatencyFamily Controllers { get; } = new(
        "apiserver_admission_controller_admission_duration_seconds",
        "[STABLE] Admission controller latency histogram in seconds, identified by name and broken out for each operation and API resource and type (validate or admit).",
        0.005, 0.025, 0.1, 0.5, 1, 2.5);

    internal LatencyFamily Webhooks { get; } = new(
        "apiserver_admission_webhook_admission_duration_seconds",
        "[STABLE] Admission webhook latency histogram in seconds, identified by name and broken out for each operation and API resource and type (validate or admit).",
        0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25);

    internal CounterFamily WebhookRequests { get; } = new(
        "apiserver_admission_webhook_request_total",
        "[ALPHA] Admission webhook request total, identified by name and broken out for each admission type (validating or admit), operation, code and whether the request was rejected.");

    internal CounterFamily WebhookRejections { get; } = new(
        "apiserver_admission_webhook_rejection_count",
        "[ALPHA] Admission webhook rejection count, identified by name and broken out for each admission type (validating or admit), operation, error type and rejection code.");

    internal CounterFamily WebhookFailOpens { get; } = new(
        "apiserver_admission_webhook_fail_open_count",
        "[ALPHA] Admission webhook fail open count, identified by name and broken out for each admission type (validating or admit).");

    internal CounterFamily ConditionErrors { get; } = new(
        "apiserver_admission_match_condition_evaluation_errors_total",
        "[ALPHA] Admission match condition evaluation errors count, identified by name of resource containing the match condition, kind (webhook or policy), operation and admission type (validate or admit).");

    internal CounterFamily ConditionExclusions { get; } = new(
        "apiserver_admission_match_condition_exclusions_total",
        "[ALPHA] Admission match condition evaluation exclusions count, identified by name of resource containing the match condition, kind (webhook or policy), operation and admission type (validate or admit).");

    internal LatencyFamily Conditions { get; } = new(
        "apiserver_admission_match_condition_evaluation_seconds",
        "[ALPHA] Admission match condition evaluation time in seconds, identified by name, kind (webhook or policy), operation and type (validate or admit).",
        0.001, 0.005, 0.01, 0.025, 0.1, 0.2, 0.25);

    internal CounterFamily ValidatingChecks { get; } = new(
        "apiserver_validating_admission_policy_check_total",
        "[BETA] Validation admission policy check total, labeled by policy and further identified by binding and enforcement action taken.");

    internal LatencyFamily ValidatingLatency { get; } = new(
        "apiserver_validating_admission_policy_check_duration_seconds",
        "[BETA] Validation admission latency for individual validation expressions in seconds, labeled by policy and further including binding and enforcement action taken.",
        Expressions);

    internal CounterFamily MutatingChecks { get; } = new(
        "apiserver_mutating_admission_policy_check_total", "[ALPHA] Mutation admission policy check total, labeled by policy and further identified by binding.");

    internal LatencyFamily MutatingLatency { get; } = new(
        "apiserver_mutating_admission_policy_check_duration_seconds",
        "[ALPHA] Mutation admission latency for individual mutation expressions in seconds, labeled by policy and binding.",
        Expressions);

    public IEnumerable<MetricFamily> All =>
    [
        Steps, Controllers, Webhooks, WebhookRequests, WebhookRejections, WebhookFailOpens, ConditionErrors, ConditionExclusions, Conditions,
        ValidatingChecks, ValidatingLatency, MutatingChecks, MutatingLatency,
    ];

    /// <param name="name">The webhook or policy.</param>
    /// <param name="kind"><c>webhook</c> or <c>policy</c>.</param>
    /// <param name="type"><c>admit</c>, <c>validating</c> or <c>validate</c>.</param>
    /// <param name="operation">CREATE and so on.</param>
    /// <param name="began">A time of <see cref="Stopwatch"/>.</param>
    /// <param name="holds">Null when that could not be found out.</param>
    internal void ConditionsAsked(string name, string kind, string type, string operation, long began, bool? holds)
    {
        ReadOnlySpan<(string, string)> labels = [("kind", kind), ("name", name), ("operation", operation), ("type", type)];
        Conditions.Of(labels).Observe(Stopwatch.GetTimestamp() - began);
        if (holds != true)
        {
            (holds is null ? ConditionErrors : ConditionExclusions).Count(labels);
        }
    }

    internal void WebhookAsked(string name, string type, string operation, long began, bool rejected, int code)
    {
        var verdict = rejected ? "true" : "false";
        Webhooks.Of(("name", name), ("operation", operation), ("rejected", verdict), ("type", type)).Observe(Stopwatch.GetTimestamp() - began);
        WebhookRequests.Count(("code", Bounded(code)), ("name", name), ("operation", operation), ("rejected", verdict), ("type", type));
    }

    /// <param name="error"><c>no_error</c>, <c>calling_webhook_error</c> or <c>apiserver_internal_error</c>.</param>
    internal void WebhookRejected(string name, string type, string operation, string error, int code) => WebhookRejections.Count(
        ("error_type", error), ("name", name), ("operation", operation), ("rejection_code", Bounded(code)), ("type", type));

    internal void ValidationChecked(string policy, string binding, string action, long elapsed, string? error)
    {
        ReadOnlySpan<(string, string)> labels = [("enforcement_action", action), ("error_type", ErrorType(error)), ("policy", policy), ("policy_binding", binding)];
        ValidatingChecks.Count(labels);
        ValidatingLatency.Of(labels).Observe(elapsed);
    }

    internal void MutationChecked(string policy, string binding, long began, string? error)
    {
        ReadOnlySpan<(string, string)> labels = [("error_type", ErrorType(error)), ("policy", policy), ("policy_binding", binding)];
        MutatingChecks.Count(labels);
        MutatingLatency.Of(labels).Observe(Stopwatch.GetTimestamp() - began);
    }

    private static string Bounded(int code) => Math.Min(code, 600).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string ErrorType(string? error) => error switch
    {
        null => "no_error",
        _ when error.StartsWith("compilation", StringComparison.Ordinal) => "compile_error",
        _ when error.StartsWith("validation failed due to running out of cost budget", StringComparison.Ordinal) => "out_of_budget",
        _ => "invalid_error",
    };
}
