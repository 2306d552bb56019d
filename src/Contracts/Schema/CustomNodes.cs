using ActorOrchestrator.Contracts.CustomResources;

namespace ActorOrchestrator.Contracts.Schema;

/// <summary>From a custom kind's schema to the nodes by which objects are merged and applied.</summary>
internal static class CustomNodes
{
    /// <param name="name">What an object at this place is called, when an error has to call it something.</param>
    /// <param name="schema">What is there.</param>
    public static SchemaNode Of(string name, StructuralSchema schema)
    {
        if (schema.IsIntOrString)
        {
            return new SchemaNode(SchemaType.IntOrString);
        }

        switch (schema.Type)
        {
            case "object" when schema.Properties.Count == 0 && schema.AdditionalProperties is { } values:
                return new SchemaNode(SchemaType.Map, items: Of(name, values)) { Atomic = schema.MapType == "atomic", PreservesUnknown = schema.PreservesUnknown };
            case "object":
                return new SchemaNode(ObjectSchema.Of(name, schema)) { Atomic = schema.MapType == "atomic", PreservesUnknown = schema.PreservesUnknown };
            case "array" when schema.Items is { } items:
                return new SchemaNode(SchemaType.Array, items: Of(name, items)) { ListType = ListTypeOf(schema), MapKeys = schema.MapKeys };
            case "string": return new SchemaNode(SchemaType.String) { Default = schema.Default };
            case "integer": return new SchemaNode(SchemaType.Integer, schema.Format == "int32" ? "int32" : "int64") { Default = schema.Default };
            case "number": return new SchemaNode(SchemaType.Number, "double") { Default = schema.Default };
            case "boolean": return new SchemaNode(SchemaType.Boolean) { Default = schema.Default };
            default: return new SchemaNode(SchemaType.Any) { PreservesUnknown = true };
        }
    }

    private static ListType? ListTypeOf(StructuralSchema schema) => schema.ListType switch
    {
        "map" => ListType.Map,
        "set" => ListType.Set,
        "atomic" => ListType.Atomic,
        _ => null,
    };
}
