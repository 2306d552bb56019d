using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Quotas;

/// <summary>What one object uses of everything that a quota may count, as upstream's quota evaluators compute it.</summary>
public static class QuotaUsage
{
    private static readonly HashSet<string> CoreCounts = new(StringComparer.Ordinal)
    {
        "configmaps", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas", "secrets", "services",
    };

    /// <summary>Whether a name in a quota's <c>hard</c> is about objects of a type, so that the others need not be read.</summary>
    public static bool Concerns(string name, ResourceType type)
    {
        if (name == CountName(type) || (type.Group.Length == 0 && name == type.Plural && (CoreCounts.Contains(name) || type == ResourceTypes.Pods)))
        {
            return true;
        }

        return type == ResourceTypes.Pods ? IsCompute(name)
            : type == ResourceTypes.PersistentVolumeClaims ? name == "requests.storage" || name.Contains(".storageclass.storage.k8s.io/", StringComparison.Ordinal)
            : type == ResourceTypes.Services && name is "services.nodeports" or "services.loadbalancers";
    }

    public static Dictionary<string, Quantity> Of(ResourceType type, JsonObject obj)
    {
        var usage = new Dictionary<string, Quantity>(StringComparer.Ordinal) { [CountName(type)] = Quantity.Of(1) };
        if (type.Group.Length == 0 && CoreCounts.Contains(type.Plural))
        {
            usage[type.Plural] = Quantity.Of(1);
        }

        if (type == ResourceTypes.Pods)
        {
            OfPod(obj, usage);
        }
        else if (type == ResourceTypes.PersistentVolumeClaims)
        {
            OfClaim(obj, usage);
        }
        else if (type == ResourceTypes.Services)
        {
            OfService(obj.Object("spec"), usage);
        }

        return usage;
    }

    /// <summary>A pod that has ended uses nothing but its place in storage.</summary>
    public static bool HasEnded(JsonObject pod) => pod.Object("status").Text("phase") is "Succeeded" or "Failed";

    private static string CountName(ResourceType type) => type.Group.Length == 0 ? $"count/{type.Plural}" : $"count/{type.Plural}.{type.Group}";

    /// <summary>A resource of nodes, whose name may have a prefix.</summary>
    private static bool IsCompute(string name) =>
        name is "cpu" or "memory" or "ephemeral-storage"
        || name.StartsWith("limits.", StringComparison.Ordinal)
        || name.StartsWith("hugepages-", StringComparison.Ordinal)
        || (name.StartsWith("requests.", StringComparison.Ordinal) && name != "requests.storage");

    private static void OfPod(JsonObject pod, Dictionary<string, Quantity> usage)
    {
        if (HasEnded(pod))
        {
            return;
        }

        usage["pods"] = Quantity.Of(1);
        foreach (var (name, quantity) in PodResources.Requests(pod.Object("spec")))
        {
            usage[$"requests.{name}"] = quantity;
            if (name is "cpu" or "memory" or "ephemeral-storage" || name.StartsWith("hugepages-", StringComparison.Ordinal))
            {
                usage[name] = quantity;
            }
        }

        foreach (var (name, quantity) in PodResources.Limits(pod.Object("spec")))
        {
            if (name is "cpu" or "memory" or "ephemeral-storage")
            {
                usage[$"limits.{name}"] = quantity;
            }
        }
    }

    private static void OfClaim(JsonObject claim, Dictionary<string, Quantity> usage)
    {
        var spec = claim.Object("spec");
        if (Storage(spec, claim.Object("status")) is { } storage)
        {
            usage["requests.storage"] = storage;
        }

        // The class of old, which upstream still asks first.
        var name = claim.Object("metadata").Object("annotations").Text("volume.beta.kubernetes.io/storage-class") is { Length: > 0 } old ? old : spec.Text("storageClassName");
        if (name.Length > 0)
        {
            usage[$"{name}.storageclass.storage.k8s.io/persistentvolumeclaims"] = Quantity.Of(1);
            if (usage.TryGetValue("requests.storage", out var own))
            {
                usage[$"{name}.storageclass.storage.k8s.io/requests.storage"] = own;
            }
        }
    }

    /// <summary>In whole bytes. An expansion that is taken back counts until the volume is known not to have grown.</summary>
    private static Quantity? Storage(JsonObject? spec, JsonObject? status)
    {
        if (!PodResources.Read(spec.Object("resources").Object("requests")).TryGetValue("storage", out var asked))
        {
            return null;
        }

        var whole = asked with { Amount = decimal.Ceiling(asked.Amount) };
        return PodResources.Read(status.Object("allocatedResources")).TryGetValue("storage", out var allocated) && allocated > whole
            ? allocated with { Amount = decimal.Ceiling(allocated.Amount) }
            : whole;
    }

    private static void OfService(JsonObject? spec, Dictionary<string, Quantity> usage)
    {
        var ports = spec.Array("ports") ?? [];
        var nodePorts = spec.Text("type") switch
        {
            "NodePort" => ports.Count,
            "LoadBalancer" when spec?["allocateLoadBalancerNodePorts"] is JsonValue value && value.GetValueKind() == System.Text.Json.JsonValueKind.False =>
                ports.Count(port => port.Number("nodePort") is > 0),
            "LoadBalancer" => ports.Count,
            _ => 0,
        };
        usage["services.nodeports"] = Quantity.Of(nodePorts);
        usage["services.loadbalancers"] = Quantity.Of(spec.Text("type") == "LoadBalancer" ? 1 : 0);
    }
}
