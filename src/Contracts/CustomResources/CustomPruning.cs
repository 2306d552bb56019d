using System.Text.Json.Nodes;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>Takes the fields away that a schema does not have (upstream's <c>pruning</c>). Pure, and doing it twice changes nothing.</summary>
public static class CustomPruning
{
    /// <summary>Prunes a whole object, whose own <c>apiVersion</c>, <c>kind</c> and <c>metadata</c> always stay. Changes it in place.</summary>
    /// <returns>The paths of what was taken away, in alphabetical order.</returns>
    public static IReadOnlyList<string> Prune(JsonObject obj, StructuralSchema schema)
    {
        List<string>? unknown = null;
        Visit(obj, schema, schema.PreservesUnknown, isRoot: true, "", ref unknown);
        unknown?.Sort(StringComparer.Ordinal);
        return unknown ?? (IReadOnlyList<string>)[];
    }

    /// <summary>Prunes a value that is no object of its own, as a default is.</summary>
    public static IReadOnlyList<string> PruneValue(JsonNode? value, StructuralSchema schema)
    {
        List<string>? unknown = null;
        Visit(value, schema, schema.PreservesUnknown, isRoot: false, "", ref unknown);
        return unknown ?? (IReadOnlyList<string>)[];
    }

    internal static bool IsTypeField(string name) => name is "apiVersion" or "kind" or "metadata";

    private static void Visit(JsonNode? value, StructuralSchema? schema, bool keep, bool isRoot, string path, ref List<string>? unknown)
    {
        switch (value)
        {
            case JsonObject obj:
                Object(obj, schema, keep, isRoot, path, ref unknown);
                break;
            case JsonArray array:
                for (var i = 0; i < array.Count; i++)
                {
                    // In a list that keeps what it does not know, the items keep it too, unless their own schema knows fields.
                    var items = schema?.Items;
                    if (array[i] is JsonObject or JsonArray && !(keep && items is null))
                    {
                        Visit(array[i], items, keep || items is { PreservesUnknown: true }, false, $"{path}[{i}]", ref unknown);
                    }
                }

                break;
        }
    }

    private static void Object(JsonObject obj, StructuralSchema? schema, bool keep, bool isRoot, string path, ref List<string>? unknown)
    {
        var hasTypeFields = isRoot || schema is { IsEmbeddedResource: true };
        List<string>? dropped = null;
        foreach (var (name, value) in obj)
        {
            if (hasTypeFields && IsTypeField(name))
            {
                continue;
            }

            var known = false;
            StructuralSchema? field = null;
            if (schema is not null)
            {
                known = schema.Properties.TryGetValue(name, out field);
                if (!known && (schema.AdditionalProperties is not null || HasAdditional(schema)))
                {
                    (known, field) = (true, schema.AdditionalProperties);
                }
            }

            if (known)
            {
                if (value is JsonObject or JsonArray)
                {
                    Visit(value, field, field is { PreservesUnknown: true }, false, Join(path, name), ref unknown);
                }
            }
            else if (!keep)
            {
                (dropped ??= []).Add(name);
            }
        }

        foreach (var name in dropped ?? [])
        {
            (unknown ??= []).Add(Join(path, name));
            obj.Remove(name);
        }
    }

    /// <summary><c>additionalProperties: true</c> names a map whose values have no fields.</summary>
    private static bool HasAdditional(StructuralSchema schema) => schema.Source["additionalProperties"] is not null && !schema.ForbidsAdditional;

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
