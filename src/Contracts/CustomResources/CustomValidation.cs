using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Validation;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>The rules for objects of custom kinds beside those of metadata: the schema, embedded resources, lists that are sets or maps, scale.</summary>
internal static class CustomValidation
{
    /// <param name="version">Whose rules.</param>
    /// <param name="obj">As it would be stored.</param>
    /// <param name="old">What it replaces; null for a creation.</param>
    /// <param name="subresource">With <c>status</c> only the status is judged: what else is wrong is not this writer's doing.</param>
    /// <param name="errors">Where the causes go.</param>
    public static void Validate(CustomVersion version, JsonObject obj, JsonObject? old, string subresource, FieldErrors errors)
    {
        var schema = version.Schema;
        if (subresource == "status")
        {
            if (schema.Properties.TryGetValue("status", out var status) && obj.TryGetPropertyValue("status", out var value))
            {
                ValueValidation.Validate(status, value, old?["status"], "status", errors);
            }

            Scale(version.Scale is null ? null : version.Scale with { SpecReplicas = [] }, obj, errors);
        }
        else
        {
            ValueValidation.Validate(schema, obj, old, "", errors);
            Scale(version.Scale, obj, errors);
            Embedded(schema, obj, FieldPath.Root, isRoot: true, errors);
        }

        // A list that was wrong before may stay wrong: the user could otherwise change nothing else.
        var before = new FieldErrors();
        if (old is not null)
        {
            ListUniqueness.Validate(schema, old, FieldPath.Root, before);
        }

        if (before.Count == 0)
        {
            ListUniqueness.Validate(schema, obj, FieldPath.Root, errors);
        }
    }

    private static void Scale(CustomScale? scale, JsonObject obj, FieldErrors errors)
    {
        if (scale is null)
        {
            return;
        }

        Replicas(scale.SpecReplicas, obj, errors);
        Replicas(scale.StatusReplicas, obj, errors);
        if (!scale.LabelSelector.IsEmpty && At(obj, scale.LabelSelector) is { } selector && selector.GetValueKind() != JsonValueKind.String)
        {
            errors.Invalid(Path(scale.LabelSelector), "", $"{Path(scale.LabelSelector)} accessor error: {selector.ToJsonString()} is of the type {selector.GetValueKind().ToString().ToLowerInvariant()}, expected string");
        }
    }

    private static void Replicas(ImmutableArray<string> path, JsonObject obj, FieldErrors errors)
    {
        if (path.IsEmpty || At(obj, path) is not { } value)
        {
            return;
        }

        if (!JsonNumbers.TryInteger(value, out var replicas))
        {
            errors.Invalid(Path(path), 0, $"{Path(path)} accessor error: {value.ToJsonString()} is of the type {value.GetValueKind().ToString().ToLowerInvariant()}, expected int64");
        }
        else if (replicas < 0)
        {
            errors.Invalid(Path(path), replicas, "should be a non-negative integer");
        }
        else if (replicas > int.MaxValue)
        {
            errors.Invalid(Path(path), replicas, $"should be less than or equal to {int.MaxValue}");
        }
    }

    private static JsonNode? At(JsonObject obj, ImmutableArray<string> path) => path.Aggregate((JsonNode?)obj, (node, step) => (node as JsonObject)?[step]);

    private static FieldPath Path(ImmutableArray<string> path) => FieldPath.Of("." + string.Join('.', path));

    private static void Embedded(StructuralSchema schema, JsonNode? value, FieldPath path, bool isRoot, FieldErrors errors)
    {
        switch (value)
        {
            case JsonObject obj:
                if (schema.IsEmbeddedResource && !isRoot)
                {
                    Resource(obj, path, errors);
                }

                foreach (var (name, item) in obj)
                {
                    if (item is JsonObject or JsonArray && schema.Field(name) is { } field)
                    {
                        Embedded(field, item, schema.Properties.ContainsKey(name) ? path.Field(name) : path.Key(name), false, errors);
                    }
                }

                break;
            case JsonArray array when schema.Items is { } items:
                for (var i = 0; i < array.Count; i++)
                {
                    Embedded(items, array[i], path.Index(i), false, errors);
                }

                break;
        }
    }

    private static void Resource(JsonObject obj, FieldPath path, FieldErrors errors)
    {
        var apiVersion = obj["apiVersion"];
        if (apiVersion is null)
        {
            errors.Required(path.Field("apiVersion"), "must not be empty");
        }
        else if (apiVersion.GetValueKind() != JsonValueKind.String)
        {
            errors.Invalid(path.Field("apiVersion"), apiVersion, "must be a string");
        }
        else if (obj.Text("apiVersion").Count(letter => letter == '/') > 1)
        {
            errors.Invalid(path.Field("apiVersion"), apiVersion, $"unexpected GroupVersion string: {obj.Text("apiVersion")}");
        }

        var kind = obj["kind"];
        if (kind is null)
        {
            errors.Required(path.Field("kind"), "must not be empty");
        }
        else if (kind.GetValueKind() != JsonValueKind.String)
        {
            errors.Invalid(path.Field("kind"), kind, "must be a string");
        }
        else if (Names.Dns1035Label(obj.Text("kind").ToLowerInvariant()) is { Count: > 0 } problems)
        {
            errors.Invalid(path.Field("kind"), kind, "may have mixed case, but should otherwise match: " + string.Join(',', problems));
        }

        if (obj.Child("metadata") is { } metadata)
        {
            MetadataValidation.Embedded(metadata, path.Field("metadata"), errors);
        }
    }
}
