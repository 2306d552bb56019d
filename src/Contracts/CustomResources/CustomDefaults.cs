using System.Text.Json.Nodes;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>
/// Fills in a schema's defaults and takes nulls away that neither <c>nullable</c> nor a default explains (upstream's <c>defaulting</c>). Pure, and
/// doing it twice changes nothing.
/// </summary>
public static class CustomDefaults
{
    /// <summary>Changes the value in place.</summary>
    /// <returns>Whether anything was filled in.</returns>
    public static bool Apply(JsonNode? value, StructuralSchema? schema)
    {
        if (schema is not { HasDefaults: true } || !Fill(value, schema))
        {
            return false;
        }

        if (schema.HasEmbeddedResources)
        {
            // The metadata of an embedded resource may have come from a default, which may say more than metadata knows.
            CustomDecoder.PruneEmbedded(schema, value);
        }

        return true;
    }

    /// <summary>Nulls of fields that are not nullable and have no default count as absent.</summary>
    /// <returns>Whether there were any.</returns>
    public static bool DropNulls(JsonNode? value, StructuralSchema? schema)
    {
        var changed = false;
        switch (value)
        {
            case JsonObject obj:
                List<string>? dropped = null;
                foreach (var (name, item) in obj)
                {
                    var field = schema?.Field(name);
                    if (item is null)
                    {
                        if (field is { Nullable: false, Default: null })
                        {
                            (dropped ??= []).Add(name);
                        }
                    }
                    else
                    {
                        changed |= DropNulls(item, field);
                    }
                }

                foreach (var name in dropped ?? [])
                {
                    obj.Remove(name);
                }

                return changed || dropped is not null;
            case JsonArray array:
                foreach (var item in array)
                {
                    changed |= DropNulls(item, schema?.Items);
                }

                return changed;
            default:
                return false;
        }
    }

    private static bool Fill(JsonNode? value, StructuralSchema schema)
    {
        switch (value)
        {
            case JsonObject obj:
                return Fill(obj, schema);
            case JsonArray array when schema.Items is { HasDefaults: true } items:
                var changed = false;
                for (var i = 0; i < array.Count; i++)
                {
                    if (array[i] is null && !items.Nullable && items.Default is not null)
                    {
                        array[i] = items.Default.DeepClone();
                        changed = true;
                    }

                    changed |= Fill(array[i], items);
                }

                return changed;
            default:
                return false;
        }
    }

    private static bool Fill(JsonObject obj, StructuralSchema schema)
    {
        var changed = false;
        foreach (var (name, property) in schema.Properties)
        {
            if (property.Default is not null && (!obj.TryGetPropertyValue(name, out var present) || (present is null && !property.Nullable)))
            {
                obj[name] = property.Default.DeepClone();
                changed = true;
            }
        }

        List<string>? empty = null;
        foreach (var (name, item) in obj)
        {
            if (schema.Field(name) is not { HasDefaults: true } field)
            {
                continue;
            }

            if (item is null)
            {
                if (!field.Nullable && field.Default is not null)
                {
                    (empty ??= []).Add(name);
                }
            }
            else
            {
                changed |= Fill(item, field);
            }
        }

        foreach (var name in empty ?? [])
        {
            var field = schema.Field(name)!;
            obj[name] = field.Default!.DeepClone();
            Fill(obj[name], field);
        }

        return changed || empty is not null;
    }
}
