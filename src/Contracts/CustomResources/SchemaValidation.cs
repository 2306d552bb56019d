using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Validation;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>The rules for one version's <c>openAPIV3Schema</c>: which keywords may be used and how, that it is structural, and that its defaults are valid.</summary>
internal static class SchemaValidation
{
    private static readonly string[] Types = ["array", "boolean", "integer", "number", "object", "string"];
    private static readonly string[] RootWithStatus =
    [
        "description", "type", "format", "title", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems",
        "uniqueItems", "multipleOf", "required", "items", "properties", "externalDocs", "example", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-validations",
    ];

    /// <param name="schema">The schema.</param>
    /// <param name="path">Of its holder: the place of <c>openAPIV3Schema</c> is below it.</param>
    /// <param name="hasStatus">The status endpoint writes a part of the object only, so that the root may not judge across both parts.</param>
    /// <param name="errors">Where the causes go.</param>
    public static void Validate(JsonObject schema, FieldPath path, bool hasStatus, FieldErrors errors)
    {
        var place = path.Field("openAPIV3Schema");
        if (hasStatus)
        {
            RootOfStatus(schema, place, errors);
        }

        if (schema.Flag("nullable"))
        {
            errors.Forbidden(place.Field("nullable"), "nullable cannot be true at the root");
        }

        var before = errors.Count;
        StructuralRules.Check(schema, place, errors);
        var isStructural = errors.Count == before;
        Visit(schema, place, new Context(IsRoot: true, InsideMetadata: false, NoDefaults: null), errors);
        if (isStructural)
        {
            DefaultsValidation.Validate(schema, place, errors);
        }
    }

    private static void RootOfStatus(JsonObject schema, FieldPath place, FieldErrors errors)
    {
        foreach (var (keyword, value) in schema)
        {
            if (keyword == "type" && schema.Text("type") != "object")
            {
                errors.Invalid(place.Field("type"), schema.Text("type"), "only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled");
                return;
            }

            if (value is not null && !RootWithStatus.Contains(keyword) && value.GetValueKind() != JsonValueKind.False)
            {
                var allowed = string.Join(' ', RootWithStatus.Select(name =>
                    name.StartsWith("x-kubernetes-", StringComparison.Ordinal) ? "X" + string.Concat(name[13..].Split('-').Select(Capital)) : Capital(name)));
                errors.Invalid(place, schema, $"only [{allowed}] fields are allowed at the root of the schema if the status subresource is enabled");
                return;
            }
        }

        static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];
    }

    private static void Visit(JsonObject schema, FieldPath path, Context context, FieldErrors errors)
    {
        Keywords(schema, path, context, errors);
        ListRules.Check(schema, path, errors);
        if (schema["additionalProperties"] is { } additional)
        {
            if (schema.Child("properties") is { Count: > 0 } && additional.GetValueKind() != JsonValueKind.True)
            {
                errors.Forbidden(path.Field("additionalProperties"), "additionalProperties and properties are mutual exclusive");
            }

            if (additional is JsonObject values)
            {
                var below = context.InsideMetadata ? context with { IsRoot = false, NoDefaults = "inside additionalProperties applying to object metadata" } : context with { IsRoot = false };
                Visit(values, path.Field("additionalProperties"), below, errors);
            }
        }

        foreach (var (name, property) in schema.Child("properties") ?? [])
        {
            if (property is JsonObject field)
            {
                Visit(field, path.Field("properties").Key(name), PropertyContext(schema, name, context), errors);
            }
        }

        if (schema.Child("items") is { } items)
        {
            Visit(items, path.Field("items"), context with { IsRoot = false }, errors);
        }

        foreach (var junctor in (string[])["allOf", "oneOf", "anyOf"])
        {
            var i = 0;
            foreach (var part in schema.Items(junctor))
            {
                Visit(part, path.Field(junctor).Index(i++), context with { IsRoot = false }, errors);
            }
        }

        if (schema.Child("not") is { } not)
        {
            Visit(not, path.Field("not"), context with { IsRoot = false }, errors);
        }

        RuleValidation.Form(schema, path, errors);
    }

    private static Context PropertyContext(JsonObject schema, string name, Context context)
    {
        if (!(context.IsRoot || schema.Flag("x-kubernetes-embedded-resource")) || !CustomPruning.IsTypeField(name))
        {
            return context with { IsRoot = false };
        }

        return new Context(IsRoot: false, InsideMetadata: true, context.IsRoot ? $"in top-level {name}" : context.NoDefaults);
    }

    private static void Keywords(JsonObject schema, FieldPath path, Context context, FieldErrors errors)
    {
        var type = schema.Text("type");
        if (type.Length > 0 && !Types.Contains(type))
        {
            errors.NotSupported(path.Field("type"), type, Types);
        }

        if (type == "null")
        {
            errors.Forbidden(path.Field("type"), "type cannot be set to null, use nullable as an alternative");
        }

        if (schema["default"] is not null && context.NoDefaults is { } why)
        {
            errors.Forbidden(path.Field("default"), $"must not be set {why}");
        }

        foreach (var keyword in (string[])["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"])
        {
            if (schema[keyword] is { } said && said is not JsonObject { Count: 0 })
            {
                errors.Forbidden(path.Field(keyword), $"{keyword} is not supported");
            }
        }

        if (schema["items"] is JsonArray { Count: > 0 })
        {
            errors.Forbidden(path.Field("items"), "items must be a schema object and not an array");
        }

        if (context.InsideMetadata && schema.Flag("x-kubernetes-embedded-resource"))
        {
            errors.Forbidden(path.Field("x-kubernetes-embedded-resource"), "must not be used inside of resource meta");
        }

        if (schema.Flag("uniqueItems"))
        {
            errors.Forbidden(path.Field("uniqueItems"), "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
        }

        if (schema["x-kubernetes-preserve-unknown-fields"]?.GetValueKind() == JsonValueKind.False)
        {
            errors.Invalid(path.Field("x-kubernetes-preserve-unknown-fields"), JsonValue.Create(false), "must be true or undefined");
        }
    }

    /// <param name="IsRoot">Of the whole schema.</param>
    /// <param name="InsideMetadata">In the type or object metadata of the object or an embedded one.</param>
    /// <param name="NoDefaults">Why there may be no default; null when there may.</param>
    private sealed record Context(bool IsRoot, bool InsideMetadata, string? NoDefaults);
}
