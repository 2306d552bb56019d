using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Patching;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Formats;

namespace ActorOrchestrator.Host.Api.Patch;

/// <summary>A patch as it was sent: read once, applied as often as a lost race asks for.</summary>
internal sealed class PatchDocument
{
    private const string Accepted = "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml";

    private readonly string _mediaType;
    private readonly JsonNode? _patch;

    private PatchDocument(string mediaType, JsonNode? patch) => (_mediaType, _patch) = (mediaType, patch);

    /// <summary>Whether a configuration is applied rather than a patch.</summary>
    /// <exception cref="ApiException">422: what only an apply may say is said of a patch.</exception>
    public static bool IsApply(in ApiRequest request)
    {
        if (RequestBody.MediaTypeOf(request.Http.Request.ContentType) == ApplyEndpoint.MediaType)
        {
            return true;
        }

        return request.Query("force").Length == 0
            ? false
            : throw FieldManagerName.Refused("PatchOptions", new StatusCause("FieldValueForbidden", "Forbidden: may not be specified for non-apply patch", "force"));
    }

    private bool IsStrategic => _mediaType == "application/strategic-merge-patch+json";

    /// <exception cref="ApiException">415 or 400 or 413.</exception>
    public static PatchDocument Read(in ApiRequest request, byte[] body)
    {
        var patch = Read(request.Http.Request.ContentType, body);

        // A definition has no words for how lists merge in a strategic patch.
        return request.Descriptor.Custom is not null && patch.IsStrategic
            ? throw new ApiException(RequestStatuses.UnsupportedMediaType("application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"))
            : patch;
    }

    private static PatchDocument Read(string? contentType, byte[] body)
    {
        var mediaType = RequestBody.MediaTypeOf(string.IsNullOrEmpty(contentType) ? "none" : contentType);
        switch (mediaType)
        {
            case "application/json-patch+json":
            {
                var patch = RequestBody.Parse(Syntax.Json, body, out _) as JsonArray ?? throw ApiException.BadRequest("error decoding patch: a JSON patch is an array of operations");
                return patch.Count <= JsonPatch.MaxOperations
                    ? new PatchDocument(mediaType, patch)
                    : throw new ApiException(new ApiStatus(413, "RequestEntityTooLarge", $"The allowed maximum operations in a JSON patch is {JsonPatch.MaxOperations}, got {patch.Count}"));
            }

            case "application/merge-patch+json" or "application/strategic-merge-patch+json":
                return new PatchDocument(mediaType, RequestBody.Parse(Syntax.Json, body, out _) as JsonObject ?? throw ApiException.BadRequest("error decoding patch: a merge patch is an object"));
            default:
                throw new ApiException(RequestStatuses.UnsupportedMediaType(Accepted));
        }
    }

    /// <summary>Applies to a tree that may be changed.</summary>
    public ChangeResult Apply(JsonObject target, ObjectSchema? schema)
    {
        try
        {
            var patched = _mediaType switch
            {
                "application/json-patch+json" => JsonPatch.Apply(target, (JsonArray)_patch!),
                "application/merge-patch+json" => MergePatch.Apply(target, (JsonObject)_patch!),
                _ when schema is null => MergePatch.Apply(target, (JsonObject)_patch!),
                _ => StrategicMergePatch.Apply(target, (JsonObject)_patch!.DeepClone(), MergeShape.Of(schema)),
            };
            return patched as JsonObject ?? (ChangeResult)ApiStatus.BadRequest("the patched value is no object");
        }
        catch (PatchException wrong)
        {
            return wrong.Status;
        }
    }
}
