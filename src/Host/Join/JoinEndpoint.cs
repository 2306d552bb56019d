using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.ServiceNetworking;
using ActorOrchestrator.Host.Certificates;

namespace ActorOrchestrator.Host.Join;

/// <summary>What a joiner sends.</summary>
public sealed record JoinRequest(string Token, string NodeName, string Address, string CertificateRequest);

/// <summary>What it gets: who it is, whom to trust, where the others are, and which addresses the cluster has.</summary>
public sealed record JoinReply(string Certificate, string ClusterId, string[] Seeds, string ClusterCidr, string ServiceCidr);

/// <summary><c>POST /orchestrator/v1/join</c> on a control host: a token and a certificate request become a node's certificate.</summary>
public sealed class JoinEndpoint(IClusterReader reader, CertificateAuthority authority, string clusterId, Func<string[]> seeds, NetworkSettings network, TimeProvider time)
{
    public const string Path = "/orchestrator/v1/join";
    public const string AuthorityPath = "/orchestrator/v1/authority";
    private const int MaxBody = 64 * 1024;

    /// <summary>The authority's certificate, which is no secret: a joiner compares it with its token's pin.</summary>
    public Task ServeAuthorityAsync(HttpContext context) => context.Response.WriteAsync(authority.Certificate.ExportCertificatePem(), context.RequestAborted);

    public async Task ServeAsync(HttpContext context)
    {
        JoinRequest? asked;
        try
        {
            var limit = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>();
            if (limit is { IsReadOnly: false })
            {
                limit.MaxRequestBodySize = MaxBody;
            }

            asked = await context.Request.ReadFromJsonAsync<JoinRequest>(context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is JsonException or BadHttpRequestException or InvalidOperationException)
        {
            await RefuseAsync(context, 400, $"the request is not one to join: {failed.Message}").ConfigureAwait(false);
            return;
        }

        if (asked is null || JoinToken.Parse(asked.Token ?? "") is not { } token)
        {
            await RefuseAsync(context, 401, "the token is not one that orchestrator token create printed.").ConfigureAwait(false);
        }
        else if (token.Refuse(reader.Current.Find(token.Key), time.GetUtcNow()) is { } reason)
        {
            await RefuseAsync(context, 401, reason).ConfigureAwait(false);
        }
        else if (!IsNodeName(asked.NodeName) || !IPAddress.TryParse(asked.Address, out _))
        {
            await RefuseAsync(context, 400, $"\"{asked.NodeName}\" at \"{asked.Address}\" is not a node: a lower-case DNS name and an IP address are expected.").ConfigureAwait(false);
        }
        else
        {
            await AcceptAsync(context, asked).ConfigureAwait(false);
        }
    }

    private static bool IsNodeName(string? name) =>
        name is { Length: > 0 and <= 253 } && name.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '.') && char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1]);

    private async Task AcceptAsync(HttpContext context, JoinRequest asked)
    {
        string certificate;
        try
        {
            using var signed = authority.Sign(asked.CertificateRequest, CertificateSubject.Node(asked.NodeName), [asked.NodeName, asked.Address, "127.0.0.1", "localhost"]);
            certificate = signed.ExportCertificatePem();
        }
        catch (Exception failed) when (failed is CryptographicException or ArgumentException)
        {
            await RefuseAsync(context, 400, $"the certificate request cannot be used: {failed.Message}").ConfigureAwait(false);
            return;
        }

        await context.Response.WriteAsJsonAsync(new JoinReply(certificate, clusterId, seeds(), network.ClusterCidr.ToString(), network.ServiceCidr.ToString()), context.RequestAborted).ConfigureAwait(false);
    }

    private static Task RefuseAsync(HttpContext context, int code, string reason)
    {
        context.Response.StatusCode = code;
        return context.Response.WriteAsync(reason, context.RequestAborted);
    }
}
