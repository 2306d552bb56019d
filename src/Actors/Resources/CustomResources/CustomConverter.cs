using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Webhooks;
using ActorOrchestrator.Contracts.CustomResources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Validation;

namespace ActorOrchestrator.Actors.Resources.CustomResources;

/// <summary>
/// Between the versions of one custom kind: by its webhook, or by writing the other version's name. The metadata stays as it went in but for labels and
/// annotations.
/// </summary>
internal sealed class CustomConverter(CustomResourceDefinition definition, WebhookClient webhooks) : VersionConverter
{
    private const int Batch = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>What is stored has the defaults of the version in which it was stored; those of the version that is read are for who writes in it.</summary>
    public override async ValueTask<IReadOnlyList<JsonObject>> FromStorageAsync(IReadOnlyList<JsonObject> objects, string apiVersion, CancellationToken cancellation)
    {
        foreach (var obj in objects)
        {
            if (Version(JsonNodes.Text(obj, "apiVersion")) is { } stored)
            {
                CustomReading.Stored(stored, obj);
            }
        }

        return await ShapedAsync(objects, apiVersion, cancellation).ConfigureAwait(false);
    }

    public override ValueTask<IReadOnlyList<JsonObject>> ToStorageAsync(IReadOnlyList<JsonObject> objects, string apiVersion, CancellationToken cancellation) =>
        ShapedAsync(objects, $"{definition.Group}/{definition.StorageVersion}", cancellation);

    /// <summary>One object in another version, as the conversion left it: neither end of it is in storage.</summary>
    public async ValueTask<JsonObject> ConvertAsync(JsonObject obj, string apiVersion, CancellationToken cancellation) =>
        JsonNodes.Text(obj, "apiVersion") == apiVersion ? obj : (await ConvertAsync([obj], apiVersion, cancellation).ConfigureAwait(false))[0];

    private async ValueTask<IReadOnlyList<JsonObject>> ShapedAsync(IReadOnlyList<JsonObject> objects, string apiVersion, CancellationToken cancellation)
    {
        var result = objects.ToArray();
        int[] others = [.. Enumerable.Range(0, result.Length).Where(i => JsonNodes.Text(result[i], "apiVersion") != apiVersion)];
        var version = Version(apiVersion);
        foreach (var chunk in others.Chunk(Batch))
        {
            var converted = await ConvertAsync([.. chunk.Select(i => result[i])], apiVersion, cancellation).ConfigureAwait(false);
            for (var i = 0; i < chunk.Length; i++)
            {
                result[chunk[i]] = converted[i];
                if (version is not null)
                {
                    CustomReading.Converted(version, converted[i]);
                }
            }
        }

        return result;
    }

    private async ValueTask<JsonObject[]> ConvertAsync(JsonObject[] objects, string apiVersion, CancellationToken cancellation)
    {
        if (definition.Conversion.IsWebhook)
        {
            return await AskAsync(objects, apiVersion, cancellation).ConfigureAwait(false);
        }

        foreach (var obj in objects)
        {
            obj["apiVersion"] = apiVersion;
        }

        return objects;
    }

    private CustomVersion? Version(string apiVersion) => definition.Versions.FirstOrDefault(version => version.ApiVersion == apiVersion);

    private async Task<JsonObject[]> AskAsync(JsonObject[] objects, string apiVersion, CancellationToken cancellation)
    {
        var review = definition.Conversion.ReviewVersions.FirstOrDefault(version => version is "v1" or "v1beta1") ?? throw Failed(objects[0], "no supported conversion review versions");
        var uid = Guid.NewGuid().ToString();
        var request = new JsonObject
        {
            ["kind"] = "ConversionReview",
            ["apiVersion"] = $"apiextensions.k8s.io/{review}",
            ["request"] = new JsonObject
            {
                ["uid"] = uid,
                ["desiredAPIVersion"] = apiVersion,
                ["objects"] = new JsonArray([.. objects.Select(obj => obj.DeepClone())]),
            },
        };
        JsonObject answer;
        try
        {
            answer = await webhooks.CallAsync(definition.Conversion.Client ?? [], request, Patience, cancellation).ConfigureAwait(false);
        }
        catch (WebhookException failed)
        {
            throw Failed(objects[0], failed.Message);
        }

        return Read(answer, review, uid, objects, apiVersion);
    }

    private JsonObject[] Read(JsonObject answer, string review, string uid, JsonObject[] objects, string apiVersion)
    {
        var expected = $"apiextensions.k8s.io/{review}, Kind=ConversionReview";
        var given = $"{JsonNodes.Text(answer, "apiVersion")}, Kind={JsonNodes.Text(answer, "kind")}";
        var response = answer.Object("response");
        var problem = review == "v1" && given != expected ? $"expected webhook response of {expected}, got {given}"
            : response is null ? "no response provided"
            : review == "v1" && JsonNodes.Text(response, "uid") != uid ? $"expected response.uid=\"{uid}\", got \"{JsonNodes.Text(response, "uid")}\""
            : JsonNodes.Text(response.Object("result"), "status") is var status && status != "Success"
                ? JsonNodes.Text(response.Object("result"), "message") is { Length: > 0 } message ? message : $"response.result.status was '{status}', not 'Success'"
                : null;
        if (problem is not null)
        {
            throw Failed(objects[0], problem);
        }

        var converted = response.Array("convertedObjects") ?? [];
        if (converted.Count != objects.Length)
        {
            throw Refused(objects[0], $"returned {converted.Count} objects, expected {objects.Length}");
        }

        return [.. objects.Select((original, i) => Checked(original, converted[i], apiVersion))];
    }

    private JsonObject Checked(JsonObject original, JsonNode? node, string apiVersion)
    {
        if (node?.DeepClone() is not JsonObject converted)
        {
            throw Refused(original, "returned invalid object at index 0: it is no object");
        }

        if (JsonNodes.Text(converted, "apiVersion") != apiVersion)
        {
            throw Refused(original, $"returned invalid object at index 0: invalid groupVersion (expected {apiVersion}, received {JsonNodes.Text(converted, "apiVersion")})");
        }

        if (JsonNodes.Text(converted, "kind") != JsonNodes.Text(original, "kind"))
        {
            throw Refused(original, $"returned invalid object at index 0: invalid kind (expected {JsonNodes.Text(original, "kind")}, received {JsonNodes.Text(converted, "kind")})");
        }

        var (before, after) = (original.Object("metadata"), converted.Object("metadata"));
        foreach (var (field, name) in (ReadOnlySpan<(string, string)>)[("name", "name"), ("namespace", "namespace"), ("uid", "UID")])
        {
            if (JsonNodes.Text(before, field) != JsonNodes.Text(after, field))
            {
                throw Refused(original, $"returned invalid object: must have the same {name}: {JsonNodes.Text(before, field)} != {JsonNodes.Text(after, field)}");
            }
        }

        if (after is null)
        {
            throw Refused(original, "returned invalid metadata: missing metadata in converted object");
        }

        // Labels and annotations are the only metadata that a conversion may change.
        var metadata = (JsonObject?)before?.DeepClone() ?? [];
        foreach (var field in (ReadOnlySpan<string>)["labels", "annotations"])
        {
            if (after[field] is { } given and not JsonObject)
            {
                throw Refused(original, $"returned invalid metadata: invalid metadata.{field} of type {given.GetValueKind().ToString().ToLowerInvariant()} in converted object");
            }

            foreach (var (key, value) in after.Object(field) ?? [])
            {
                if (value is not JsonValue text || !text.TryGetValue<string>(out _))
                {
                    throw Refused(original, $"returned invalid metadata: metadata.{field}[{key}] must be a string, but is {value?.GetValueKind().ToString().ToLowerInvariant() ?? "null"} in converted object");
                }
            }

            metadata.CopyFrom(after, field);
        }

        if (ObjectValidation.ValidateConverted(metadata, before) is { IsEmpty: false } problems)
        {
            var told = string.Join(", ", problems.Select(problem => $"{problem.Field}: {problem.Message}"));
            throw Refused(original, $"returned invalid metadata: {(problems.Length == 1 ? told : $"[{told}]")}");
        }

        converted["metadata"] = metadata;
        return converted;
    }

    private VersionConversionException Failed(JsonObject about, string problem) => Refused(about, $"failed: {problem}");

    private VersionConversionException Refused(JsonObject about, string problem) => new(new ApiStatus(
        500, "InternalError", $"conversion webhook for {JsonNodes.Text(about, "apiVersion")}, Kind={definition.Names.Kind} {problem}"));
}
