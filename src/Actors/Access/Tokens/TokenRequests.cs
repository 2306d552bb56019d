using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Access.Tokens;

/// <summary>What a TokenRequest asks for.</summary>
/// <param name="Audiences">Whom the token is shown to; empty for the API.</param>
/// <param name="ExpirationSeconds">How long it is to hold.</param>
/// <param name="Bound">The object that it ends with; null for none.</param>
public sealed record TokenSpec(ImmutableArray<string> Audiences, long ExpirationSeconds, BoundObject? Bound)
{
    /// <summary>What the volume that every pod gets asks for: an hour, and seven seconds that mark it (upstream's <c>WarnOnlyBoundTokenExpirationPeriod</c>).</summary>
    public const long ProjectedSeconds = 3607;

    public const long DefaultSeconds = 3600;

    public static TokenSpec Read(JsonObject request)
    {
        var spec = request.Object("spec");
        return new TokenSpec(
            [.. JsonNodes.Strings(spec, "audiences")],
            JsonNodes.Number(spec, "expirationSeconds") ?? DefaultSeconds,
            spec.Object("boundObjectRef") is { } bound
                ? new BoundObject(JsonNodes.Text(bound, "apiVersion"), JsonNodes.Text(bound, "kind"), JsonNodes.Text(bound, "name"), JsonNodes.Text(bound, "uid"))
                : null);
    }
}

public sealed record BoundObject(string ApiVersion, string Kind, string Name, string Uid);

/// <summary>Either claims to be signed, or a refusal.</summary>
/// <param name="Expires">When the asker should have got another; what is signed may hold longer.</param>
public readonly record struct TokenDecision(TokenClaims? Claims, DateTimeOffset Expires, ApiStatus? Refusal)
{
    public static TokenDecision Refused(ApiStatus why) => new(null, default, why);
}

/// <summary>Decides on TokenRequests (upstream's <c>registry/core/serviceaccount/storage/token.go</c>, and its NodeRestriction for those of nodes).</summary>
public static class TokenRequests
{
    private const long MinSeconds = 600;
    private const long MaxSeconds = 1L << 32;
    private static readonly TimeSpan Extended = TimeSpan.FromDays(365);

    /// <param name="account">Whose token.</param>
    /// <param name="spec">What is asked for.</param>
    /// <param name="user">Who asks.</param>
    /// <param name="id">The token's identifier.</param>
    public static TokenDecision Decide(ObjectKey account, TokenSpec spec, UserInfo user, ClusterSnapshot cluster, TokenSettings settings, string id, DateTimeOffset now)
    {
        if (cluster.Find(account) is not { } found)
        {
            return TokenDecision.Refused(ApiStatus.NotFound(account));
        }

        if (RefuseSpec(spec) is { } invalid)
        {
            return TokenDecision.Refused(invalid);
        }

        if (user.NodeName is { } node && RefuseNode(account, spec, node, cluster) is { } forbidden)
        {
            return TokenDecision.Refused(forbidden);
        }

        var audiences = spec.Audiences.IsEmpty ? [settings.Audience] : spec.Audiences;
        var life = TimeSpan.FromSeconds(spec.ExpirationSeconds);
        if (settings.MaxExpiration is { } longest && life > longest)
        {
            life = longest;
        }

        var claims = new TokenClaims(settings.Issuer, account.Namespace, new TokenBinding(account.Name, found.Uid))
        {
            Audiences = audiences,
            IssuedAt = now,
            Expires = now + life,
            Id = id,
        };
        if (settings.ExtendExpiration && spec.ExpirationSeconds == TokenSpec.ProjectedSeconds && spec.Bound is { Kind: "Pod" } && audiences is [var only] && only == settings.Audience)
        {
            claims = claims with { WarnAfter = now + life, Expires = now + Extended };
        }

        return spec.Bound is null ? new TokenDecision(claims, now + life, null) : Bind(account, claims, spec.Bound, cluster, now + life);
    }

    private static ApiStatus? RefuseSpec(TokenSpec spec)
    {
        var why = spec.ExpirationSeconds < MinSeconds ? "may not specify a duration less than 10 minutes"
            : spec.ExpirationSeconds > MaxSeconds ? "may not specify a duration larger than 2^32 seconds"
            : null;
        return why is null ? null : ApiStatus.Invalid(
            new ObjectKey(new ResourceType("authentication.k8s.io", "tokenrequests"), "", ""), "TokenRequest",
            [new StatusCause("FieldValueInvalid", $"Invalid value: {spec.ExpirationSeconds}: {why}", "spec.expirationSeconds")]);
    }

    private static TokenDecision Bind(ObjectKey account, TokenClaims claims, BoundObject bound, ClusterSnapshot cluster, DateTimeOffset expires)
    {
        ResourceType? type = (bound.ApiVersion, bound.Kind) switch
        {
            ("v1", "Pod") => ResourceTypes.Pods,
            ("v1", "Secret") => ResourceTypes.Secrets,
            ("v1", "Node") => ResourceTypes.Nodes,
            _ => null,
        };
        if (type is null)
        {
            return TokenDecision.Refused(ApiStatus.BadRequest($"cannot bind token to object of type {bound.ApiVersion}, Kind={bound.Kind}"));
        }

        var key = new ObjectKey(type.Value, type == ResourceTypes.Nodes ? "" : account.Namespace, bound.Name);
        if (cluster.Find(key) is not { } found)
        {
            return TokenDecision.Refused(ApiStatus.NotFound(key));
        }

        var spec = type == ResourceTypes.Pods ? found.ToJson().Object("spec") : null;
        if (spec is not null && JsonNodes.Text(spec, "serviceAccountName") != account.Name)
        {
            return TokenDecision.Refused(ApiStatus.BadRequest($"cannot bind token for serviceaccount \"{account.Name}\" to pod running with different serviceaccount name."));
        }

        if (bound.Uid.Length > 0 && bound.Uid != found.Uid)
        {
            return TokenDecision.Refused(Conflict(bound));
        }

        var binding = new TokenBinding(bound.Name, found.Uid);
        claims = bound.Kind switch
        {
            "Pod" => claims with { Pod = binding, Node = NodeOf(JsonNodes.Text(spec, "nodeName"), cluster) },
            "Secret" => claims with { Secret = binding },
            _ => claims with { Node = binding },
        };
        return new TokenDecision(claims, expires, null);
    }

    private static TokenBinding? NodeOf(string name, ClusterSnapshot cluster) =>
        name.Length == 0 ? null : new TokenBinding(name, cluster.Find(new ObjectKey(ResourceTypes.Nodes, "", name))?.Uid ?? "");

    /// <summary>A node gets tokens for the pods that it runs, and for nothing else.</summary>
    private static ApiStatus? RefuseNode(ObjectKey account, TokenSpec spec, string node, ClusterSnapshot cluster)
    {
        if (spec.Bound is not { ApiVersion: "v1", Kind: "Pod", Name.Length: > 0 } bound)
        {
            return ApiStatus.Forbidden(account, "node requested token not bound to a pod");
        }

        if (bound.Uid.Length == 0)
        {
            return ApiStatus.Forbidden(account, "node requested token with a pod binding without a uid");
        }

        var key = new ObjectKey(ResourceTypes.Pods, account.Namespace, bound.Name);
        if (cluster.Find(key) is not { } pod)
        {
            return ApiStatus.NotFound(key);
        }

        return pod.Uid != bound.Uid
            ? ApiStatus.Forbidden(account, $"the UID in the bound object reference ({bound.Uid}) does not match the UID in record. The object might have been deleted and then recreated")
            : pod.Links.NodeName != node ? ApiStatus.Forbidden(account, "node requested token bound to a pod scheduled on a different node") : null;
    }

    private static ApiStatus Conflict(BoundObject bound) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {bound.Kind} \"{bound.Name}\": the UID in the bound object reference ({bound.Uid}) does not match the UID in record. The object might have been deleted and then recreated")
        {
            Kind = bound.Kind,
            Name = bound.Name,
        };
}
