using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>The formats in a definition's schemas that nobody checks: who writes one is warned, for it may be a slip of the pen.</summary>
public static class UnrecognizedFormats
{
    /// <summary>The warnings for a definition: of those formats that its predecessor does not have.</summary>
    public static IEnumerable<string> Warnings(JsonObject definition, JsonObject? old)
    {
        var before = old is null ? [] : Of(old).ToHashSet(StringComparer.Ordinal);
        return Of(definition).Where(format => !before.Contains(format)).Select(format => $"unrecognized format \"{format}\"");
    }

    private static IEnumerable<string> Of(JsonObject definition) =>
        definition.Child("spec")?.Items("versions").SelectMany(version => In(version.Child("schema")?.Child("openAPIV3Schema"))) ?? [];

    private static IEnumerable<string> In(JsonObject? schema)
    {
        if (schema is null)
        {
            return [];
        }

        var own = schema["format"] is JsonValue value && value.TryGetValue<string>(out var format) && format.Length > 0 && !StringFormats.IsKnown(format) ? [format] : Array.Empty<string>();
        return own.Concat(Below(schema).SelectMany(In));
    }

    private static IEnumerable<JsonObject?> Below(JsonObject schema)
    {
        foreach (var map in (string[])["properties", "patternProperties", "definitions"])
        {
            foreach (var (_, property) in schema.Child(map) ?? [])
            {
                yield return property as JsonObject;
            }
        }

        foreach (var name in (string[])["items", "additionalProperties", "additionalItems", "not"])
        {
            yield return schema[name] as JsonObject;
        }

        foreach (var name in (string[])["allOf", "anyOf", "oneOf"])
        {
            foreach (var part in schema.Items(name))
            {
                yield return part;
            }
        }
    }
}
