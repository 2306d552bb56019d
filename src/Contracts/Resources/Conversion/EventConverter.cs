using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Contracts.Resources.Conversion;

/// <summary>One stored event, two groups: core/v1 is stored, events.k8s.io/v1 calls some fields otherwise.</summary>
internal sealed class EventConverter : PureVersionConverter
{
    private static readonly (string Core, string Events)[] Names =
    [
        ("involvedObject", "regarding"),
        ("message", "note"),
        ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"),
        ("count", "deprecatedCount"),
        ("reportingComponent", "reportingController"),
    ];

    private static readonly Dictionary<string, string> ToEvents = Names.ToDictionary(pair => pair.Core, pair => pair.Events);
    private static readonly Dictionary<string, string> ToCore = Names.ToDictionary(pair => pair.Events, pair => pair.Core);

    protected override JsonObject FromStorage(JsonObject obj) => Rename(obj, ToEvents, "events.k8s.io/v1");

    protected override JsonObject ToStorage(JsonObject obj) => Rename(obj, ToCore, "v1");

    private static JsonObject Rename(JsonObject obj, Dictionary<string, string> names, string apiVersion)
    {
        var renamed = new JsonObject();
        foreach (var (name, value) in obj.ToArray())
        {
            obj.Remove(name);
            renamed[names.GetValueOrDefault(name, name)] = value;
        }

        renamed["apiVersion"] = apiVersion;
        return renamed;
    }
}
