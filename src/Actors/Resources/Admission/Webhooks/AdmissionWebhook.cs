using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Admission.Matching;
using ActorOrchestrator.Actors.Resources.Webhooks;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Admission.Webhooks;

/// <summary>One webhook of a configuration, ready to be matched and called.</summary>
internal sealed class AdmissionWebhook
{
    private const int DefaultTimeoutSeconds = 10;
    private readonly MatchCriteria _criteria;

    private AdmissionWebhook(string configuration, JsonObject webhook)
    {
        Configuration = configuration;
        Name = webhook.Text("name");
        Target = WebhookTarget.From(webhook.Object("clientConfig"));
        Timeout = TimeSpan.FromSeconds(webhook.Number("timeoutSeconds") ?? DefaultTimeoutSeconds);
        IgnoresFailure = webhook.Text("failurePolicy") == "Ignore";
        SideEffects = webhook.Text("sideEffects");
        MayBeReinvoked = webhook.Text("reinvocationPolicy") == "IfNeeded";
        ReviewVersion = webhook.Strings("admissionReviewVersions").FirstOrDefault(version => version is "v1" or "v1beta1");
        Conditions = new MatchConditions(webhook.Array("matchConditions"), AdmissionExpressions.Conditions);
        _criteria = new MatchCriteria(webhook, "rules");
    }

    public string Configuration { get; }
    public string Name { get; }

    /// <summary>Null when the configuration leads nowhere.</summary>
    public WebhookTarget? Target { get; }

    public TimeSpan Timeout { get; }
    public bool IgnoresFailure { get; }
    public string SideEffects { get; }
    public bool MayBeReinvoked { get; }

    /// <summary>Null when it understands none of ours.</summary>
    public string? ReviewVersion { get; }

    public MatchConditions Conditions { get; }

    /// <summary>All webhooks of a configuration object, in its order.</summary>
    public static ImmutableArray<AdmissionWebhook> Of(StoredObject configuration) =>
        [.. (configuration.ToJson().Array("webhooks") ?? []).OfType<JsonObject>().Select(webhook => new AdmissionWebhook(configuration.Key.Name, webhook))];

    /// <summary>The version in which it wants to hear of the request; null when it does not.</summary>
    public ResourceDescriptor? Match(AdmissionSubject subject) => _criteria.Match(subject);
}

/// <summary>All webhooks of a configuration object.</summary>
internal sealed record WebhookConfiguration(ImmutableArray<AdmissionWebhook> Webhooks)
{
    public static WebhookConfiguration Of(StoredObject stored) => new(AdmissionWebhook.Of(stored));
}
