using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Access;

namespace ActorOrchestrator.Actors.Access.Tokens;

/// <summary>An object by which a token stands and falls.</summary>
public sealed record TokenBinding(string Name, string Uid);

/// <summary>What a ServiceAccount's token says (the private claims of upstream's <c>pkg/serviceaccount</c>).</summary>
/// <param name="Issuer">Who signed.</param>
/// <param name="Namespace">Of the account.</param>
/// <param name="Account">The ServiceAccount; its uid tells it from a later one of the same name.</param>
public sealed record TokenClaims(string Issuer, string Namespace, TokenBinding Account)
{
    public const string LegacyIssuer = "kubernetes/serviceaccount";
    private const string Private = "kubernetes.io";
    private const string LegacyPrefix = "kubernetes.io/serviceaccount/";

    public ImmutableArray<string> Audiences { get; init; } = [];
    public DateTimeOffset IssuedAt { get; init; }

    /// <summary>Null for a legacy token, which ends with its Secret.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>After it the token still holds, but whoever uses it should have got another.</summary>
    public DateTimeOffset? WarnAfter { get; init; }

    public string Id { get; init; } = "";
    public TokenBinding? Pod { get; init; }
    public TokenBinding? Secret { get; init; }
    public TokenBinding? Node { get; init; }

    public bool IsLegacy => Issuer == LegacyIssuer;

    public JsonObject ToJson()
    {
        var subject = ServiceAccountUser.NameOf(Namespace, Account.Name);
        if (IsLegacy)
        {
            return new JsonObject
            {
                ["iss"] = Issuer,
                [LegacyPrefix + "namespace"] = Namespace,
                [LegacyPrefix + "secret.name"] = Secret?.Name ?? "",
                [LegacyPrefix + "service-account.name"] = Account.Name,
                [LegacyPrefix + "service-account.uid"] = Account.Uid,
                ["sub"] = subject,
            };
        }

        var kubernetes = new JsonObject { ["namespace"] = Namespace };
        Add(kubernetes, "node", Node);
        Add(kubernetes, "pod", Pod);
        Add(kubernetes, "secret", Secret);
        Add(kubernetes, "serviceaccount", Account);
        if (WarnAfter is { } warn)
        {
            kubernetes["warnafter"] = warn.ToUnixTimeSeconds();
        }

        return new JsonObject
        {
            ["aud"] = new JsonArray([.. Audiences.Select(audience => (JsonNode)audience)]),
            ["exp"] = (Expires ?? IssuedAt).ToUnixTimeSeconds(),
            ["iat"] = IssuedAt.ToUnixTimeSeconds(),
            ["iss"] = Issuer,
            ["jti"] = Id,
            [Private] = kubernetes,
            ["nbf"] = IssuedAt.ToUnixTimeSeconds(),
            ["sub"] = subject,
        };
    }

    /// <summary>Null when they are not the claims of a ServiceAccount's token.</summary>
    public static TokenClaims? Read(JsonObject claims)
    {
        var issuer = JsonNodes.Text(claims, "iss");
        var read = issuer == LegacyIssuer ? ReadLegacy(claims) : ReadBound(claims, issuer);
        return read is not null && read.Account.Name.Length > 0 && JsonNodes.Text(claims, "sub") == ServiceAccountUser.NameOf(read.Namespace, read.Account.Name) ? read : null;
    }

    private static TokenClaims ReadLegacy(JsonObject claims) => new(
        LegacyIssuer,
        JsonNodes.Text(claims, LegacyPrefix + "namespace"),
        new TokenBinding(JsonNodes.Text(claims, LegacyPrefix + "service-account.name"), JsonNodes.Text(claims, LegacyPrefix + "service-account.uid")))
    {
        Secret = new TokenBinding(JsonNodes.Text(claims, LegacyPrefix + "secret.name"), ""),
    };

    private static TokenClaims? ReadBound(JsonObject claims, string issuer)
    {
        if (claims.Object(Private) is not { } kubernetes || Bound(kubernetes, "serviceaccount") is not { } account || JsonNodes.Number(claims, "exp") is not { } expires)
        {
            return null;
        }

        return new TokenClaims(issuer, JsonNodes.Text(kubernetes, "namespace"), account)
        {
            Audiences = claims["aud"] is JsonArray ? [.. JsonNodes.Strings(claims, "aud")] : [JsonNodes.Text(claims, "aud")],
            IssuedAt = Time(JsonNodes.Number(claims, "nbf") ?? JsonNodes.Number(claims, "iat") ?? 0),
            Expires = Time(expires),
            WarnAfter = JsonNodes.Number(kubernetes, "warnafter") is { } warn ? Time(warn) : null,
            Id = JsonNodes.Text(claims, "jti"),
            Pod = Bound(kubernetes, "pod"),
            Secret = Bound(kubernetes, "secret"),
            Node = Bound(kubernetes, "node"),
        };
    }

    private static DateTimeOffset Time(long seconds) => DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, 0, 253402300799));

    private static void Add(JsonObject claims, string name, TokenBinding? binding)
    {
        if (binding is not null)
        {
            claims[name] = binding.Uid.Length == 0 ? new JsonObject { ["name"] = binding.Name } : new JsonObject { ["name"] = binding.Name, ["uid"] = binding.Uid };
        }
    }

    private static TokenBinding? Bound(JsonObject claims, string name) =>
        claims.Object(name) is { } bound ? new TokenBinding(JsonNodes.Text(bound, "name"), JsonNodes.Text(bound, "uid")) : null;
}
