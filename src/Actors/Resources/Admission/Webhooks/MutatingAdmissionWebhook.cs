using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources.Admission.Matching;
using ActorOrchestrator.Actors.Resources.Admission.Metrics;
using ActorOrchestrator.Actors.Resources.Expressions.Authorization;
using ActorOrchestrator.Actors.Resources.Patching;
using ActorOrchestrator.Actors.Resources.Webhooks;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Admission.Webhooks;

/// <summary>
/// Calls the mutating webhooks one after the other, by the names of their configurations, and applies their patches. When somebody changed the object after
/// them, those that ask for it (<c>reinvocationPolicy: IfNeeded</c>) are called once more.
/// </summary>
internal sealed class MutatingAdmissionWebhook(ICatalogSource catalog, WebhookCaller caller, Func<ClusterSnapshot, IExpressionAuthorizer> authorizers, AdmissionMetrics metrics) : IAdmissionPlugin
{
    private const string PluginName = "MutatingAdmissionWebhook";

    private readonly ConfigurationCache<WebhookConfiguration> _configurations = new(ResourceTypes.MutatingWebhookConfigurations, WebhookConfiguration.Of);
    private readonly WebhookDispatch _dispatch = new(caller, authorizers, metrics);

    public bool JudgesConnections => true;

    public ValueTask<ApiStatus?> MutateAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        var configurations = _configurations.Of(request.Snapshot);
        return configurations.IsEmpty || AdmissionSubject.IsExempt(request.Key.Type)
            ? default
            : DispatchAsync([.. configurations.SelectMany(configuration => configuration.Webhooks)], new AdmissionSubject(request, catalog), cancellation);
    }

    private async ValueTask<ApiStatus?> DispatchAsync(AdmissionWebhook[] webhooks, AdmissionSubject subject, CancellationToken cancellation)
    {
        var memory = subject.Request.Reinvocation.Of(PluginName);
        memory.Enter(subject.Object);
        for (var i = 0; i < webhooks.Length; i++)
        {
            if (await CallAsync(webhooks[i], i, subject, memory, cancellation).ConfigureAwait(false) is { } refusal)
            {
                return refusal;
            }
        }

        memory.Leave(subject.Object);
        return null;
    }

    private async Task<ApiStatus?> CallAsync(AdmissionWebhook webhook, int index, AdmissionSubject subject, Reinvocation.Invocations memory, CancellationToken cancellation)
    {
        var key = (webhook.Configuration, index);
        if (!memory.MayCall(key))
        {
            return null;
        }

        var outcome = await _dispatch.AskAsync(webhook, subject, mutating: true, index, cancellation).ConfigureAwait(false);
        var (refusal, changed) = outcome.Refusal is not null || outcome.Patch is null
            ? (outcome.Refusal, false)
            : await ApplyAsync(webhook, subject, outcome.View!, outcome.Patch, cancellation).ConfigureAwait(false);
        if (!outcome.Tried)
        {
            return refusal;
        }

        Note(webhook, index, subject.Request, changed, refusal is null ? outcome.Patch : null);
        memory.Called(key, changed, webhook.MayBeReinvoked);
        return refusal;
    }

    /// <summary>The audit log tells who changed the object, and at its more telling levels how.</summary>
    private static void Note(AdmissionWebhook webhook, int index, AdmissionRequest request, bool changed, JsonArray? patch)
    {
        if (request.Options.Observer is not { } observer)
        {
            return;
        }

        var place = $"round_{(request.Reinvocation.IsSecondRound ? 1 : 0)}_index_{index}";
        observer.Annotate(
            $"mutation.webhook.admission.k8s.io/{place}",
            new JsonObject { ["configuration"] = webhook.Configuration, ["webhook"] = webhook.Name, ["mutated"] = changed }.ToJsonString(ObjectWriter.Relaxed));
        if (patch is not null)
        {
            var told = new JsonObject { ["configuration"] = webhook.Configuration, ["webhook"] = webhook.Name, ["patch"] = patch.DeepClone(), ["patchType"] = "JSONPatch" };
            observer.Annotate($"patch.webhook.admission.k8s.io/{place}", told.ToJsonString(ObjectWriter.Relaxed), AnnotationLevel.Request);
        }
    }

    private static async Task<(ApiStatus? Refusal, bool Changed)> ApplyAsync(
        AdmissionWebhook webhook, AdmissionSubject subject, ResourceDescriptor view, JsonArray patch, CancellationToken cancellation)
    {
        if (subject.Object is null)
        {
            return (ApiStatus.InternalError($"admission webhook \"{webhook.Name}\" attempted to modify the object, which is not supported for this operation"), false);
        }

        JsonObject? patched;
        try
        {
            patched = JsonPatch.Apply(await subject.InVersionAsync(subject.Object, view, cancellation).ConfigureAwait(false), patch) as JsonObject;
        }
        catch (PatchException malformed)
        {
            return (ApiStatus.InternalError(malformed.Status.Causes is [var cause, ..] ? cause.Message : malformed.Message), false);
        }

        return await MutatedObject.TakeAsync(subject, view, patched, $"admission webhook \"{webhook.Name}\"", cancellation).ConfigureAwait(false);
    }
}
