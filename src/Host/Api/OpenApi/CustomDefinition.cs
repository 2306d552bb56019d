using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.CustomResources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.OpenApi;

/// <summary>
/// A custom kind's schema as clients read it: with the fields that every object has, and in v2 without what clients of that age stumble over
/// (apiextensions' <c>ToStructuralOpenAPIV2</c>).
/// </summary>
internal static class CustomDefinition
{
    /// <summary><c>com.example.stable.v1.CronTab</c>.</summary>
    public static string NameOf(CustomVersion version, bool list)
    {
        var names = version.Definition.AcceptedNames;
        return $"{string.Join('.', version.Definition.Group.Split('.').Reverse())}.{version.Name}.{(list ? names.ListKind : names.Kind)}";
    }

    /// <param name="version">Whose objects.</param>
    /// <param name="isV2">The older dialect.</param>
    /// <param name="typeField">Makes the schema of <c>apiVersion</c>, <c>kind</c> or <c>metadata</c>.</param>
    public static JsonObject Object(CustomVersion version, bool isV2, Func<string, JsonObject> typeField)
    {
        var schema = version.Schema;
        JsonObject definition;
        if (!version.HasSchema || (isV2 && (schema.PreservesUnknown || version.Definition.PreservesUnknown)))
        {
            // With any property at all, clients would take the others for mistakes.
            definition = new JsonObject { ["type"] = "object" };
        }
        else
        {
            definition = (JsonObject)schema.Source.DeepClone();
            if (isV2)
            {
                Simplify(definition);
            }

            TypeFields(definition, typeField);
            Embedded(definition, isV2, typeField);
        }

        definition["x-kubernetes-group-version-kind"] = new JsonArray(OpenApiDefinitions.GroupVersionKind(version.Definition.Group, version.Name, version.Definition.AcceptedNames.Kind));
        if (!version.SelectablePaths.IsEmpty)
        {
            definition["x-kubernetes-selectable-fields"] = new JsonArray([.. version.SelectablePaths.Select(path => new JsonObject { ["fieldPath"] = path.TrimStart('.') })]);
        }

        return definition;
    }

    public static JsonObject List(CustomVersion version, Func<JsonObject> item, Func<string, JsonObject> typeField)
    {
        var (kind, list, plural) = (version.Definition.AcceptedNames.Kind, version.Definition.AcceptedNames.ListKind, version.Definition.Names.Plural);
        var definition = new JsonObject
        {
            ["description"] = $"{list} is a list of {kind}",
            ["type"] = "object",
            ["required"] = new JsonArray("items"),
            ["properties"] = new JsonObject
            {
                ["items"] = new JsonObject { ["description"] = $"List of {plural}.", ["type"] = "array", ["items"] = item() },
            },
        };
        TypeFields(definition, typeField);
        definition["x-kubernetes-group-version-kind"] = new JsonArray(OpenApiDefinitions.GroupVersionKind(version.Definition.Group, version.Name, list));
        return definition;
    }

    private static void TypeFields(JsonObject definition, Func<string, JsonObject> typeField)
    {
        var properties = definition.ChildOrNew("properties");
        foreach (var name in (ReadOnlySpan<string>)["apiVersion", "kind", "metadata"])
        {
            properties[name] = typeField(name);
        }
    }

    private static void Embedded(JsonObject schema, bool isV2, Func<string, JsonObject> typeField)
    {
        foreach (var below in Below(schema))
        {
            Embedded(below, isV2, typeField);
        }

        if (schema.Flag("x-kubernetes-embedded-resource") && !(isV2 && schema.Flag("x-kubernetes-preserve-unknown-fields")))
        {
            TypeFields(schema, typeField);
            var required = schema["required"] as JsonArray ?? [];
            foreach (var name in new[] { "kind", "apiVersion" }.Except(schema.Strings("required")).ToArray())
            {
                required.Add((JsonNode)name);
            }

            if (required.Parent is null)
            {
                schema["required"] = required;
            }
        }
    }

    private static void Simplify(JsonObject schema)
    {
        foreach (var junctor in (ReadOnlySpan<string>)["allOf", "anyOf", "oneOf", "not"])
        {
            schema.Remove(junctor);
        }

        var preserves = schema.Flag("x-kubernetes-preserve-unknown-fields");
        if (schema.Flag("nullable") || preserves)
        {
            schema.Remove("items");
            schema.Remove("properties");
            if (schema.Flag("nullable") || schema.Text("type") is "object" or "array")
            {
                schema.Remove("type");
            }

            schema.Remove("nullable");
        }

        if (schema.Text("type") == "array" && schema.Child("items") is null)
        {
            schema.Remove("type");
        }

        if (schema["required"] is JsonArray required && schema.Child("properties") is { } properties)
        {
            foreach (var name in schema.Strings("required").Where(name => properties.Child(name)?.Flag("nullable") == true).ToArray())
            {
                required.Remove(required.First(item => (string?)item == name));
            }

            if (required.Count == 0)
            {
                schema.Remove("required");
            }
        }

        foreach (var below in Below(schema))
        {
            Simplify(below);
        }
    }

    private static IEnumerable<JsonObject> Below(JsonObject schema)
    {
        var properties = schema.Child("properties")?.Select(property => property.Value).OfType<JsonObject>() ?? [];
        return properties.Concat(new[] { schema.Child("items"), schema.Child("additionalProperties") }.OfType<JsonObject>()).ToArray();
    }
}
