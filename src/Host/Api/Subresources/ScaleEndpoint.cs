using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Formats;
using ActorOrchestrator.Host.Api.Patch;
using ActorOrchestrator.Host.Api.Resources;
using k8s.Models;

namespace ActorOrchestrator.Host.Api.Subresources;

/// <summary><c>autoscaling/v1 Scale</c>: the replica count of a workload, seen and set without knowing its kind.</summary>
internal sealed class ScaleEndpoint(IResourceClient client, RevisionReads reads, ApiSettings settings)
{
    public async Task GetAsync(ApiRequest request)
    {
        var snapshot = await reads.ForGetAsync(request).ConfigureAwait(false);
        if (snapshot.Find(request.Path.Key) is not { } obj)
        {
            await StatusWriter.WriteAsync(request.Http, ApiStatus.NotFound(request.Path.Key)).ConfigureAwait(false);
            return;
        }

        await WriteAsync(request, obj).ConfigureAwait(false);
    }

    public async Task UpdateAsync(ApiRequest request)
    {
        var body = await RequestBody.ReadAsync(request.Http, settings.MaxBodyBytes).ConfigureAwait(false);
        var scale = RequestBody.ReadObject(request.Http.Request.ContentType, body, out _);
        await ApplyAsync(request, "update scale", _ => (JsonObject)scale.DeepClone()).ConfigureAwait(false);
    }

    public async Task PatchAsync(ApiRequest request)
    {
        var body = await RequestBody.ReadAsync(request.Http, settings.MaxBodyBytes).ConfigureAwait(false);
        var patch = PatchDocument.Read(request.Http.Request.ContentType, body);
        await ApplyAsync(request, "patch scale", current => patch.Apply(current, ObjectSchema.Of(typeof(V1Scale)))).ConfigureAwait(false);
    }

    private async Task ApplyAsync(ApiRequest request, string act, Func<JsonObject, ChangeResult> change)
    {
        var result = await client.UpdateAsync(
            request.Path.Key,
            (stored, tree) =>
            {
                var answer = change(Scale(stored.Key, tree));
                if (answer.Object is not { } wanted)
                {
                    return answer;
                }

                if (Check(request, wanted, stored) is { } refused)
                {
                    return refused;
                }

                tree.Ensure("spec")["replicas"] = JsonNodes.Number(wanted.Object("spec"), "replicas") ?? 0;
                return tree;
            },
            request.Write(act),
            request.Http.RequestAborted).ConfigureAwait(false);
        if (result.Failure is { } failure)
        {
            await StatusWriter.WriteAsync(request.Http, failure).ConfigureAwait(false);
            return;
        }

        await WriteAsync(request, result.Object!).ConfigureAwait(false);
    }

    private static ApiStatus? Check(in ApiRequest request, JsonObject scale, StoredObject stored)
    {
        var metadata = scale.Object("metadata");
        var name = JsonNodes.Text(metadata, "name");
        if (name.Length > 0 && name != request.Path.Name)
        {
            return ApiStatus.BadRequest($"the name of the object ({name}) does not match the name on the URL ({request.Path.Name})");
        }

        if (!Revision.TryParse(JsonNodes.Text(metadata, "resourceVersion"), out var revision) || (revision != Revision.None && revision != stored.Revision))
        {
            return ApiStatus.StaleRevision(stored.Key);
        }

        var spec = scale.Object("spec");
        if (spec?["replicas"] is { } given && JsonNodes.Integer(given) is null)
        {
            return ApiStatus.BadRequest($"Scale in version \"v1\" cannot be handled as a Scale: json: cannot unmarshal {given.GetValueKind().ToString().ToLowerInvariant()} into Go struct field ScaleSpec.spec.replicas of type int32");
        }

        var replicas = JsonNodes.Number(spec, "replicas") ?? 0;
        return replicas is >= 0 and <= int.MaxValue
            ? null
            : ApiStatus.Invalid(
                new ObjectKey(new ResourceType("autoscaling", "scales"), stored.Key.Namespace, stored.Key.Name),
                "Scale",
                [new StatusCause("FieldValueInvalid", $"Invalid value: {replicas}: must be greater than or equal to 0", "spec.replicas")]);
    }

    private static Task WriteAsync(in ApiRequest request, StoredObject obj) =>
        ObjectResponse.WriteBytesAsync(
            request.Http, JsonSerializer.SerializeToUtf8Bytes(Scale(obj.Key, obj.ToJson())), request.Format with { Shape = ResponseShape.Objects });

    private static JsonObject Scale(ObjectKey key, JsonObject obj)
    {
        var metadata = obj.Object("metadata");
        var view = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace };
        foreach (var field in (ReadOnlySpan<string>)["uid", "resourceVersion", "creationTimestamp"])
        {
            view.CopyFrom(metadata, field);
        }

        var selector = LabelSelector.From(obj.Object("spec").Object("selector"));
        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = view,
            ["spec"] = new JsonObject { ["replicas"] = JsonNodes.Number(obj.Object("spec"), "replicas") ?? 0 },
            ["status"] = new JsonObject
            {
                ["replicas"] = JsonNodes.Number(obj.Object("status"), "replicas") ?? 0,
                ["selector"] = selector.ToString(),
            },
        };
    }
}
