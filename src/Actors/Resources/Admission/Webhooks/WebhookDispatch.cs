using System.Diagnostics;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources.Admission.Matching;
using ActorOrchestrator.Actors.Resources.Admission.Metrics;
using ActorOrchestrator.Actors.Resources.Expressions.Authorization;
using ActorOrchestrator.Actors.Resources.Webhooks;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Admission.Webhooks;

/// <summary>What became of one webhook.</summary>
/// <param name="Tried">It was its turn, whatever came of it.</param>
/// <param name="Refusal">The end of the request.</param>
/// <param name="Patch">For the object in the version in which it was asked.</param>
/// <param name="View">That version.</param>
internal readonly record struct WebhookOutcome(bool Tried, ApiStatus? Refusal, JsonArray? Patch, ResourceDescriptor? View);

/// <summary>Asks one webhook about one request: match, conditions, dry run, call, verify, and what failing means.</summary>
internal sealed class WebhookDispatch(WebhookCaller caller, Func<ClusterSnapshot, IExpressionAuthorizer> authorizers, AdmissionMetrics metrics)
{
    /// <summary>For metrics, of a webhook that gave no proper answer.</summary>
    private const int UnreachableCode = 503;

    public async Task<WebhookOutcome> AskAsync(AdmissionWebhook webhook, AdmissionSubject subject, bool mutating, int index, CancellationToken cancellation)
    {
        if (webhook.Match(subject) is not { } view)
        {
            return default;
        }

        var (type, operation) = (mutating ? "admit" : "validating", subject.Operation);
        var (obj, old) = (await subject.InVersionAsync(subject.Object, view, cancellation).ConfigureAwait(false), await subject.InVersionAsync(subject.Old, view, cancellation).ConfigureAwait(false));
        if (!webhook.Conditions.IsEmpty)
        {
            var asked = Stopwatch.GetTimestamp();
            var (holds, error) = webhook.Conditions.Evaluate(AdmissionExpressions.Bind(subject, view, obj, old, authorizers(subject.Request.Snapshot)), cancellation);
            metrics.ConditionsAsked(webhook.Name, "webhook", type, operation, asked, holds);
            if (holds != true)
            {
                return holds is null && !webhook.IgnoresFailure ? new WebhookOutcome(false, ApiStatus.Forbidden(subject.Request.Key, error!), null, null) : default;
            }
        }

        var options = subject.Request.Options;
        var began = Stopwatch.GetTimestamp();
        if (options.DryRun && webhook.SideEffects is not ("None" or "NoneOnDryRun"))
        {
            Reject("apiserver_internal_error", 0);
            return new WebhookOutcome(true, ApiStatus.BadRequest($"admission webhook \"{webhook.Name}\" does not support dry run"), null, null);
        }

        try
        {
            var answer = await CallAsync(webhook, subject, view, obj, old, mutating, cancellation).ConfigureAwait(false);
            foreach (var (key, value) in answer.Annotations)
            {
                options.Observer?.Annotate($"{webhook.Name}/{key}", value);
            }

            foreach (var warning in answer.Warnings)
            {
                options.Observer?.Warn(warning);
            }

            if (answer.Refusal is { } refusal)
            {
                Reject("no_error", refusal.Code);
            }
            else
            {
                metrics.WebhookAsked(webhook.Name, type, operation, began, rejected: false, 200);
            }

            return new WebhookOutcome(true, answer.Refusal, answer.Refusal is null && answer.Patch is { Count: > 0 } patch ? patch : null, view);
        }
        catch (WebhookCallException) when (webhook.IgnoresFailure)
        {
            metrics.WebhookAsked(webhook.Name, type, operation, began, rejected: false, UnreachableCode);
            metrics.WebhookFailOpens.Count(("name", webhook.Name), ("type", type));
            var kind = mutating ? "mutation" : "validating";
            var round = mutating && subject.Request.Reinvocation.IsSecondRound ? 1 : 0;
            options.Observer?.Annotate($"failed-open.{kind}.webhook.admission.k8s.io/round_{round}_index_{index}", webhook.Name);
            return new WebhookOutcome(true, null, null, null);
        }
        catch (WebhookCallException failure)
        {
            Reject("calling_webhook_error", UnreachableCode);
            return new WebhookOutcome(true, ApiStatus.InternalError($"failed calling webhook \"{webhook.Name}\": {failure.Message}"), null, null);
        }

        void Reject(string error, int code)
        {
            metrics.WebhookRejected(webhook.Name, type, operation, error, code);
            metrics.WebhookAsked(webhook.Name, type, operation, began, rejected: true, code);
        }
    }

    private async Task<AdmissionReviewAnswer> CallAsync(
        AdmissionWebhook webhook, AdmissionSubject subject, ResourceDescriptor view, JsonObject? obj, JsonObject? old, bool mutating, CancellationToken cancellation)
    {
        if (webhook.ReviewVersion is null)
        {
            throw new WebhookCallException("could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)");
        }

        if (webhook.Target is not { } target)
        {
            throw new WebhookCallException("could not get REST client: webhook configuration must have either service or URL");
        }

        var uid = Guid.NewGuid().ToString();
        var request = subject.Describe(view);
        request.Insert(0, "uid", uid);
        request["object"] = obj;
        request["oldObject"] = old;
        var review = new JsonObject { ["kind"] = "AdmissionReview", ["apiVersion"] = $"admission.k8s.io/{webhook.ReviewVersion}", ["request"] = request };
        JsonObject answer;
        try
        {
            answer = await caller.PostAsync(target, review, webhook.Timeout, subject.Request.Snapshot, cancellation).ConfigureAwait(false);
        }
        catch (WebhookCallException failure)
        {
            throw new WebhookCallException($"failed to call webhook: {failure.Message}", failure.TimedOut);
        }

        return AdmissionReviewAnswer.Read(answer, webhook, uid, mutating);
    }
}
