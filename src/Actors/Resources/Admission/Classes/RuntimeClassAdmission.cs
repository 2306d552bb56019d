using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Admission.Classes;

/// <summary>A pod takes over what its RuntimeClass adds: the overhead, the nodes that have the runtime, and the taints it tolerates.</summary>
public sealed class RuntimeClassAdmission : IAdmissionPlugin
{
    public ValueTask<ApiStatus?> MutateAsync(AdmissionRequest request, CancellationToken cancellation) => new(Mutate(request));

    public ValueTask<ApiStatus?> ValidateAsync(AdmissionRequest request, CancellationToken cancellation) => new(Validate(request));

    private static ApiStatus? Mutate(AdmissionRequest request)
    {
        if (!NewPod.Is(request) || request.Object.Object("spec") is not { } spec || spec.Text("runtimeClassName") is not { Length: > 0 } name)
        {
            return null;
        }

        if (request.Snapshot.Find(new ObjectKey(ResourceTypes.RuntimeClasses, "", name)) is not { } stored)
        {
            return ApiStatus.Forbidden(request.Key, $"pod rejected: RuntimeClass \"{name}\" not found");
        }

        var runtimeClass = stored.ToJson();
        if (runtimeClass.Object("overhead").Object("podFixed") is { } overhead)
        {
            if (spec.Object("overhead") is { } given && !SameAmounts(given, overhead))
            {
                return ApiStatus.Forbidden(request.Key, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
            }

            spec["overhead"] = overhead.DeepClone();
        }

        return Place(request.Key, spec, runtimeClass.Object("scheduling"));
    }

    private static ApiStatus? Place(ObjectKey key, JsonObject spec, JsonObject? scheduling)
    {
        foreach (var (label, value) in scheduling.Object("nodeSelector") ?? [])
        {
            var selector = spec.Ensure("nodeSelector");
            if (selector[label] is { } own && own.ToString() != value?.ToString())
            {
                return ApiStatus.Forbidden(key, $"conflict: runtimeClass.scheduling.nodeSelector[{label}] = {value}; pod.spec.nodeSelector[{label}] = {own}");
            }

            selector[label] = value?.DeepClone();
        }

        var tolerations = spec.Array("tolerations") ?? [];
        foreach (var toleration in scheduling.Array("tolerations") ?? [])
        {
            if (!tolerations.Any(own => JsonNode.DeepEquals(own, toleration)))
            {
                tolerations.Add(toleration?.DeepClone());
            }
        }

        if (tolerations.Parent is null && tolerations.Count > 0)
        {
            spec["tolerations"] = tolerations;
        }

        return null;
    }

    private static ApiStatus? Validate(AdmissionRequest request)
    {
        if (!NewPod.Is(request) || request.Object.Object("spec").Object("overhead") is not { Count: > 0 } overhead)
        {
            return null;
        }

        var name = request.Object.Object("spec").Text("runtimeClassName");
        var defined = name.Length == 0 ? null : request.Snapshot.Find(new ObjectKey(ResourceTypes.RuntimeClasses, "", name))?.ToJson().Object("overhead").Object("podFixed");
        if (defined is null)
        {
            return ApiStatus.Forbidden(request.Key, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
        }

        return SameAmounts(overhead, defined) ? null : ApiStatus.Forbidden(request.Key, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    }

    private static bool SameAmounts(JsonObject left, JsonObject right)
    {
        var (mine, others) = (PodResources.Read(left), PodResources.Read(right));
        return mine.Count == others.Count && mine.All(pair => others.TryGetValue(pair.Key, out var other) && other == pair.Value);
    }
}
