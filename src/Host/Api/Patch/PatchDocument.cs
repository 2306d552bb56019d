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

    private PatchDocument(string mediaType, JsonNode? patch, List<string>? findings) => (_mediaType, _patch, Findings) = (mediaType, patch, findings);

    /// <summary>What a strict reader has against the patch itself: members that come twice, members that operations do not have.</summary>
    public List<string>? Findings { get; }

    /// <summary>Whether a configuration is applied rather than a patch.</summary>
    public static bool IsApply(in ApiRequest request) => RequestBody.MediaTypeOf(request.Http.Request.ContentType) == ApplyEndpoint.MediaType;

    /// <summary>How an answer shows a patch whose outcome is no object of its kind: a strategic patch itself, of the others what they made.</summary>
    public string Show(JsonObject? target, ObjectSchema? schema) => IsStrategic || target is null || Apply(target, schema).Object is not { } patched
        ? PatchedObject.GoText(_patch)
        : patched.ToJsonString();

    public bool IsStrategic => _mediaType == "application/strategic-merge-patch+json";

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
                var patch = RequestBody.Parse(Syntax.Json, body, out var duplicates) as JsonArray ?? throw ApiException.BadRequest("error decoding patch: a JSON patch is an array of operations");
                var findings = (duplicates ?? []).Concat(PatchedObject.UnknownMembers(patch)).Select(finding => "json patch " + finding).ToList();
                return patch.Count <= JsonPatch.MaxOperations
                    ? new PatchDocument(mediaType, patch, findings.Count == 0 ? null : findings)
                    : throw new ApiException(new ApiStatus(413, "RequestEntityTooLarge", $"The allowed maximum operations in a JSON patch is {JsonPatch.MaxOperations}, got {patch.Count}"));
            }

            case "application/merge-patch+json" or "application/strategic-merge-patch+json":
            {
                var patch = RequestBody.Parse(Syntax.Json, body, out var duplicates) as JsonObject ?? throw ApiException.BadRequest("error decoding patch: a merge patch is an object");
                return new PatchDocument(mediaType, patch, duplicates);
            }

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
