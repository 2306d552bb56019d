using System.Collections.Immutable;
using System.Text.Json;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Nodes;

/// <summary>What a pod puts up with, and since when it has been on its node.</summary>
public sealed record NodeTolerance(ImmutableArray<Toleration> Tolerations, DateTimeOffset BoundAt)
{
    private static readonly ViewCache<NodeTolerance> Views = new(Read);

    public static NodeTolerance Of(StoredObject pod) => Views[pod];

    private static NodeTolerance Read(StoredObject pod)
    {
        using var document = JsonDocument.Parse(pod.Utf8);
        var (spec, status) = (document.RootElement.Get("spec"), document.RootElement.Get("status"));
        var scheduled = status.Items("conditions").FirstOrDefault(condition => condition.Text("type") == "PodScheduled" && condition.Text("status") == "True");
        return new NodeTolerance(
            [.. spec.Items("tolerations").Select(Toleration.Read)],
            scheduled.Time("lastTransitionTime") ?? pod.Metadata.CreationTimestamp ?? DateTimeOffset.MinValue);
    }
}
