using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Apply;
using ActorOrchestrator.Actors.Resources.Scaling;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Schema.Fields;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Formats;
using ActorOrchestrator.Host.Api.Patch;
using ActorOrchestrator.Host.Api.Resources;
using k8s.Models;

namespace ActorOrchestrator.Host.Api.Subresources;

/// <summary><c>autoscaling/v1 Scale</c>: the replica count of a workload, seen and set without knowing its kind.</summary>
internal sealed class ScaleEndpoint(IResourceClient client, RevisionReads reads, ObjectResponse response, ApiSettings settings, TimeProvider time)
{
    private static readonly FieldSet Replicas = FieldSet.OfFields("spec", "replicas");

    private static ObjectSchema ScaleSchema => ObjectSchema.Of(typeof(V1Scale));

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
        var options = request.Write("update scale");
        var wrong = WriteEndpoint.CheckKind(scale, "Scale", "autoscaling/v1", "autoscaling/v1beta1", "extensions/v1beta1", "apps/v1beta1", "apps/v1beta2")
            ?? (JsonNodes.Text(scale.Object("metadata"), "name").Length == 0 ? WriteEndpoint.Unnamed(request) : null);
        if (wrong is not null)
        {
            await StatusWriter.WriteAsync(request.Http, wrong).ConfigureAwait(false);
            return;
        }

        await WriteScaleAsync(request, options, (current, fields) => Owned((JsonObject)scale.DeepClone(), current, fields)).ConfigureAwait(false);
    }

    public async Task PatchAsync(ApiRequest request)
    {
        if (PatchDocument.IsApply(request))
        {
            await ApplyAsync(request).ConfigureAwait(false);
            return;
        }

        var body = await RequestBody.ReadAsync(request.Http, settings.MaxBodyBytes).ConfigureAwait(false);
        var patch = PatchDocument.Read(request, body);
        var options = request.Write("patch scale");
        await WriteScaleAsync(request, options, (current, fields) =>
        {
            var answer = patch.Apply((JsonObject)current.DeepClone(), ScaleSchema);
            if (answer.Object is not { } patched)
            {
                return answer;
            }

            return StructuralDecoder.Decode(ScaleSchema, (JsonObject)patched.DeepClone()).TypeError is { } problem
                ? PatchedObject.Undecodable(patch.Show((JsonObject)current.DeepClone(), ScaleSchema), problem)
                : Owned(patched, current, fields);
        }).ConfigureAwait(false);
    }

    private async Task ApplyAsync(ApiRequest request)
    {
        var (options, force) = ApplyEndpoint.Options(request, "");
        var body = await RequestBody.ReadAsync(request.Http, settings.MaxBodyBytes).ConfigureAwait(false);
        var config = ApplyEndpoint.Read(body, out _);
        await WriteScaleAsync(request, options, (current, fields) => fields.Apply(current, (JsonObject)config.DeepClone(), force)).ConfigureAwait(false);
    }

    private static ChangeResult Owned(JsonObject scale, JsonObject current, FieldManager fields)
    {
        fields.Update(current, scale);
        return scale;
    }

    /// <summary>Who sets the Scale's replicas owns the object's: the entries travel there and back.</summary>
    private async Task WriteScaleAsync(ApiRequest request, WriteOptions options, Func<JsonObject, FieldManager, ChangeResult> change)
    {
        var replicas = request.Descriptor.Custom?.Scale is { } scale ? FieldSet.OfFields([.. scale.SpecReplicas]) : Replicas;
        var ownership = new ScaleOwnership(request.Descriptor.ApiVersion, replicas);
        var fields = new FieldManager(ScaleSchema, "autoscaling/v1", "Scale", "scale", options.FieldManager, time.GetUtcNow(), TrackedFields.All);
        var result = await client.UpdateAsync(
            request.Path.Key,
            (stored, tree) =>
            {
                var metadata = tree.Ensure("metadata");
                var current = Scale(request.Descriptor, stored.Key, tree);
                current.Ensure("metadata")["managedFields"] = ownership.ToScale(metadata["managedFields"]);
                var answer = change(current, fields);
                if (answer.Object is not { } wanted)
                {
                    return answer;
                }

                if (Check(request, wanted, stored) is { } refused)
                {
                    return refused;
                }

                ScaleView.SetReplicas(request.Descriptor, tree, JsonNodes.Number(wanted.Object("spec"), "replicas") ?? 0);
                metadata["managedFields"] = ownership.ToParent(metadata["managedFields"], wanted.Object("metadata")?["managedFields"]);
                return tree;
            },
            options with { OwnershipSettled = true, Subresource = "scale" },
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

    private async Task WriteAsync(ApiRequest request, StoredObject obj)
    {
        var served = await ServedView.OfAsync(request.Descriptor, obj, request.Http.RequestAborted).ConfigureAwait(false);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(Scale(request.Descriptor, obj.Key, served.ToJson()));
        await response.WriteAsync(request.Http, ScaleView.Descriptor, new StoredObject(obj.Key, obj.Uid, obj.Revision, bytes, []), request.Format).ConfigureAwait(false);
    }

    private static JsonObject Scale(ResourceDescriptor descriptor, ObjectKey key, JsonObject obj)
    {
        var metadata = obj.Object("metadata");
        var view = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace };
        foreach (var field in (ReadOnlySpan<string>)["uid", "resourceVersion", "creationTimestamp"])
        {
            view.CopyFrom(metadata, field);
        }

        var shown = ScaleView.Of(descriptor, obj);
        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = view,
            ["spec"] = new JsonObject { ["replicas"] = shown.Wanted },
            ["status"] = new JsonObject { ["replicas"] = shown.Observed, ["selector"] = shown.Selector },
        };
    }
}
