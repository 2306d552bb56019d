using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Validation;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>
/// What makes a schema structural (apiextensions' <c>ValidateStructural</c>): every place has a type of its own, and value validations below
/// <c>allOf</c>, <c>anyOf</c>, <c>oneOf</c> and <c>not</c> only restrict what is said outside of them.
/// </summary>
internal static class StructuralRules
{
    private const string PreserveUnknown = "x-kubernetes-preserve-unknown-fields";
    private const string EmbeddedResource = "x-kubernetes-embedded-resource";
    private const string IntOrString = "x-kubernetes-int-or-string";
    private const int MaxDepth = 256;

    private enum Level : byte
    {
        Root,
        Item,
        Field,
    }

    public static void Check(JsonObject schema, FieldPath path, FieldErrors errors)
    {
        Invariants(schema, Level.Root, path, errors, 0);
        Completeness(schema, path, errors);
    }

    private static void Invariants(JsonObject schema, Level level, FieldPath path, FieldErrors errors, int depth)
    {
        if (depth > MaxDepth)
        {
            errors.Forbidden(path, $"schemas may not be nested more than {MaxDepth} levels deep");
            return;
        }

        if (schema.Text("type") == "array" && schema.Child("items") is null)
        {
            errors.Required(path.Field("items"), "must be specified");
        }

        if (schema.Child("items") is { } items)
        {
            Invariants(items, Level.Item, path.Field("items"), errors, depth + 1);
        }

        foreach (var (name, property) in Properties(schema))
        {
            Invariants(property, Level.Field, path.Field("properties").Key(name), errors, depth + 1);
        }

        if (schema["additionalProperties"] is { } additional)
        {
            if (level == Level.Root)
            {
                errors.Forbidden(path.Field("additionalProperties"), "must not be used at the root");
            }

            if (additional is JsonObject values)
            {
                Invariants(values, Level.Field, path.Field("additionalProperties"), errors, depth + 1);
            }
        }

        Extensions(schema, level, path, errors);
        var isAnyOf = IsIntOrStringPattern(schema);
        var isFirstOfAllOf = schema.Items("allOf").FirstOrDefault() is { } first && IsIntOrStringPattern(first);
        ValueValidations(schema, isAnyOf, isFirstOfAllOf, path, errors, depth);
        TypeFields(schema, level, path, errors);
    }

    private static void Extensions(JsonObject schema, Level level, FieldPath path, FieldErrors errors)
    {
        var (type, isIntOrString) = (schema.Text("type"), schema.Flag(IntOrString));
        if (isIntOrString && schema.Flag(PreserveUnknown))
        {
            errors.Invalid(path.Field(PreserveUnknown), JsonValue.Create(true), "must be false if x-kubernetes-int-or-string is true");
        }

        if (isIntOrString && schema.Flag(EmbeddedResource))
        {
            errors.Invalid(path.Field(EmbeddedResource), JsonValue.Create(true), "must be false if x-kubernetes-int-or-string is true");
        }

        if (schema.Flag(EmbeddedResource) && type != "object")
        {
            const string Rule = "must be object if x-kubernetes-embedded-resource is true";
            if (type.Length == 0)
            {
                errors.Required(path.Field("type"), Rule);
            }
            else
            {
                errors.Invalid(path.Field("type"), type, Rule);
            }
        }
        else if (type.Length == 0 && !isIntOrString && !schema.Flag(PreserveUnknown))
        {
            errors.Required(path.Field("type"), level switch
            {
                Level.Root => "must not be empty at the root",
                Level.Item => "must not be empty for specified array items",
                _ => "must not be empty for specified object fields",
            });
        }

        if (schema.Flag(EmbeddedResource) && schema["additionalProperties"] is not null)
        {
            errors.Forbidden(path.Field("additionalProperties"), "must not be used if x-kubernetes-embedded-resource is set");
        }

        if (schema.Flag(EmbeddedResource) && !schema.Flag(PreserveUnknown) && !Properties(schema).Any())
        {
            errors.Required(path.Field("properties"), "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields");
        }

        if (level == Level.Root && type.Length > 0 && type != "object")
        {
            errors.Invalid(path.Field("type"), type, "must be object at the root");
        }
    }

    private static void TypeFields(JsonObject schema, Level level, FieldPath path, FieldErrors errors)
    {
        var properties = schema.Child("properties") ?? [];
        var isResource = level == Level.Root || schema.Flag(EmbeddedResource);
        foreach (var name in (string[])["kind", "apiVersion"])
        {
            if (isResource && properties.Child(name) is { } field && field.Text("type") != "string")
            {
                errors.Invalid(path.Field("properties").Key(name).Field("type"), field.Text("type"), "must be string");
            }
        }

        if (properties.Child("metadata") is not { } metadata)
        {
            return;
        }

        var place = path.Field("properties").Key("metadata");
        if (isResource && metadata.Text("type") != "object")
        {
            errors.Invalid(place.Field("type"), metadata.Text("type"), "must be object");
        }

        if (level == Level.Root)
        {
            var fields = Properties(metadata).Select(property => property.Name);
            var others = metadata.Select(member => member.Key).Except(["type", "properties", "default", "description"]);
            if (others.Any() || fields.Except(["name", "generateName"]).Any())
            {
                errors.Forbidden(place, "must not specify anything other than name and generateName, but metadata is implicitly specified");
            }
        }
    }

    private static void ValueValidations(JsonObject schema, bool skipAnyOf, bool skipFirstOfAllOf, FieldPath path, FieldErrors errors, int depth)
    {
        foreach (var junctor in (string[])["anyOf", "allOf", "oneOf"])
        {
            if (junctor == "anyOf" && skipAnyOf)
            {
                continue;
            }

            var i = 0;
            foreach (var part in schema.Items(junctor))
            {
                Nested(part, skipAnyOf: junctor == "allOf" && i == 0 && skipFirstOfAllOf, path.Field(junctor).Index(i), errors, depth + 1);
                i++;
            }
        }

        if (schema.Child("not") is { } not)
        {
            Nested(not, false, path.Field("not"), errors, depth + 1);
        }

        if (schema.Text("pattern") is { Length: > 0 } pattern && !GoPattern.TryTranslate(pattern, out _, out var problem))
        {
            errors.Invalid(path.Field("pattern"), pattern, $"must be a valid regular expression, but isn't: {problem}");
        }
    }

    private static void Nested(JsonObject schema, bool skipAnyOf, FieldPath path, FieldErrors errors, int depth)
    {
        if (depth > MaxDepth)
        {
            errors.Forbidden(path, $"schemas may not be nested more than {MaxDepth} levels deep");
            return;
        }

        ValueValidations(schema, skipAnyOf, false, path, errors, depth);
        if (schema.Child("items") is { } items)
        {
            Nested(items, false, path.Field("items"), errors, depth + 1);
        }

        foreach (var (name, property) in Properties(schema))
        {
            Nested(property, false, path.Field("properties").Key(name), errors, depth + 1);
        }

        foreach (var (keyword, rule) in Forbidden)
        {
            var said = schema[keyword] is { } value && !(value.GetValueKind() == JsonValueKind.False && keyword != "additionalProperties")
                && !(value.GetValueKind() == JsonValueKind.String && keyword is "type" or "title" or "description" && schema.Text(keyword).Length == 0)
                && !(value is JsonArray { Count: 0 });
            if (said)
            {
                errors.Forbidden(path.Field(keyword), rule);
            }
        }

        if (schema.Child("properties")?["metadata"] is not null)
        {
            errors.Forbidden(path.Field("properties").Key("metadata"), "must not be specified in a nested context");
        }
    }

    private static readonly (string Keyword, string Rule)[] Forbidden =
    [
        ("type", "must be empty to be structural"),
        ("additionalProperties", "must be undefined to be structural"),
        ("default", "must be undefined to be structural"),
        ("title", "must be empty to be structural"),
        ("description", "must be empty to be structural"),
        ("nullable", "must be false to be structural"),
        (PreserveUnknown, "must be false to be structural"),
        (EmbeddedResource, "must be false to be structural"),
        (IntOrString, "must be false to be structural"),
        ("x-kubernetes-list-map-keys", "must be empty to be structural"),
        ("x-kubernetes-list-type", "must be undefined to be structural"),
        ("x-kubernetes-map-type", "must be undefined to be structural"),
        ("x-kubernetes-validations", "must be empty to be structural"),
    ];

    /// <summary>Every field and item that a value validation restricts is specified outside of it.</summary>
    private static void Completeness(JsonObject schema, FieldPath path, FieldErrors errors)
    {
        foreach (var (part, place) in Junctors(schema, path))
        {
            Complete(part, schema, place, path, errors);
        }

        if (schema.Child("items") is { } items)
        {
            Completeness(items, path.Field("items"), errors);
        }

        foreach (var (name, property) in Properties(schema))
        {
            Completeness(property, path.Field("properties").Key(name), errors);
        }

        if (schema.Child("additionalProperties") is { } values)
        {
            Completeness(values, path.Field("additionalProperties"), errors);
        }
    }

    private static void Complete(JsonObject part, JsonObject outside, FieldPath place, FieldPath outsidePath, FieldErrors errors)
    {
        foreach (var (nested, below) in Junctors(part, place))
        {
            Complete(nested, outside, below, outsidePath, errors);
        }

        if (part.Child("items") is { } items)
        {
            if (outside.Child("items") is { } outer)
            {
                Complete(items, outer, place.Field("items"), outsidePath.Field("items"), errors);
            }
            else
            {
                errors.Required(outsidePath.Field("items"), $"because it is defined in {place.Field("items")}");
            }
        }

        foreach (var (name, property) in Properties(part))
        {
            var below = place.Field("properties").Key(name);
            if (outside.Child("properties")?.Child(name) is { } outer)
            {
                Complete(property, outer, below, outsidePath.Field("properties").Key(name), errors);
            }
            else
            {
                errors.Required(outsidePath.Field("properties").Key(name), $"because it is defined in {below}");
            }
        }
    }

    private static IEnumerable<(JsonObject Part, FieldPath Path)> Junctors(JsonObject schema, FieldPath path)
    {
        foreach (var junctor in (string[])["allOf", "anyOf", "oneOf"])
        {
            var i = 0;
            foreach (var part in schema.Items(junctor))
            {
                yield return (part, path.Field(junctor).Index(i++));
            }
        }

        if (schema.Child("not") is { } not)
        {
            yield return (not, path.Field("not"));
        }
    }

    private static IEnumerable<(string Name, JsonObject Schema)> Properties(JsonObject schema) =>
        (schema.Child("properties") ?? []).Where(property => property.Value is JsonObject).Select(property => (property.Key, (JsonObject)property.Value!));

    /// <summary><c>anyOf: [{type: integer}, {type: string}]</c>, the one place where a nested type is allowed.</summary>
    private static bool IsIntOrStringPattern(JsonObject schema)
    {
        var parts = schema.Items("anyOf").ToArray();
        return parts.Length == 2 && parts.All(part => part.Count == 1) && parts[0].Text("type") == "integer" && parts[1].Text("type") == "string";
    }
}
