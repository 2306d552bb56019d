using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using k8s.Models;

namespace ActorOrchestrator.Actors.Resources.Scaling;

/// <summary>What of an object is its scale: where every workload has it, or where a custom kind's definition says.</summary>
/// <param name="Wanted">Replicas that are asked for.</param>
/// <param name="Observed">Replicas that there are.</param>
/// <param name="Selector">Selects their pods; empty when the kind does not say.</param>
public readonly record struct ScaleView(long Wanted, long Observed, string Selector)
{
    /// <summary>How a Scale is written: its Table has the same columns for every workload.</summary>
    public static ResourceDescriptor Descriptor { get; } = new()
    {
        Type = new ResourceType("autoscaling", "scales"), Version = "v1", Kind = "Scale", Model = typeof(V1Scale),
        Columns =
        [
            new("Name", "string", "name", "", 0, Documentation: new DocumentedField(typeof(V1ObjectMeta), "name")),
            new("Desired", "integer", "", "", 0, ".spec.replicas", new DocumentedField(typeof(V1ScaleSpec), "replicas")),
            new("Available", "integer", "", "", 0, ".status.replicas", new DocumentedField(typeof(V1ScaleStatus), "replicas")),
            new("Age", "string", "", "", 0, Documentation: new DocumentedField(typeof(V1ObjectMeta), "creationTimestamp")),
        ],
    };

    public static ScaleView Of(ResourceDescriptor descriptor, JsonObject obj)
    {
        if (descriptor.Custom?.Scale is { } paths)
        {
            var selector = At(obj, paths.LabelSelector) is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
            return new ScaleView(JsonNodes.Integer(At(obj, paths.SpecReplicas)) ?? 0, JsonNodes.Integer(At(obj, paths.StatusReplicas)) ?? 0, selector);
        }

        return new ScaleView(
            JsonNodes.Number(obj.Object("spec"), "replicas") ?? 0,
            JsonNodes.Number(obj.Object("status"), "replicas") ?? 0,
            SelectorOf(descriptor, obj.Object("spec").Object("selector")).ToString());
    }

    /// <summary>A ReplicationController selects by a plain map, everything newer by a selector.</summary>
    private static LabelSelector SelectorOf(ResourceDescriptor descriptor, JsonObject? selector) => descriptor.Type == ResourceTypes.ReplicationControllers
        ? LabelSelector.FromMap((selector ?? []).Select(pair => KeyValuePair.Create(pair.Key, JsonNodes.Text(selector, pair.Key))))
        : LabelSelector.From(selector);

    public static void SetReplicas(ResourceDescriptor descriptor, JsonObject obj, long replicas)
    {
        ImmutableArray<string> path = descriptor.Custom?.Scale is { } scale ? scale.SpecReplicas : ["spec", "replicas"];
        var holder = path[..^1].Aggregate(obj, (node, step) => node.Ensure(step));
        holder[path[^1]] = replicas;
    }

    private static JsonNode? At(JsonObject obj, ImmutableArray<string> path) =>
        path.IsEmpty ? null : path.Aggregate((JsonNode?)obj, (node, step) => (node as JsonObject)?[step]);
}
