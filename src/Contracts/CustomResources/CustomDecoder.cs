using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Schema;
using k8s.Models;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>
/// Brings a custom object into its version's shape: its metadata, and that of resources embedded in it, is decoded like any object's, and what the
/// schema does not know is taken away. Types are left for the validation to judge, as upstream has it. Never throws.
/// </summary>
internal static class CustomDecoder
{
    private static readonly FieldPath MetadataPath = FieldPath.Of("metadata");

    public static DecodeReport Decode(CustomVersion version, JsonObject obj)
    {
        var found = new List<string>();
        if (Metadata(obj, MetadataPath, found) is { } mistyped)
        {
            return new DecodeReport([], mistyped);
        }

        foreach (var name in (ReadOnlySpan<string>)["apiVersion", "kind"])
        {
            if (obj.TryGetPropertyValue(name, out var value) && (value is null || value.GetValueKind() != System.Text.Json.JsonValueKind.String))
            {
                return new DecodeReport([], $"json: cannot unmarshal {value?.GetValueKind().ToString().ToLowerInvariant() ?? "null"} into Go struct field {name} of type string");
            }
        }

        if (Embedded(version.Schema, obj, FieldPath.Root, found) is { } malformed)
        {
            return new DecodeReport([], malformed);
        }

        if (!version.Definition.PreservesUnknown)
        {
            found.AddRange(CustomPruning.Prune(obj, version.Schema));
        }

        return found.Count == 0 ? DecodeReport.Clean : new DecodeReport([.. found], null);
    }

    /// <summary>Takes away what the metadata of embedded resources does not know.</summary>
    /// <returns>Whether there was any.</returns>
    public static bool PruneEmbedded(StructuralSchema schema, JsonNode? value)
    {
        var unknown = new List<string>();
        Embedded(schema, value, FieldPath.Root, unknown);
        return unknown.Count > 0;
    }

    private static string? Metadata(JsonObject holder, FieldPath path, List<string> unknown)
    {
        if (!holder.TryGetPropertyValue("metadata", out var value))
        {
            return null;
        }

        if (value is not JsonObject metadata)
        {
            holder.Remove("metadata");
            return value is null ? null : $"{path}: Invalid value: {value.ToJsonString()}: must be an object";
        }

        var report = StructuralDecoder.Decode(ObjectSchema.Of(typeof(V1ObjectMeta)), metadata, path);
        unknown.AddRange(report.UnknownFields);
        return report.TypeError;
    }

    private static string? Embedded(StructuralSchema schema, JsonNode? value, FieldPath path, List<string> unknown)
    {
        switch (value)
        {
            case JsonObject obj:
                if (schema.IsEmbeddedResource && obj["metadata"] is { } metadata && Metadata(obj, path.Field("metadata"), unknown) is { } malformed)
                {
                    return metadata is JsonObject ? $"{path.Field("metadata")}: Invalid value: {metadata.ToJsonString()}: {malformed}" : malformed;
                }

                foreach (var (name, item) in obj)
                {
                    if (item is JsonObject or JsonArray && schema.Field(name) is { } field && Embedded(field, item, path.Field(name), unknown) is { } below)
                    {
                        return below;
                    }
                }

                return null;
            case JsonArray array when schema.Items is { } items:
                for (var i = 0; i < array.Count; i++)
                {
                    if (Embedded(items, array[i], path.Index(i), unknown) is { } below)
                    {
                        return below;
                    }
                }

                return null;
            default:
                return null;
        }
    }
}
