namespace ActorOrchestrator.Contracts.Schema.Protobuf;

/// <summary>How values travel that upstream's Go types write in a JSON form of their own: the unions of OpenAPI's JSON schema, and a message without fields.</summary>
internal enum WireForm : byte
{
    /// <summary>As its schema says.</summary>
    Plain,

    /// <summary><c>JSONSchemaPropsOrArray</c>: a schema, or a list of them.</summary>
    SchemaOrArray,

    /// <summary><c>JSONSchemaPropsOrBool</c>: a schema, or yes or no.</summary>
    SchemaOrBool,

    /// <summary><c>JSONSchemaPropsOrStringArray</c>: a schema, or a list of names.</summary>
    SchemaOrNames,

    /// <summary>A message that has no fields.</summary>
    Empty,
}

/// <summary>The fields whose wire name or form does not follow from their JSON.</summary>
internal static class WireForms
{
    private const string JsonSchema = "apiextensions.v1.JSONSchemaProps";

    public static WireForm Of(string message, string wireName) => (message, wireName) switch
    {
        (JsonSchema, "items") => WireForm.SchemaOrArray,
        (JsonSchema, "additionalProperties" or "additionalItems") => WireForm.SchemaOrBool,
        (JsonSchema, "dependencies") => WireForm.SchemaOrNames,
        ("apiextensions.v1.CustomResourceSubresources", "status") => WireForm.Empty,
        _ => WireForm.Plain,
    };

    /// <summary>The JSON name of a field of a message; null when the schema does not know it. Mostly they differ in case at the most.</summary>
    public static string? JsonName(ObjectSchema schema, string message, string wireName)
    {
        if (message == JsonSchema)
        {
            wireName = wireName switch
            {
                "schema" => "$schema",
                "ref" => "$ref",
                ['x', >= 'A' and <= 'Z', ..] => "x" + string.Concat(wireName[1..].Select(c => char.IsAsciiLetterUpper(c) ? $"-{char.ToLowerInvariant(c)}" : c.ToString())),
                _ => wireName,
            };
        }

        if (schema.Properties.ContainsKey(wireName))
        {
            return wireName;
        }

        foreach (var name in schema.PropertyNames)
        {
            if (name.Equals(wireName, StringComparison.OrdinalIgnoreCase))
            {
                return name;
            }
        }

        return null;
    }
}
