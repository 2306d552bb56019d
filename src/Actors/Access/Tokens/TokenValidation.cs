using System.Collections.Immutable;
using System.Text;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Access.Tokens;

/// <summary>Whether a token whose signature is good holds now: its time, its account, and what it is bound to.</summary>
public static class TokenValidation
{
    /// <summary>What is being deleted holds a moment longer, so that whoever shuts down can still say so.</summary>
    private static readonly TimeSpan Leeway = TimeSpan.FromMinutes(1);

    /// <summary>Null when it holds; otherwise why it does not.</summary>
    public static string? Refuse(TokenClaims claims, string token, ClusterSnapshot cluster, DateTimeOffset now)
    {
        if (claims.Expires is { } end && now >= end)
        {
            return "service account token has expired";
        }

        if (claims.IssuedAt > DateTimeOffset.UnixEpoch && now < claims.IssuedAt - Leeway)
        {
            return "service account token is not valid yet";
        }

        var account = cluster.Find(new ObjectKey(ResourceTypes.ServiceAccounts, claims.Namespace, claims.Account.Name));
        if (account is null)
        {
            return $"serviceaccounts \"{claims.Account.Name}\" not found";
        }

        if (IsGone(account, now))
        {
            return $"service account {claims.Namespace}/{claims.Account.Name} has been deleted";
        }

        if (account.Uid != claims.Account.Uid)
        {
            return $"service account UID ({account.Uid}) does not match claim ({claims.Account.Uid})";
        }

        return claims.IsLegacy ? RefuseLegacy(claims, token, cluster, now) : RefuseBound(claims, cluster, now);
    }

    /// <summary>The account as a user, with what the token says of where it is used.</summary>
    public static UserInfo UserOf(TokenClaims claims)
    {
        var extra = ImmutableDictionary.CreateBuilder<string, ImmutableArray<string>>(StringComparer.Ordinal);
        Add("authentication.kubernetes.io/credential-id", claims.Id.Length == 0 ? null : $"JTI={claims.Id}");
        Add("authentication.kubernetes.io/pod-name", claims.Pod?.Name);
        Add("authentication.kubernetes.io/pod-uid", claims.Pod?.Uid);
        Add("authentication.kubernetes.io/node-name", claims.Node?.Name);
        Add("authentication.kubernetes.io/node-uid", claims.Node?.Uid);
        return ServiceAccountUser.Of(claims.Namespace, claims.Account.Name, claims.Account.Uid) with { Extra = extra.ToImmutable() };

        void Add(string key, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                extra[key] = [value];
            }
        }
    }

    private static string? RefuseBound(TokenClaims claims, ClusterSnapshot cluster, DateTimeOffset now)
    {
        const string Invalidated = "service account token has been invalidated";
        if (claims.Pod is { } pod && !Stands(cluster, new ObjectKey(ResourceTypes.Pods, claims.Namespace, pod.Name), pod.Uid, now))
        {
            return Invalidated;
        }

        if (claims.Secret is { } secret && !Stands(cluster, new ObjectKey(ResourceTypes.Secrets, claims.Namespace, secret.Name), secret.Uid, now))
        {
            return Invalidated;
        }

        // With a pod the node is only where it ran.
        return claims.Pod is null && claims.Node is { } node && !Stands(cluster, new ObjectKey(ResourceTypes.Nodes, "", node.Name), node.Uid, now) ? Invalidated : null;
    }

    private static string? RefuseLegacy(TokenClaims claims, string token, ClusterSnapshot cluster, DateTimeOffset now)
    {
        const string Invalidated = "token has been invalidated";
        if (cluster.Find(new ObjectKey(ResourceTypes.Secrets, claims.Namespace, claims.Secret!.Name)) is not { } secret || IsGone(secret, now))
        {
            return Invalidated;
        }

        return JsonNodes.Text(secret.ToJson().Object("data"), "token") == Convert.ToBase64String(Encoding.UTF8.GetBytes(token)) ? null : Invalidated;
    }

    private static bool Stands(ClusterSnapshot cluster, ObjectKey key, string uid, DateTimeOffset now) =>
        cluster.Find(key) is { } found && found.Uid == uid && !IsGone(found, now);

    private static bool IsGone(StoredObject obj, DateTimeOffset now) => obj.Metadata.DeletionTimestamp is { } deleted && deleted + Leeway < now;
}
