using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Simulation.Tests;

/// <summary>What a cluster ended up as, without what is never the same twice: drawn names, uids, times, addresses, and which node it was.</summary>
internal static partial class Outcome
{
    private static readonly ResourceType[] Types =
    [
        ResourceTypes.Deployments, ResourceTypes.ReplicaSets, ResourceTypes.StatefulSets, ResourceTypes.DaemonSets, ResourceTypes.Jobs, ResourceTypes.CronJobs, ResourceTypes.ControllerRevisions,
        ResourceTypes.Pods, ResourceTypes.EndpointSlices, ResourceTypes.PersistentVolumeClaims,
    ];

    public static string Of(VirtualCluster cluster) => string.Join('\n', Types.SelectMany(cluster.All).Select(Normalised).Order(StringComparer.Ordinal));

    private static string Normalised(JsonObject obj)
    {
        var metadata = obj["metadata"]!.AsObject();
        foreach (var own in new[] { "uid", "resourceVersion", "creationTimestamp", "managedFields" })
        {
            metadata.Remove(own);
        }

        // How many steps led here may differ; that the last one was seen may not.
        if (obj["status"] is JsonObject status && status["observedGeneration"] is { } observed)
        {
            status["observedGeneration"] = JsonNode.DeepEquals(observed, metadata["generation"]);
        }

        metadata.Remove("generation");

        // Several pods fail, and which of them is seen first, and in which of its states, may differ.
        (metadata["annotations"] as JsonObject)?.Remove("orchestrator/failed-because");
        (obj["spec"] as JsonObject)?.Remove("nodeName");
        var text = Sorted(obj)!.ToJsonString();
        text = Times().Replace(text, "time");
        text = Uids().Replace(text, "uid");
        text = Ids().Replace(text, "id");
        text = Addresses().Replace(text, "address");
        text = Nodes().Replace(text, "\"node\"");
        text = Blames().Replace(text, "$1: somebody. The template");
        text = PullProblems().Replace(text, "\"no image\"");
        return Drawn().Replace(text, "-*\"");
    }

    /// <summary>Lists of objects are sets here: the order in which things happened shows in them.</summary>
    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject obj => new JsonObject(obj.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray array => new JsonArray([.. array.Select(Sorted).OrderBy(item => item is JsonObject ? Times().Replace(item.ToJsonString(), "") : "", StringComparer.Ordinal)]),
        _ => node?.DeepClone(),
    };

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")]
    private static partial Regex Times();

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uids();

    [GeneratedRegex("[0-9a-f]{64}")]
    private static partial Regex Ids();

    [GeneratedRegex(@"\d+\.\d+\.\d+\.\d+")]
    private static partial Regex Addresses();

    [GeneratedRegex("\"n[0-9]\"")]
    private static partial Regex Nodes();

    [GeneratedRegex(@"(Rolled back from revision \d+ to revision \d+): .*?\. The template")]
    private static partial Regex Blames();

    [GeneratedRegex("\"(ErrImagePull|ImagePullBackOff)\"")]
    private static partial Regex PullProblems();

    [GeneratedRegex("-[bcdfghjklmnpqrstvwxz2456789]{5}\"")]
    private static partial Regex Drawn();
}
