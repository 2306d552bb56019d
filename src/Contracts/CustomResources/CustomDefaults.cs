using System.Text.Json.Nodes;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>
/// Fills in a schema's defaults and takes nulls away that neither <c>nullable</c> nor a default explains (upstream's <c>defaulting</c>). Pure, and
/// doing it twice changes nothing.
/// </summary>
public static class CustomDefaults
{
    /// <summary>Changes the value in place.</summary>
    public static void Apply(JsonNode? value, StructuralSchema? schema)
    {
        if (schema is not { HasDefaults: true })
        {
            return;
        }

        Fill(value, schema);
        if (schema.HasEmbeddedResources)
        {
            // The metadata of an embedded resource may have come from a default, which may say more than metadata knows.
            CustomDecoder.PruneEmbedded(schema, value);
        }
    }

    /// <summary>Nulls of fields that are not nullable and have no default count as absent.</summary>
    public static void DropNulls(JsonNode? value, StructuralSchema? schema)
    {
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
                        DropNulls(item, field);
                    }
                }

                foreach (var name in dropped ?? [])
                {
                    obj.Remove(name);
                }

                break;
            case JsonArray array:
                foreach (var item in array)
                {
                    DropNulls(item, schema?.Items);
                }

                break;
        }
    }

    private static void Fill(JsonNode? value, StructuralSchema schema)
    {
        switch (value)
        {
            case JsonObject obj:
                Fill(obj, schema);
                break;
            case JsonArray array when schema.Items is { HasDefaults: true } items:
                for (var i = 0; i < array.Count; i++)
                {
                    if (array[i] is null && !items.Nullable && items.Default is not null)
                    {
                        array[i] = items.Default.DeepClone();
                    }

                    Fill(array[i], items);
                }

                break;
        }
    }

    private static void Fill(JsonObject obj, StructuralSchema schema)
    {
        foreach (var (name, property) in schema.Properties)
        {
            if (property.Default is not null && (!obj.TryGetPropertyValue(name, out var present) || (present is null && !property.Nullable)))
            {
                obj[name] = property.Default.DeepClone();
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
                Fill(item, field);
            }
        }

        foreach (var name in empty ?? [])
        {
            var field = schema.Field(name)!;
            obj[name] = field.Default!.DeepClone();
            Fill(obj[name], field);
        }
    }
}
