using System.Buffers;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Formats;
using ActorOrchestrator.Host.Api.Resources;
using ActorOrchestrator.Host.Api.Virtual;

namespace ActorOrchestrator.Host.Api.Subresources;

/// <summary>POST of a Binding, to the pod's own <c>binding</c> or to the namespace's <c>bindings</c>: what an outside scheduler does.</summary>
internal sealed class BindingEndpoint(IResourceClient client, TimeProvider time, ApiSettings settings) : IVirtualResource
{
    public ResourceType Type => ResourceTypes.Bindings;

    public Task ServeAsync(in ApiRequest request, string verb) => BindAsync(request);

    public async Task BindAsync(ApiRequest request)
    {
        var format = request.ObjectFormat;
        var options = request.Write("bind", "binding");
        var body = await RequestBody.ReadAsync(request.Http, settings.MaxBodyBytes).ConfigureAwait(false);
        var binding = RequestBody.ReadObject(request.Http.Request.ContentType, body, out _);
        var name = JsonNodes.Text(binding.Object("metadata"), "name");
        var pod = request.Path.Name.Length == 0 ? name : request.Path.Name;
        var key = new ObjectKey(ResourceTypes.Pods, request.Path.Namespace, pod);
        var refused = WriteEndpoint.CheckKind(binding, "Binding", "v1") ?? Check(binding, name, pod, key);
        if (refused is not null)
        {
            await StatusWriter.WriteAsync(request.Http, refused).ConfigureAwait(false);
            return;
        }

        var node = JsonNodes.Text(binding.Object("target"), "name");
        var uid = JsonNodes.Text(binding.Object("metadata"), "uid");
        var result = await client.UpdateAsync(
            key,
            (stored, tree) => Bind(stored, tree, node, binding.Object("metadata")),
            options with { ExpectedUid = uid.Length == 0 ? null : uid },
            request.Http.RequestAborted).ConfigureAwait(false);
        if (result.Failure is { } failure)
        {
            await StatusWriter.WriteAsync(request.Http, failure).ConfigureAwait(false);
            return;
        }

        var buffer = new ArrayBufferWriter<byte>(128);
        StatusWriter.WriteCreated(buffer);
        await ObjectResponse.WriteBytesAsync(request.Http, buffer.WrittenMemory, format, 201).ConfigureAwait(false);
    }

    private static ApiStatus? Check(JsonObject binding, string name, string pod, ObjectKey key)
    {
        if (name.Length > 0 && name != pod)
        {
            return ApiStatus.BadRequest($"the name of the object ({name}) does not match the name on the URL ({pod})");
        }

        var target = binding.Object("target");
        var kind = JsonNodes.Text(target, "kind");
        if (pod.Length == 0)
        {
            return ApiStatus.Invalid(key, "Binding", [new StatusCause("FieldValueRequired", "Required value: name or generateName is required", "metadata.name")]);
        }

        if (kind is not ("" or "Node" or "Minion"))
        {
            return ApiStatus.Invalid(key, "Binding", [new StatusCause("FieldValueNotSupported", $"Unsupported value: \"{kind}\": supported values: \"Node\", \"<empty>\"", "target.kind")]);
        }

        return JsonNodes.Text(target, "name").Length == 0
            ? ApiStatus.Invalid(key, "Binding", [new StatusCause("FieldValueRequired", "Required value", "target.name")])
            : null;
    }

    private ChangeResult Bind(StoredObject stored, JsonObject pod, string node, JsonObject? metadata)
    {
        var spec = pod.Ensure("spec");
        if (stored.Metadata.DeletionTimestamp is not null)
        {
            return Conflict(stored.Key, $"pod {stored.Key.Name} is being deleted, cannot be assigned to a host");
        }

        if (JsonNodes.Text(spec, "nodeName") is { Length: > 0 } taken)
        {
            return Conflict(stored.Key, $"pod {stored.Key.Name} is already assigned to node \"{taken}\"");
        }

        if (spec.Array("schedulingGates") is { Count: > 0 })
        {
            return Conflict(stored.Key, $"pod {stored.Key.Name} has non-empty .spec.schedulingGates");
        }

        spec["nodeName"] = node;
        foreach (var field in (ReadOnlySpan<string>)["annotations", "labels"])
        {
            foreach (var (key, value) in metadata.Object(field) ?? [])
            {
                pod.Ensure("metadata").Ensure(field)[key] = value?.DeepClone();
            }
        }

        SetScheduled(pod.Ensure("status"));
        return pod;
    }

    private void SetScheduled(JsonObject status)
    {
        var conditions = status.Array("conditions") ?? [];
        if (conditions.Parent is null)
        {
            status["conditions"] = conditions;
        }

        for (var i = conditions.Count - 1; i >= 0; i--)
        {
            if (JsonNodes.Text(conditions[i], "type") == "PodScheduled")
            {
                conditions.RemoveAt(i);
            }
        }

        conditions.Add(new JsonObject
        {
            ["type"] = "PodScheduled",
            ["status"] = "True",
            ["lastProbeTime"] = null,
            ["lastTransitionTime"] = JsonNodes.Time(time.GetUtcNow()),
        });
    }

    private static ApiStatus Conflict(ObjectKey pod, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on pods/binding \"{pod.Name}\": {why}") { Kind = "pods/binding", Name = pod.Name };
}
