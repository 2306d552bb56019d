using ActorOrchestrator.Contracts.Resources;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Pods;

/// <summary>A pod's quality of service and what the kernel is told of it (kubelet's <c>qos</c> package).</summary>
public static class QosClass
{
    public const string Guaranteed = "Guaranteed";
    public const string Burstable = "Burstable";
    public const string BestEffort = "BestEffort";

    /// <summary>The pause container must be the last to be killed.</summary>
    public const int SandboxOomScore = -998;
    private const int GuaranteedOomScore = -997;
    private static readonly string[] Computed = ["cpu", "memory"];

    public static string Of(V1Pod pod)
    {
        var any = false;
        var guaranteed = true;
        foreach (var container in AllContainers(pod))
        {
            foreach (var name in Computed)
            {
                var request = Amount(container.Resources?.Requests, name);
                var limit = Amount(container.Resources?.Limits, name);
                any |= request is { Sign: > 0 } || limit is { Sign: > 0 };
                guaranteed &= limit is { Sign: > 0 } && (request ?? limit) == limit;
            }
        }

        return !any ? BestEffort : guaranteed ? Guaranteed : Burstable;
    }

    /// <param name="pod">The container's pod.</param>
    /// <param name="container">One of its containers.</param>
    /// <param name="memoryCapacity">The node's memory in bytes.</param>
    public static int OomScore(V1Pod pod, V1Container container, long memoryCapacity)
    {
        switch (Of(pod))
        {
            case Guaranteed: return GuaranteedOomScore;
            case BestEffort: return 1000;
            default:
                var request = Amount(container.Resources?.Requests, "memory")?.Value ?? 0;
                var score = 1000 - (memoryCapacity > 0 ? 1000 * request / memoryCapacity : 0);
                return (int)Math.Clamp(score, 1000 + GuaranteedOomScore, 999);
        }
    }

    public static IEnumerable<V1Container> AllContainers(V1Pod pod) => (pod.Spec.InitContainers ?? []).Concat(pod.Spec.Containers);

    public static Quantity? Amount(IDictionary<string, ResourceQuantity>? amounts, string name) =>
        amounts is not null && amounts.TryGetValue(name, out var amount) && Quantity.TryParse(amount.ToString(), out var quantity) ? quantity : null;
}
