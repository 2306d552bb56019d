using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources.Admission.Matching;
using ActorOrchestrator.Actors.Resources.Admission.Metrics;
using ActorOrchestrator.Actors.Resources.Expressions.Authorization;
using ActorOrchestrator.Actors.Resources.Webhooks;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Admission.Webhooks;

/// <summary>Asks all validating webhooks that match at the same time; the first refusal in their order counts.</summary>
internal sealed class ValidatingAdmissionWebhook(ICatalogSource catalog, WebhookCaller caller, Func<ClusterSnapshot, IExpressionAuthorizer> authorizers, AdmissionMetrics metrics) : IAdmissionPlugin
{
    private readonly ConfigurationCache<WebhookConfiguration> _configurations = new(ResourceTypes.ValidatingWebhookConfigurations, WebhookConfiguration.Of);
    private readonly WebhookDispatch _dispatch = new(caller, authorizers, metrics);

    public bool JudgesConnections => true;

    public ValueTask<ApiStatus?> ValidateAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        var configurations = _configurations.Of(request.Snapshot);
        return configurations.IsEmpty || AdmissionSubject.IsExempt(request.Key.Type)
            ? default
            : DispatchAsync([.. configurations.SelectMany(configuration => configuration.Webhooks)], new AdmissionSubject(request, catalog), cancellation);
    }

    private async ValueTask<ApiStatus?> DispatchAsync(AdmissionWebhook[] webhooks, AdmissionSubject subject, CancellationToken cancellation)
    {
        var outcomes = await Task.WhenAll(webhooks.Select((webhook, i) => _dispatch.AskAsync(webhook, subject, mutating: false, i, cancellation))).ConfigureAwait(false);
        return outcomes.Select(outcome => outcome.Refusal).FirstOrDefault(refusal => refusal is not null);
    }
}
