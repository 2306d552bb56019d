using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.BootstrapTokens;

/// <summary>
/// The ConfigMap <c>cluster-info</c>, if somebody published one, is signed with every bootstrap token that may sign: whoever holds such a token knows by it that the
/// authority in there is the right one (upstream's bootstrap signer; a detached JWS, RFC 7515).
/// </summary>
public static class BootstrapSignerReconciler
{
    private const string SignaturePrefix = "jws-kubeconfig-";
    private const string TokenPrefix = "bootstrap-token-";
    private static readonly ObjectKey ClusterInfo = new(ResourceTypes.ConfigMaps, "kube-public", "cluster-info");

    public static ControllerDefinition Definition => new()
    {
        Name = "bootstrap-signer",
        Observes = [ResourceTypes.ConfigMaps, ResourceTypes.Secrets],
        DirtiedBy = (fact, _) => fact.Key == ClusterInfo || IsToken(fact.Object) ? [ClusterInfo] : [],
        Everything = _ => [ClusterInfo],
        Reconcile = Reconcile,
    };

    private static bool IsToken(StoredObject secret) => secret.Key.Type == ResourceTypes.Secrets && secret.Key.Namespace == "kube-system" && secret.Key.Name.StartsWith(TokenPrefix, StringComparison.Ordinal);

    private static Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is not { } stored || stored.ToJson().Object("data") is not { } data || data["kubeconfig"] is null)
        {
            return Plan.Nothing;
        }

        var (tokens, end) = Tokens(observed.Snapshot, now);
        return (Signed(stored.ToJson(), tokens) is null ? Plan.Nothing : Plan.Do(ChangeObject.Of(stored, (_, obj) => Signed(obj, tokens)) with { Act = "sign cluster info" })).NotLaterThan(end);
    }

    private static JsonObject? Signed(JsonObject obj, ImmutableSortedDictionary<string, string> tokens)
    {
        var data = obj.Ensure("data");
        var content = JsonNodes.Text(data, "kubeconfig");
        var wanted = tokens.ToDictionary(token => SignaturePrefix + token.Key, token => Sign(content, token.Key, token.Value), StringComparer.Ordinal);
        var present = data.Where(entry => entry.Key.StartsWith(SignaturePrefix, StringComparison.Ordinal)).Select(entry => entry.Key).ToArray();
        if (present.Length == wanted.Count && wanted.All(entry => JsonNodes.Text(data, entry.Key) == entry.Value))
        {
            return null;
        }

        foreach (var name in present)
        {
            data.Remove(name);
        }

        foreach (var (name, signature) in wanted)
        {
            data[name] = signature;
        }

        return obj;
    }

    /// <summary>Header and signature; what stands between them is the content, which the reader has.</summary>
    public static string Sign(string content, string tokenId, string tokenSecret)
    {
        var header = Base64Url(Encoding.UTF8.GetBytes($$"""{"alg":"HS256","kid":"{{tokenId}}"}"""));
        var signed = $"{header}.{Base64Url(Encoding.UTF8.GetBytes(content))}";
        return $"{header}..{Base64Url(HMACSHA256.HashData(Encoding.UTF8.GetBytes(tokenSecret), Encoding.UTF8.GetBytes(signed)))}";
    }

    private static string Base64Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>Those that may sign, and when the first of them ends.</summary>
    private static (ImmutableSortedDictionary<string, string> Tokens, DateTimeOffset? End) Tokens(ClusterSnapshot cluster, DateTimeOffset now)
    {
        var tokens = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        DateTimeOffset? first = null;
        foreach (var secret in cluster.InNamespace(ResourceTypes.Secrets, "kube-system").Where(IsToken))
        {
            var obj = secret.ToJson();
            var data = obj.Object("data");
            var (id, value, expiration) = (Text(data, "token-id"), Text(data, "token-secret"), Text(data, "expiration"));
            DateTimeOffset? end = DateTimeOffset.TryParse(expiration, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
            var holds = secret.Metadata.DeletionTimestamp is null && (expiration.Length == 0 || end > now);
            if (!holds || JsonNodes.Text(obj, "type") != "bootstrap.kubernetes.io/token" || secret.Key.Name != TokenPrefix + id || value.Length == 0
                || Text(data, "usage-bootstrap-signing") != "true")
            {
                continue;
            }

            tokens[id] = value;
            first = end < first || first is null ? end ?? first : first;
        }

        return (tokens.ToImmutable(), first);
    }

    private static string Text(JsonObject? data, string name)
    {
        var encoded = JsonNodes.Text(data, name);
        var bytes = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : "";
    }
}
