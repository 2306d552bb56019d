using System.Text.Json.Nodes;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>
/// What a reader sees of a stored custom object (upstream's <c>schemaCoercingDecoder</c>, <c>unstructuredDefaulter</c> and <c>schemaCoercingConverter</c>): first it is
/// brought into the shape that the version in which it was stored has by now, defaults included; when it is read in another version it is then converted, and
/// brought into that version's shape, whose defaults are for writers only. Pure, and doing it twice changes nothing.
/// </summary>
public static class CustomReading
{
    /// <summary>Changes an object that comes from storage.</summary>
    /// <returns>Whether anything is different now.</returns>
    public static bool Stored(CustomVersion version, JsonObject obj)
    {
        var changed = Converted(version, obj);
        return CustomDefaults.Apply(obj, version.Schema) || changed;
    }

    /// <summary>Changes an object that was just converted to the version.</summary>
    /// <returns>Whether anything is different now.</returns>
    public static bool Converted(CustomVersion version, JsonObject obj)
    {
        var schema = version.Schema;
        var changed = false;
        if (!version.Definition.PreservesUnknown)
        {
            changed = CustomPruning.Prune(obj, schema).Count > 0;
            changed |= CustomDefaults.DropNulls(obj, schema);
        }

        return (schema.HasEmbeddedResources && CustomDecoder.PruneEmbedded(schema, obj)) || changed;
    }
}
