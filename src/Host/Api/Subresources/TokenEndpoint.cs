using System.Globalization;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Access.Tokens;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Authentication.Tokens;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Formats;
using ActorOrchestrator.Host.Api.Resources;

namespace ActorOrchestrator.Host.Api.Subresources;

/// <summary>POST of a TokenRequest to a ServiceAccount.</summary>
internal sealed class TokenEndpoint(TokenIssuer issuer, ApiSettings settings)
{
    private const string ApiVersion = "authentication.k8s.io/v1";
    private const string Kind = "TokenRequest";

    public async Task CreateAsync(ApiRequest request)
    {
        var format = request.ObjectFormat;
        var body = await RequestBody.ReadAsync(request.Http, settings.MaxBodyBytes).ConfigureAwait(false);
        var asked = RequestBody.ReadObject(request.Http.Request.ContentType, body, out _);
        if (Check(request, asked) is { } wrong)
        {
            await StatusWriter.WriteAsync(request.Http, wrong).ConfigureAwait(false);
            return;
        }

        var spec = TokenSpec.Read(asked);
        var grant = issuer.Issue(request.Path.Key, spec, request.User);
        if (grant.Refusal is { } refusal)
        {
            await StatusWriter.WriteAsync(request.Http, refusal).ConfigureAwait(false);
            return;
        }

        await ObjectResponse.WriteBytesAsync(request.Http, Answer(request.Path.Key, spec, grant).Utf8(), format, 201).ConfigureAwait(false);
    }

    private static ApiStatus? Check(in ApiRequest request, JsonObject asked)
    {
        var (apiVersion, kind) = (JsonNodes.Text(asked, "apiVersion"), JsonNodes.Text(asked, "kind"));
        if (apiVersion is not ("" or ApiVersion) || kind is not ("" or Kind))
        {
            return ApiStatus.BadRequest($"{kind} in version \"{apiVersion}\" cannot be handled as a {Kind}");
        }

        var metadata = asked.Object("metadata");
        var (name, @namespace) = (JsonNodes.Text(metadata, "name"), JsonNodes.Text(metadata, "namespace"));
        if (name.Length > 0 && name != request.Path.Name)
        {
            return ApiStatus.BadRequest($"the name of the object ({name}) does not match the name on the URL ({request.Path.Name})");
        }

        return @namespace.Length > 0 && @namespace != request.Path.Namespace
            ? ApiStatus.BadRequest($"the namespace of the object ({@namespace}) does not match the namespace on the URL ({request.Path.Namespace})")
            : null;
    }

    private JsonObject Answer(ObjectKey account, TokenSpec asked, TokenGrant grant)
    {
        var spec = new JsonObject
        {
            ["audiences"] = new JsonArray([.. (asked.Audiences.IsEmpty ? [issuer.Audience] : asked.Audiences).Select(audience => (JsonNode)audience)]),
            ["expirationSeconds"] = asked.ExpirationSeconds,
        };
        if (asked.Bound is { } bound)
        {
            spec["boundObjectRef"] = new JsonObject { ["kind"] = bound.Kind, ["apiVersion"] = bound.ApiVersion, ["name"] = bound.Name, ["uid"] = bound.Uid };
        }

        return new JsonObject
        {
            ["kind"] = Kind,
            ["apiVersion"] = ApiVersion,
            ["metadata"] = new JsonObject { ["name"] = account.Name, ["namespace"] = account.Namespace },
            ["spec"] = spec,
            ["status"] = new JsonObject { ["token"] = grant.Token, ["expirationTimestamp"] = grant.Expires.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) },
        };
    }
}

internal static class JsonBytes
{
    public static byte[] Utf8(this JsonObject obj) => System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(obj, Relaxed);

    private static readonly System.Text.Json.JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
