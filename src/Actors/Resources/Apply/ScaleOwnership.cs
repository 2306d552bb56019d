using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Schema.Fields;

namespace ActorOrchestrator.Actors.Resources.Apply;

/// <summary>
/// Carries ownership between an object and its Scale: who owns the object's replica count owns <c>spec.replicas</c> of the Scale, and what happens to that
/// there happens to the object's.
/// </summary>
public sealed class ScaleOwnership(string apiVersion, FieldSet replicas)
{
    private const string ScaleVersion = "autoscaling/v1";
    private static readonly FieldSet InScale = FieldSet.OfFields("spec", "replicas");

    /// <summary>The entries of the Scale, from those of the object.</summary>
    public JsonArray? ToScale(JsonNode? entries)
    {
        var scale = new ManagedFields();
        var parent = ManagedFields.Stored(entries);
        foreach (var manager in parent.Managers)
        {
            if (parent[manager] is { } owned && owned.ApiVersion == apiVersion && Owns(owned))
            {
                scale.Set(manager, new OwnedFields(InScale, ScaleVersion, owned.Time));
            }
        }

        // Whoever wrote in the object's version is another manager to the Scale, so its identity is written out as it is.
        return scale.Write();
    }

    /// <summary>The entries of the object, from its former ones and those that the write left in the Scale.</summary>
    public JsonArray? ToParent(JsonNode? parentEntries, JsonNode? scaleEntries)
    {
        var parent = ManagedFields.Stored(parentEntries);
        var scale = ManagedFields.Stored(scaleEntries);
        var left = scale.Managers.Where(manager => scale[manager]!.Fields.Equals(InScale)).ToDictionary(InObject, manager => scale[manager]!);
        foreach (var manager in parent.Managers.ToArray())
        {
            if (parent[manager] is not { } owned || owned.ApiVersion != apiVersion || !Owns(owned))
            {
                continue;
            }

            if (!left.Remove(manager))
            {
                parent.Set(manager, owned.Without(replicas));
            }
            else if (!manager.Applies && owned.Fields.Equals(replicas))
            {
                // The time of an update travels neither there nor back, as upstream has it: such entries have none.
                parent.Set(manager, new OwnedFields(replicas, apiVersion, null));
            }
        }

        foreach (var (manager, _) in left)
        {
            var fields = (parent[manager]?.Fields ?? FieldSet.Empty).Union(replicas);
            parent.Set(manager, new OwnedFields(fields, apiVersion, parent[manager]?.Time));
        }

        return parent.Write();
    }

    private bool Owns(OwnedFields owned) => owned.Fields.Intersection(replicas).Count > 0;

    private FieldManagerId InObject(FieldManagerId manager) => manager.Applies ? manager : manager with { ApiVersion = apiVersion };
}
