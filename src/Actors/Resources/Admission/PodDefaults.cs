using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Admission;

/// <summary>A pod stays five minutes on a node that is not ready or unreachable, unless it says otherwise.</summary>
public sealed class DefaultTolerationSeconds : IAdmissionPlugin
{
    private static readonly string[] Keys = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

    public ValueTask<ApiStatus?> MutateAsync(AdmissionRequest request, CancellationToken cancellation) => new(Admit(request));

    private static ApiStatus? Admit(AdmissionRequest request)
    {
        if (!NewPod.Is(request))
        {
            return null;
        }

        var spec = request.Object.Ensure("spec");
        var tolerations = spec.Array("tolerations") ?? [];
        foreach (var key in Keys)
        {
            if (tolerations.Any(toleration => Tolerates(toleration, key)))
            {
                continue;
            }

            tolerations.Add(new JsonObject
            {
                ["effect"] = "NoExecute",
                ["key"] = key,
                ["operator"] = "Exists",
                ["tolerationSeconds"] = 300,
            });
        }

        if (tolerations.Parent is null)
        {
            spec["tolerations"] = tolerations;
        }

        return null;
    }

    private static bool Tolerates(JsonNode? toleration, string key) =>
        (toleration.Text("key") == key || toleration.Text("key").Length == 0) && toleration.Text("effect") is "NoExecute" or "";
}

/// <summary>Priority is a number by the time it is stored; the two system classes are the only ones that exist without an object.</summary>
public sealed class PodPriority : IAdmissionPlugin
{
    public string Name => "Priority";

    public ValueTask<ApiStatus?> MutateAsync(AdmissionRequest request, CancellationToken cancellation) => new(Admit(request));

    private static ApiStatus? Admit(AdmissionRequest request)
    {
        if (!NewPod.Is(request))
        {
            return null;
        }

        var spec = request.Object.Ensure("spec");
        var name = spec.Text("priorityClassName");
        long priority = 0;
        var policy = "";
        switch (name)
        {
            case "":
                if (GlobalDefault(request) is { } standard)
                {
                    (name, priority, policy) = standard;
                    spec["priorityClassName"] = name;
                }

                break;
            case "system-cluster-critical":
                priority = 2_000_000_000;
                break;
            case "system-node-critical":
                priority = 2_000_001_000;
                break;
            default:
                if (request.Snapshot.Find(new ObjectKey(ResourceTypes.PriorityClasses, "", name)) is not { } found)
                {
                    return ApiStatus.Forbidden(request.Key, $"no PriorityClass with name {name} was found");
                }

                var tree = found.ToJson();
                (priority, policy) = (tree.Number("value") ?? 0, tree.Text("preemptionPolicy"));
                break;
        }

        if (spec.Number("priority") is { } given && given != priority)
        {
            return ApiStatus.Forbidden(request.Key, $"the integer value of priority ({given}) must not be provided in pod spec; priority admission controller computed {priority} from the given PriorityClass name");
        }

        spec["priority"] = priority;
        if (spec.Text("preemptionPolicy").Length == 0)
        {
            spec["preemptionPolicy"] = policy.Length == 0 ? "PreemptLowerPriority" : policy;
        }

        return null;
    }

    private static (string Name, long Value, string Policy)? GlobalDefault(AdmissionRequest request)
    {
        foreach (var obj in request.Snapshot.All(ResourceTypes.PriorityClasses))
        {
            var tree = obj.ToJson();
            if (tree.Flag("globalDefault"))
            {
                return (obj.Key.Name, tree.Number("value") ?? 0, tree.Text("preemptionPolicy"));
            }
        }

        return null;
    }
}

internal static class NewPod
{
    public static bool Is(AdmissionRequest request) =>
        request.Operation == AdmissionOperation.Create && request.Key.Type == ResourceTypes.Pods && request.Options.Subresource.Length == 0;
}
