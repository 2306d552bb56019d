using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Health;
using k8s.Models;

namespace ActorOrchestrator.Host.Composition;

/// <summary>What <c>/readyz</c> answers, and what a start waits for.</summary>
public sealed class HostReadiness(IClusterReader reader) : IReadiness
{
    public IReadOnlyList<ReadinessCheck> Check() =>
    [
        new("ping", null),
        new("ledger", reader.Current.Revision == Revision.None ? "the ledger has not recovered yet" : null),
    ];

    /// <summary>The state is here and, on a node, its Node object is Ready.</summary>
    public static bool NodeIsReady(ClusterSnapshot snapshot, OrchestratorOptions options) => WhyNot(snapshot, options) is null;

    public static string? WhyNot(ClusterSnapshot snapshot, OrchestratorOptions options)
    {
        if (snapshot.Revision == Revision.None)
        {
            return "no state has arrived from a leader.";
        }

        if (!options.IsNode)
        {
            return null;
        }

        if (snapshot.Find(new ObjectKey(ResourceTypes.Nodes, "", options.NodeName)) is not { } node)
        {
            return $"node {options.NodeName} has not registered.";
        }

        var ready = node.As<V1Node>().Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready");
        return ready?.Status == "True" ? null : $"node {options.NodeName} is not Ready: {ready?.Message ?? "it has no such condition yet."}";
    }
}
