using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Events;

/// <summary>When an event happened, and how often.</summary>
internal readonly record struct EventTimes(DateTimeOffset First, DateTimeOffset Last, int Count);

/// <summary>The core/v1 Event that a user sees.</summary>
internal static class EventObject
{
    /// <summary>Beside the object; what is in no namespace has its events in <c>default</c>.</summary>
    public static string NamespaceOf(ObjectKey about) => about.Namespace.Length == 0 ? "default" : about.Namespace;

    public static JsonObject Build(EventIdentity identity, ResourceCatalog catalog, string name, string message, EventTimes times) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Event",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = NamespaceOf(identity.About) },
        ["involvedObject"] = InvolvedObject(identity, catalog),
        ["reason"] = identity.Reason,
        ["message"] = message,
        ["source"] = Source(identity.Source),
        ["firstTimestamp"] = JsonNodes.Time(times.First),
        ["lastTimestamp"] = JsonNodes.Time(times.Last),
        ["count"] = times.Count,
        ["type"] = identity.Warning ? "Warning" : "Normal",
        ["eventTime"] = null,
        ["reportingComponent"] = identity.Source.Component,
        ["reportingInstance"] = identity.Source.Host,
    };

    private static JsonObject InvolvedObject(EventIdentity identity, ResourceCatalog catalog)
    {
        var about = identity.About;
        var descriptor = catalog.Find(about.Type);
        var reference = new JsonObject
        {
            ["apiVersion"] = descriptor?.ApiVersion ?? about.Type.Group,
            ["kind"] = descriptor?.Kind ?? about.Type.Plural,
            ["name"] = about.Name,
            ["uid"] = identity.Uid,
        };
        if (about.Namespace.Length > 0)
        {
            reference["namespace"] = about.Namespace;
        }

        if (identity.FieldPath.Length > 0)
        {
            reference["fieldPath"] = identity.FieldPath;
        }

        return reference;
    }

    private static JsonObject Source(EventSource source)
    {
        var json = new JsonObject { ["component"] = source.Component };
        if (source.Host.Length > 0)
        {
            json["host"] = source.Host;
        }

        return json;
    }
}
