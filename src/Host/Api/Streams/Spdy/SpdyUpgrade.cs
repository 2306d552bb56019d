using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.NodeEndpoint;
using Microsoft.AspNetCore.Http.Features;

namespace ActorOrchestrator.Host.Api.Streams.Spdy;

/// <summary>A request that wants to become a SPDY/3.1 connection, and upstream's negotiation of what is spoken over it.</summary>
internal static class SpdyUpgrade
{
    private const string Name = "SPDY/3.1";
    private const string ProtocolHeader = "X-Stream-Protocol-Version";
    private const string AcceptedHeader = "X-Accepted-Stream-Protocol-Versions";

    public static bool IsAsked(HttpContext http) =>
        http.Request.Headers.Connection.ToString().Contains("upgrade", StringComparison.OrdinalIgnoreCase)
        && http.Request.Headers.Upgrade.ToString().Contains(Name, StringComparison.OrdinalIgnoreCase);

    /// <summary>The first protocol that the client offers and that is known; one that offers none gets the last, as the oldest clients do. Null when the refusal has been told.</summary>
    public static async Task<string?> NegotiateAsync(HttpContext http, string[] known)
    {
        string[] offered = [.. http.Request.Headers[ProtocolHeader].SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
        if (offered.Length == 0)
        {
            return known[^1];
        }

        if (Array.Find(offered, known.Contains) is { } chosen)
        {
            return chosen;
        }

        http.Response.Headers[AcceptedHeader] = known;
        await PlainAnswer.WriteAsync(
            http, StatusCodes.Status403Forbidden,
            $"unable to upgrade: unable to negotiate protocol: client supports [{string.Join(' ', offered)}], server accepts [{string.Join(' ', known)}]").ConfigureAwait(false);
        return null;
    }

    /// <exception cref="ApiException">400: a connection that cannot become anything else.</exception>
    public static Task<Stream> AcceptAsync(HttpContext http, string protocol)
    {
        if (http.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
        {
            throw ApiException.BadRequest("Upgrade request required");
        }

        http.Response.Headers.Upgrade = Name;
        http.Response.Headers[ProtocolHeader] = protocol;
        return upgrade.UpgradeAsync();
    }
}
