using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Scheduling.Topology;

/// <summary>What Services and the owners of pods select: pods without spread constraints of their own are spread among those (upstream's <c>DefaultSelector</c>).</summary>
public sealed class WorkloadSelectors
{
    private readonly Dictionary<ObjectKey, LabelSelector> _services = [];
    private readonly Dictionary<string, LabelSelector> _owners = new(StringComparer.Ordinal);

    public static bool Reads(ResourceType type) => type == ResourceTypes.Services || type == ResourceTypes.ReplicaSets
        || type == ResourceTypes.StatefulSets || type == ResourceTypes.ReplicationControllers;

    public void Apply(StoredObject obj, bool deleted)
    {
        if (obj.Key.Type == ResourceTypes.Services)
        {
            _services.Remove(obj.Key);
            if (!deleted && Read(obj, isMap: true) is { Requirements.IsEmpty: false } selector)
            {
                _services[obj.Key] = selector;
            }
        }
        else if (deleted)
        {
            _owners.Remove(obj.Uid);
        }
        else
        {
            _owners[obj.Uid] = Read(obj, isMap: obj.Key.Type == ResourceTypes.ReplicationControllers);
        }
    }

    /// <summary>The pods that this one belongs with; null when it belongs with nobody.</summary>
    public PodMatcher? MatcherOf(PodInfo pod)
    {
        var matchers = new List<PodMatcher>();
        foreach (var (key, selector) in _services)
        {
            if (key.Namespace == pod.Key.Namespace && selector.Matches(pod.Labels))
            {
                matchers.Add(PodMatcher.Of([key.Namespace], null, selector, skipsLeaving: true));
            }
        }

        if (pod.Source.Metadata.ControllerReference is { } owner && _owners.TryGetValue(owner.Uid, out var selected) && !selected.Requirements.IsEmpty)
        {
            matchers.Add(PodMatcher.Of([pod.Key.Namespace], null, selected, skipsLeaving: true));
        }

        return matchers.Count switch
        {
            0 => null,
            1 => matchers[0],
            _ => PodMatcher.All(matchers, skipsLeaving: true),
        };
    }

    internal void CopyFrom(WorkloadSelectors other)
    {
        foreach (var (key, selector) in other._services)
        {
            _services[key] = selector;
        }

        foreach (var (uid, selector) in other._owners)
        {
            _owners[uid] = selector;
        }
    }

    private static LabelSelector Read(StoredObject obj, bool isMap)
    {
        using var document = JsonDocument.Parse(obj.Utf8);
        var selector = PodInfo.Object(PodInfo.Object(document.RootElement, "spec"), "selector");
        if (selector.ValueKind != JsonValueKind.Object)
        {
            return LabelSelector.Nothing;
        }

        return isMap
            ? LabelSelector.FromMap(selector.EnumerateObject().Select(pair => KeyValuePair.Create(pair.Name, pair.Value.GetString() ?? "")))
            : LabelSelector.From(JsonObject.Create(selector));
    }
}
