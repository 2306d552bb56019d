using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Access.Tokens;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Authentication.Tokens;

/// <summary>Asks a control host's API for tokens, as any kubelet does: one of those behind the Service <c>kubernetes</c>, or the one that was joined.</summary>
/// <param name="client">Shows the node's certificate.</param>
/// <param name="reader">Where the control hosts are.</param>
/// <param name="joined">Host and port of the one that was joined.</param>
public sealed class RemoteServiceAccountTokens(HttpClient client, IClusterReader reader, string joined) : IServiceAccountTokens
{
    private static readonly ObjectKey Endpoints = new(ResourceTypes.Endpoints, "default", "kubernetes");

    public async Task<TokenGrant> RequestAsync(ObjectKey account, TokenSpec spec, CancellationToken cancellation = default)
    {
        var failure = "no control host is known";
        foreach (var address in Addresses().Distinct())
        {
            try
            {
                using var body = new StringContent(BodyOf(spec).ToJsonString(), Encoding.UTF8, "application/json");
                using var response = await client.PostAsync($"https://{address}/api/v1/namespaces/{account.Namespace}/serviceaccounts/{account.Name}/token", body, cancellation).ConfigureAwait(false);
                return Read(response.IsSuccessStatusCode, (int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false));
            }
            catch (Exception unreachable) when (unreachable is HttpRequestException or TaskCanceledException or JsonException && !cancellation.IsCancellationRequested)
            {
                failure = $"{address}: {unreachable.GetBaseException().Message}";
            }
        }

        return TokenGrant.Refused(ApiStatus.Unavailable($"no control host gives tokens ({failure})"));
    }

    private IEnumerable<string> Addresses()
    {
        foreach (var subset in reader.Current.Find(Endpoints)?.ToJson().Array("subsets") ?? [])
        {
            var port = (subset.Array("ports") ?? []).Select(entry => JsonNodes.Number(entry, "port")).FirstOrDefault();
            foreach (var address in subset.Array("addresses") ?? [])
            {
                yield return $"{JsonNodes.Text(address, "ip")}:{port}";
            }
        }

        if (joined.Length > 0)
        {
            yield return joined;
        }
    }

    private static JsonObject BodyOf(TokenSpec spec)
    {
        var asked = new JsonObject { ["expirationSeconds"] = spec.ExpirationSeconds };
        if (!spec.Audiences.IsEmpty)
        {
            asked["audiences"] = new JsonArray([.. spec.Audiences.Select(audience => (JsonNode)audience)]);
        }

        if (spec.Bound is { } bound)
        {
            asked["boundObjectRef"] = new JsonObject { ["apiVersion"] = bound.ApiVersion, ["kind"] = bound.Kind, ["name"] = bound.Name, ["uid"] = bound.Uid };
        }

        return new JsonObject { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "TokenRequest", ["spec"] = asked };
    }

    private static TokenGrant Read(bool granted, int code, string text)
    {
        var answer = JsonNode.Parse(text);
        if (!granted)
        {
            return TokenGrant.Refused(new ApiStatus(code, JsonNodes.Text(answer, "reason"), JsonNodes.Text(answer, "message")));
        }

        var status = answer.Object("status");
        return DateTimeOffset.TryParse(JsonNodes.Text(status, "expirationTimestamp"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expires)
            ? new TokenGrant(JsonNodes.Text(status, "token"), expires, null)
            : TokenGrant.Refused(ApiStatus.Unavailable("the API's answer has no token"));
    }
}
