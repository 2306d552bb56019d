using System.Globalization;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;

namespace ActorOrchestrator.Actors.Controllers.Nodes;

/// <summary>The conditions and taints of a node in its JSON, changed as upstream's node life-cycle controller changes them.</summary>
internal static class NodeConditions
{
    private const string Silent = "Kubelet stopped posting node status.";
    private const string NeverHeard = "Kubelet never posted node status.";
    private static readonly string[] Watched = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

    // Which condition in which state stands for which taint.
    private static readonly (string Type, string Status, string Key)[] TaintRules =
    [
        ("Ready", "False", "node.kubernetes.io/not-ready"),
        ("Ready", "Unknown", "node.kubernetes.io/unreachable"),
        ("MemoryPressure", "True", "node.kubernetes.io/memory-pressure"),
        ("DiskPressure", "True", "node.kubernetes.io/disk-pressure"),
        ("NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"),
        ("PIDPressure", "True", "node.kubernetes.io/pid-pressure"),
    ];

    public static string StatusOf(JsonObject node, string type) => JsonNodes.Text(Find(node, type), "status");

    /// <summary>When a condition last changed; the node's creation when it never did.</summary>
    public static DateTimeOffset? TransitionOf(JsonObject node, string type) => ParseTime(JsonNodes.Text(Find(node, type), "lastTransitionTime"));

    /// <summary>The node with everything that its silent agent used to report Unknown; null when it is so already.</summary>
    public static JsonObject? MarkUnknown(JsonObject node, DateTimeOffset now)
    {
        var status = node.Ensure("status");
        if (status.Array("conditions") is not { } conditions)
        {
            status["conditions"] = conditions = [];
        }

        var changed = false;
        foreach (var type in Watched)
        {
            var condition = Find(node, type);
            if (condition is null)
            {
                conditions.Add((JsonNode)new JsonObject
                {
                    ["type"] = type,
                    ["status"] = "Unknown",
                    ["lastHeartbeatTime"] = JsonNodes.Text(node.Object("metadata"), "creationTimestamp") is { Length: > 0 } created ? created : JsonNodes.Time(now),
                    ["lastTransitionTime"] = JsonNodes.Time(now),
                    ["reason"] = "NodeStatusNeverUpdated",
                    ["message"] = NeverHeard,
                });
                changed = true;
            }
            else if (JsonNodes.Text(condition, "status") != "Unknown")
            {
                condition["status"] = "Unknown";
                condition["reason"] = "NodeStatusUnknown";
                condition["message"] = Silent;
                condition["lastTransitionTime"] = JsonNodes.Time(now);
                changed = true;
            }
        }

        return changed ? node : null;
    }

    /// <summary>The node with exactly those of our taints that its conditions stand for; everybody else's are left alone. Null when it is so already.</summary>
    /// <param name="node">The node.</param>
    /// <param name="mayEvict">Whether the pods of a node that is not Ready may be driven away.</param>
    /// <param name="now">When a NoExecute taint begins to count that does not say so itself, whoever set it.</param>
    public static JsonObject? ApplyTaints(JsonObject node, bool mayEvict, DateTimeOffset now)
    {
        var wanted = WantedTaints(node, mayEvict);
        var spec = node.Ensure("spec");
        var before = (spec.Array("taints") ?? []).OfType<JsonObject>().ToArray();
        var kept = before.Where(taint => !IsOurs(taint) || wanted.Remove(IdOf(taint))).Select(taint => taint.DeepClone()).ToList();
        var untimed = kept.OfType<JsonObject>().Where(taint => JsonNodes.Text(taint, "effect") == "NoExecute" && taint["timeAdded"] is null).ToArray();
        if (kept.Count == before.Length && wanted.Count == 0 && untimed.Length == 0)
        {
            return null;
        }

        foreach (var taint in untimed)
        {
            taint["timeAdded"] = JsonNodes.Time(now);
        }

        foreach (var (key, effect) in wanted.Order())
        {
            var taint = new JsonObject { ["key"] = key, ["effect"] = effect };
            if (effect == "NoExecute")
            {
                taint["timeAdded"] = JsonNodes.Time(now);
            }

            kept.Add(taint);
        }

        if (kept.Count == 0)
        {
            spec.Remove("taints");
        }
        else
        {
            spec["taints"] = new JsonArray([.. kept]);
        }

        return node;
    }

    internal static DateTimeOffset? ParseTime(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static HashSet<(string Key, string Effect)> WantedTaints(JsonObject node, bool mayEvict)
    {
        var wanted = new HashSet<(string, string)>();
        foreach (var (type, state, key) in TaintRules)
        {
            if (StatusOf(node, type) == state)
            {
                wanted.Add((key, "NoSchedule"));
                if (type == "Ready" && mayEvict)
                {
                    wanted.Add((key, "NoExecute"));
                }
            }
        }

        if (node.Object("spec").Flag("unschedulable"))
        {
            wanted.Add(("node.kubernetes.io/unschedulable", "NoSchedule"));
        }

        return wanted;
    }

    private static bool IsOurs(JsonObject taint)
    {
        var (key, effect) = IdOf(taint);
        return effect switch
        {
            "NoSchedule" => key == "node.kubernetes.io/unschedulable" || TaintRules.Any(rule => rule.Key == key),
            "NoExecute" => key is "node.kubernetes.io/not-ready" or "node.kubernetes.io/unreachable",
            _ => false,
        };
    }

    private static (string Key, string Effect) IdOf(JsonObject taint) => (JsonNodes.Text(taint, "key"), JsonNodes.Text(taint, "effect"));

    private static JsonObject? Find(JsonObject node, string type) => (JsonNodes.Array(node.Object("status"), "conditions") ?? []).OfType<JsonObject>()
        .FirstOrDefault(condition => JsonNodes.Text(condition, "type") == type);
}
