using System.Globalization;
using System.Text;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.BootstrapTokens;

/// <summary>Bootstrap and join tokens that have expired are deleted (upstream's token cleaner).</summary>
public static class BootstrapTokenReconciler
{
    private const string Namespace = "kube-system";
    private const string SecretType = "bootstrap.kubernetes.io/token";

    public static ControllerDefinition Definition => new()
    {
        Name = "token-cleaner",
        Observes = [ResourceTypes.Secrets],
        DirtiedBy = (fact, _) => fact.Verb != FactVerb.Deleted && IsToken(fact.Object) ? [fact.Key] : [],
        Everything = cluster => cluster.InNamespace(ResourceTypes.Secrets, Namespace).Where(IsToken).Select(secret => secret.Key),
        Reconcile = Reconcile,
    };

    private static bool IsToken(StoredObject secret) => secret.Key.Namespace == Namespace && secret.Utf8.Span.IndexOf("\"bootstrap.kubernetes.io/token\""u8) >= 0;

    private static Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is not { } stored || stored.ToJson() is var secret && JsonNodes.Text(secret, "type") != SecretType)
        {
            return Plan.Nothing;
        }

        var encoded = JsonNodes.Text(stored.ToJson().Object("data"), "expiration");
        var bytes = new byte[encoded.Length + 3];
        if (encoded.Length == 0 || !Convert.TryFromBase64String(encoded, bytes, out var length)
            || !DateTimeOffset.TryParse(Encoding.UTF8.GetString(bytes, 0, length), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var end))
        {
            return Plan.Nothing;
        }

        return end <= now ? Plan.Do(DeleteObject.Of(stored)) : Plan.Nothing.NotLaterThan(end);
    }
}
