using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Access.Tokens;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.ServiceAccountTokens;

/// <summary>
/// Secrets of type <c>kubernetes.io/service-account-token</c>: filled with a token, the authority and the namespace, and gone with their account
/// (upstream's tokens controller). Such tokens do not expire; whoever can uses TokenRequest instead.
/// </summary>
public sealed class TokenSecretReconciler(ILegacyTokenSigner signer, string? certificateAuthority)
{
    private const string SecretType = "kubernetes.io/service-account-token";
    private const string NameAnnotation = "kubernetes.io/service-account.name";
    private const string UidAnnotation = "kubernetes.io/service-account.uid";

    public ControllerDefinition Definition => new()
    {
        Name = "tokens-controller",
        Observes = [ResourceTypes.Secrets, ResourceTypes.ServiceAccounts],
        DirtiedBy = DirtiedBy,
        Everything = cluster => cluster.All(ResourceTypes.Secrets).Where(MayHoldToken).Select(secret => secret.Key),
        Reconcile = Reconcile,
    };

    private static IEnumerable<ObjectKey> DirtiedBy(Fact fact, ClusterSnapshot cluster)
    {
        if (fact.Key.Type == ResourceTypes.Secrets)
        {
            return fact.Verb != FactVerb.Deleted && MayHoldToken(fact.Object) ? [fact.Key] : [];
        }

        return cluster.InNamespace(ResourceTypes.Secrets, fact.Key.Namespace)
            .Where(secret => MayHoldToken(secret) && secret.Metadata.Annotations.GetValueOrDefault(NameAnnotation) == fact.Key.Name)
            .Select(secret => secret.Key);
    }

    /// <summary>Without reading the object: the type stands in it as text.</summary>
    private static bool MayHoldToken(StoredObject secret) => secret.Utf8.Span.IndexOf("\"kubernetes.io/service-account-token\""u8) >= 0;

    private Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is not { } stored || stored.Metadata.DeletionTimestamp is not null || stored.ToJson() is var secret && JsonNodes.Text(secret, "type") != SecretType)
        {
            return Plan.Nothing;
        }

        var name = stored.Metadata.Annotations.GetValueOrDefault(NameAnnotation, "");
        if (name.Length == 0)
        {
            return Plan.Nothing;
        }

        var account = observed.Snapshot.Find(new ObjectKey(ResourceTypes.ServiceAccounts, stored.Key.Namespace, name));
        var uid = stored.Metadata.Annotations.GetValueOrDefault(UidAnnotation, "");
        if (account is null || (uid.Length > 0 && uid != account.Uid))
        {
            return Plan.Do(DeleteObject.Of(stored));
        }

        return Filled(stored.ToJson(), account) is null ? Plan.Nothing : Plan.Do(ChangeObject.AsItIs(stored, "fill token", obj => Filled(obj, account)));
    }

    private JsonObject? Filled(JsonObject obj, StoredObject account)
    {
        var data = obj.Ensure("data");
        var changed = false;
        if (JsonNodes.Text(data, "token").Length == 0)
        {
            var claims = new TokenClaims(TokenClaims.LegacyIssuer, account.Key.Namespace, new TokenBinding(account.Key.Name, account.Uid))
            {
                Secret = new TokenBinding(JsonNodes.Text(obj.Object("metadata"), "name"), ""),
            };
            changed |= Set(data, "token", Encode(signer.Sign(claims)));
        }

        if (certificateAuthority is not null)
        {
            changed |= Set(data, "ca.crt", Encode(certificateAuthority));
        }

        changed |= Set(data, "namespace", Encode(account.Key.Namespace));
        changed |= Set(obj.Ensure("metadata").Ensure("annotations"), UidAnnotation, account.Uid);
        return changed ? obj : null;
    }

    private static bool Set(JsonObject obj, string name, string value)
    {
        if (JsonNodes.Text(obj, name) == value)
        {
            return false;
        }

        obj[name] = value;
        return true;
    }

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
