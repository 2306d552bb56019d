using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Validation;
using k8s.Models;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>
/// Defaults are valid values of the places that they stand at, and have no field that would be pruned; below the metadata, kind and apiVersion of an
/// embedded resource they make valid ones, and what metadata does not know goes when they are used (apiextensions' <c>defaulting.ValidateDefaults</c>).
/// </summary>
internal static class DefaultsValidation
{
    public static void Validate(JsonObject schema, FieldPath path, FieldErrors errors) =>
        Visit(StructuralSchema.Read(schema), path, new Place([], false), isRoot: true, errors);

    private static void Visit(StructuralSchema schema, FieldPath path, Place place, bool isRoot, FieldErrors errors)
    {
        if (!schema.HasDefaults)
        {
            return;
        }

        var isResource = isRoot || schema.IsEmbeddedResource;
        place = isResource ? new Place([], false) : place;
        if (schema.Default is { } @default)
        {
            Default(schema, @default, path.Field("default"), place, errors);
        }

        if (schema.Items is { } items)
        {
            Visit(items, path.Field("items"), place with { Steps = place.Steps.Add(null) }, false, errors);
        }

        foreach (var (name, property) in schema.Properties)
        {
            var describesResource = place.IsMetadata || (isResource && name is "metadata" or "apiVersion" or "kind");
            Visit(property, path.Field("properties").Key(name), new Place(place.Steps.Add(name), describesResource), false, errors);
        }
    }

    private static void Default(StructuralSchema schema, JsonNode @default, FieldPath path, in Place place, FieldErrors errors)
    {
        if (place.IsMetadata)
        {
            if (MetadataProblem(place.Around(@default)) is { Length: > 0 } problem)
            {
                errors.Invalid(path, @default, $"must result in valid metadata: {problem}");
                return;
            }
        }
        else
        {
            var pruned = @default.DeepClone();
            if (pruned is JsonObject whole && schema.IsEmbeddedResource ? CustomPruning.Prune(whole, schema).Count > 0 : CustomPruning.PruneValue(pruned, schema).Count > 0)
            {
                errors.Invalid(path, @default, "must not have unknown fields");
            }
        }

        ValueValidation.Validate(schema, @default, null, path.ToString(), errors);
    }

    private static string MetadataProblem(JsonObject resource)
    {
        switch (resource["metadata"])
        {
            case null:
                return "";
            case JsonObject metadata:
                var report = StructuralDecoder.Decode(ObjectSchema.Of(typeof(V1ObjectMeta)), metadata, FieldPath.Of("metadata"));
                if (report.TypeError is { } malformed)
                {
                    return malformed;
                }

                var errors = new FieldErrors();
                MetadataValidation.Embedded(metadata, FieldPath.Of("metadata"), errors);
                return string.Join(", ", errors.ToImmutable().Select(cause => $"{cause.Field}: {cause.Message}"));
            case var other:
                return $"metadata: Invalid value: {other.ToJsonString()}: must be an object";
        }
    }

    /// <param name="Steps">From the resource that it is part of; null is an item of a list.</param>
    /// <param name="IsMetadata">Below that resource's metadata, kind or apiVersion.</param>
    private readonly record struct Place(ImmutableArray<string?> Steps, bool IsMetadata)
    {
        /// <summary>The smallest resource that has the value here.</summary>
        public JsonObject Around(JsonNode value)
        {
            var node = value.DeepClone();
            for (var i = Steps.Length - 1; i >= 0; i--)
            {
                node = Steps[i] is { } name ? new JsonObject { [name] = node } : new JsonArray(node);
            }

            return (JsonObject)node;
        }
    }
}
