using System.Collections.Immutable;
using System.Text.Json;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Nodes;

/// <summary>What the life cycle needs to know of a node, read once for each version of it.</summary>
/// <param name="Ready">The status of its condition Ready; empty while it has none.</param>
/// <param name="ReadySince">When that changed.</param>
/// <param name="Zone">Region and zone as one name; nodes without either share the empty one.</param>
/// <param name="NoExecute">Its NoExecute taints and since when they count, if they say so.</param>
public sealed record NodeView(string Ready, DateTimeOffset? ReadySince, string Zone, ImmutableArray<(Taint Taint, DateTimeOffset? Since)> NoExecute)
{
    public const string OutOfService = "node.kubernetes.io/out-of-service";
    private const string ExcludeLabel = "node.kubernetes.io/exclude-disruption";
    private static readonly ViewCache<NodeView> Views = new(Read);

    public string PodCidr { get; private init; } = "";

    /// <summary>It is counted in its zone's health.</summary>
    public bool CountsInZone { get; private init; } = true;

    /// <summary>Somebody vouches for it that the machine is off: nothing of it runs any more.</summary>
    public bool IsOutOfService { get; private init; }

    /// <summary>Nothing is to be done about its taints for as long as it is Ready.</summary>
    public bool TaintsAreRight { get; private init; }

    public bool IsReady => Ready == "True";

    /// <summary>When the life cycle drove its pods away; null while it has not.</summary>
    public DateTimeOffset? DrivenAwayAt { get; private init; }

    public static NodeView Of(StoredObject node) => Views[node];

    private static NodeView Read(StoredObject node)
    {
        using var document = JsonDocument.Parse(node.Utf8);
        var (spec, status) = (document.RootElement.Get("spec"), document.RootElement.Get("status"));
        var ready = status.Items("conditions").FirstOrDefault(condition => condition.Text("type") == "Ready");
        var taints = spec.Items("taints").ToArray();
        var labels = node.Metadata.Labels;
        var driven = taints.Where(taint => taint.Text("effect") == "NoExecute" && taint.Text("key") is Taint.NotReady or Taint.Unreachable).ToArray();
        return new NodeView(
            ready.Text("status"),
            ready.Time("lastTransitionTime"),
            ZoneOf(labels.GetValueOrDefault("topology.kubernetes.io/region", ""), labels.GetValueOrDefault("topology.kubernetes.io/zone", "")),
            [.. taints.Where(taint => taint.Text("effect") == "NoExecute").Select(taint => (Taint.Read(taint), taint.Time("timeAdded")))])
        {
            PodCidr = spec.Text("podCIDR"),
            TaintsAreRight = NodeConditions.ApplyTaints(node.ToJson(), mayEvict: false, default) is null,
            CountsInZone = !labels.ContainsKey(ExcludeLabel),
            IsOutOfService = taints.Any(taint => taint.Text("key") == OutOfService),
            DrivenAwayAt = driven.Length == 0 ? null : driven.Max(taint => taint.Time("timeAdded")) ?? DateTimeOffset.MinValue,
        };
    }

    private static string ZoneOf(string region, string zone) => region.Length + zone.Length == 0 ? "" : $"{region}/{zone}";
}
