using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Scheduling;

namespace ActorOrchestrator.Actors.Controllers.DaemonSets;

/// <summary>Where the pods of a DaemonSet belong, read from its template once.</summary>
internal sealed record DaemonPlacement
{
    private const string NameField = "metadata.name";

    private static readonly (string Key, string Effect)[] AlwaysTolerated =
    [
        (Taint.NotReady, "NoExecute"), (Taint.Unreachable, "NoExecute"), ("node.kubernetes.io/disk-pressure", "NoSchedule"),
        ("node.kubernetes.io/memory-pressure", "NoSchedule"), ("node.kubernetes.io/pid-pressure", "NoSchedule"), (Taint.Unschedulable, "NoSchedule"),
    ];

    private static readonly (string Key, string Effect) ToleratedByTheNodesNetwork = ("node.kubernetes.io/network-unavailable", "NoSchedule");

    public string NodeName { get; private init; } = "";
    public ImmutableArray<(string Key, string Value)> NodeSelector { get; private init; } = [];

    /// <summary>Default when no affinity is required.</summary>
    public ImmutableArray<NodeSelectorTerm> Terms { get; private init; }

    public ImmutableArray<Toleration> Tolerations { get; private init; } = [];

    /// <param name="spec"><c>spec.template.spec</c>.</param>
    public static DaemonPlacement Read(JsonElement spec)
    {
        var required = spec.Get("affinity").Get("nodeAffinity").Get("requiredDuringSchedulingIgnoredDuringExecution");
        return new DaemonPlacement
        {
            NodeName = spec.Text("nodeName"),
            NodeSelector = spec.Get("nodeSelector") is { ValueKind: JsonValueKind.Object } labels
                ? [.. labels.EnumerateObject().Select(label => (label.Name, label.Value.GetString() ?? ""))]
                : [],
            Terms = required.ValueKind == JsonValueKind.Object ? [.. required.Items("nodeSelectorTerms").Select(NodeSelectorTerm.Read)] : default,
            Tolerations =
            [
                .. spec.Items("tolerations").Select(Toleration.Read),
                .. Added(spec.Flag("hostNetwork")).Select(added => new Toleration(added.Key, "Exists", "", added.Effect, null)),
            ],
        };
    }

    /// <summary>Whether a new pod should run on a node, and whether one that is there should stay: a taint that keeps new pods away drives none off.</summary>
    public (bool Run, bool Stay) On(DaemonNode node)
    {
        if (NodeName.Length > 0 && NodeName != node.Name)
        {
            return (false, false);
        }

        if (NodeSelector.Any(wanted => !node.Info.Labels.TryGetValue(wanted.Key, out var value) || value != wanted.Value)
            || (!Terms.IsDefault && !Terms.Any(term => term.Matches(node.Info))))
        {
            return (false, false);
        }

        var repelled = node.Taints.Where(taint => taint.Effect is "NoSchedule" or "NoExecute" && !Tolerations.Any(toleration => toleration.Tolerates(taint))).ToArray();
        return (repelled.Length == 0, repelled.All(taint => taint.Effect != "NoExecute"));
    }

    /// <summary>Pins a pod to a node by name, for the scheduler to bind, and adds what every daemon tolerates.</summary>
    public static void Pin(JsonObject spec, string nodeName)
    {
        var term = new JsonObject
        {
            ["matchFields"] = new JsonArray(new JsonObject { ["key"] = NameField, ["operator"] = "In", ["values"] = new JsonArray(nodeName) }),
        };
        spec.Ensure("affinity").Ensure("nodeAffinity").Ensure("requiredDuringSchedulingIgnoredDuringExecution")["nodeSelectorTerms"] = new JsonArray(term);
        if (spec.Array("tolerations") is not { } tolerations)
        {
            spec["tolerations"] = tolerations = [];
        }

        foreach (var (key, effect) in Added(spec.Flag("hostNetwork")))
        {
            for (var i = tolerations.Count - 1; i >= 0; i--)
            {
                var same = tolerations[i].Text("key") == key && tolerations[i].Text("effect") == effect && tolerations[i].Text("operator") == "Exists";
                if (same)
                {
                    tolerations.RemoveAt(i);
                }
            }

            tolerations.Add(new JsonObject { ["key"] = key, ["operator"] = "Exists", ["effect"] = effect });
        }
    }

    /// <summary>The node that a pod is on, or is meant for while it is not bound; empty for a pod that says neither.</summary>
    public static string TargetOf(JsonElement spec)
    {
        if (spec.Text("nodeName") is { Length: > 0 } bound)
        {
            return bound;
        }

        var required = spec.Get("affinity").Get("nodeAffinity").Get("requiredDuringSchedulingIgnoredDuringExecution");
        foreach (var field in required.Items("nodeSelectorTerms").SelectMany(term => term.Items("matchFields")))
        {
            if (field.Text("key") == NameField && field.Text("operator") == "In" && field.Items("values").ToArray() is [var name])
            {
                return name.GetString() ?? "";
            }
        }

        return "";
    }

    private static IEnumerable<(string Key, string Effect)> Added(bool hostNetwork) => hostNetwork ? AlwaysTolerated.Append(ToleratedByTheNodesNetwork) : AlwaysTolerated;
}
