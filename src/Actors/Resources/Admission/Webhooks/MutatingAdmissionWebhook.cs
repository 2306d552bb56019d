using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources.Admission.Matching;
using ActorOrchestrator.Actors.Resources.Expressions.Authorization;
using ActorOrchestrator.Actors.Resources.Patching;
using ActorOrchestrator.Actors.Resources.Webhooks;
using ActorOrchestrator.Contracts.Defaults;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Actors.Resources.Admission.Webhooks;

/// <summary>
/// Calls the mutating webhooks one after the other, by the names of their configurations, and applies their patches. When one changed the object, those
/// before it that ask for it (<c>reinvocationPolicy: IfNeeded</c>) are called once more.
/// </summary>
internal sealed class MutatingAdmissionWebhook(ICatalogSource catalog, WebhookCaller caller, Func<ClusterSnapshot, IExpressionAuthorizer> authorizers) : IAdmissionPlugin
{
    private readonly ConfigurationCache<WebhookConfiguration> _configurations = new(ResourceTypes.MutatingWebhookConfigurations, WebhookConfiguration.Of);
    private readonly WebhookDispatch _dispatch = new(caller, authorizers);

    public ValueTask<ApiStatus?> MutateAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        var configurations = _configurations.Of(request.Snapshot);
        return configurations.IsEmpty || AdmissionSubject.IsExempt(request.Key.Type)
            ? default
            : DispatchAsync([.. configurations.SelectMany(configuration => configuration.Webhooks)], new AdmissionSubject(request, catalog), cancellation);
    }

    private async ValueTask<ApiStatus?> DispatchAsync(AdmissionWebhook[] webhooks, AdmissionSubject subject, CancellationToken cancellation)
    {
        var again = new HashSet<int>();
        var called = new HashSet<int>();
        for (var i = 0; i < webhooks.Length; i++)
        {
            var (refusal, changed) = await CallAsync(webhooks[i], i, subject, called, cancellation).ConfigureAwait(false);
            if (refusal is not null)
            {
                return refusal;
            }

            if (changed)
            {
                again.UnionWith(called.Where(earlier => earlier != i && webhooks[earlier].MayBeReinvoked));
            }
        }

        foreach (var i in again.Order())
        {
            var (refusal, _) = await CallAsync(webhooks[i], i, subject, called, cancellation).ConfigureAwait(false);
            if (refusal is not null)
            {
                return refusal;
            }
        }

        return null;
    }

    private async Task<(ApiStatus? Refusal, bool Changed)> CallAsync(AdmissionWebhook webhook, int index, AdmissionSubject subject, HashSet<int> called, CancellationToken cancellation)
    {
        var outcome = await _dispatch.AskAsync(webhook, subject, mutating: true, index, cancellation).ConfigureAwait(false);
        if (outcome.Called)
        {
            called.Add(index);
        }

        return outcome.Refusal is not null || outcome.Patch is null
            ? (outcome.Refusal, false)
            : await ApplyAsync(webhook, subject, outcome.View!, outcome.Patch, cancellation).ConfigureAwait(false);
    }

    private static async Task<(ApiStatus? Refusal, bool Changed)> ApplyAsync(
        AdmissionWebhook webhook, AdmissionSubject subject, ResourceDescriptor view, JsonArray patch, CancellationToken cancellation)
    {
        var request = subject.Request;
        if (subject.Object is null)
        {
            return (ApiStatus.InternalError($"admission webhook \"{webhook.Name}\" attempted to modify the object, which is not supported for this operation"), false);
        }

        JsonObject? patched;
        try
        {
            patched = JsonPatch.Apply(await subject.InVersionAsync(request.Object, view, cancellation).ConfigureAwait(false), patch) as JsonObject;
        }
        catch (PatchException malformed)
        {
            return (ApiStatus.InternalError(malformed.Message), false);
        }

        if (patched is null || StructuralDecoder.Decode(view, patched).TypeFailure(view) is not null)
        {
            return (ApiStatus.InternalError($"admission webhook \"{webhook.Name}\" made an object that cannot be read as a {view.Kind}"), false);
        }

        ObjectDefaults.Apply(view, patched);
        if (view.Converter is { } converter)
        {
            patched = (await converter.ToStorageAsync([patched], view.ApiVersion, cancellation).ConfigureAwait(false))[0];
        }

        var changed = !JsonNode.DeepEquals(patched, request.Object);
        if (changed)
        {
            Replace(request.Object, patched);
        }

        return (null, changed);
    }

    /// <summary>The request's tree stays the same object, because others hold it.</summary>
    private static void Replace(JsonObject target, JsonObject source)
    {
        target.Clear();
        foreach (var name in source.Select(property => property.Key).ToArray())
        {
            var value = source[name];
            source.Remove(name);
            target[name] = value;
        }
    }
}
