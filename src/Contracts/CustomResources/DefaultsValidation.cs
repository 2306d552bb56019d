using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Validation;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>Defaults are valid values of the places that they stand at, and have no field that would be pruned.</summary>
internal static class DefaultsValidation
{
    public static void Validate(JsonObject schema, FieldPath path, FieldErrors errors) => Visit(StructuralSchema.Read(schema), path, errors);

    private static void Visit(StructuralSchema schema, FieldPath path, FieldErrors errors)
    {
        if (!schema.HasDefaults)
        {
            return;
        }

        if (schema.Default is { } @default)
        {
            var place = path.Field("default");
            var pruned = @default.DeepClone();
            if (pruned is JsonObject whole && schema.IsEmbeddedResource ? CustomPruning.Prune(whole, schema).Count > 0 : CustomPruning.PruneValue(pruned, schema).Count > 0)
            {
                errors.Invalid(place, @default, "must not have unknown fields");
            }

            ValueValidation.Validate(schema, @default, null, place.ToString(), errors);
        }

        if (schema.Items is { } items)
        {
            Visit(items, path.Field("items"), errors);
        }

        foreach (var (name, property) in schema.Properties)
        {
            Visit(property, path.Field("properties").Key(name), errors);
        }
    }
}
