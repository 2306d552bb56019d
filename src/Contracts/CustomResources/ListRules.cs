using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Validation;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>The rules for <c>x-kubernetes-list-type</c>, <c>-list-map-keys</c> and <c>-map-type</c> in a schema.</summary>
internal static class ListRules
{
    private const string ListType = "x-kubernetes-list-type";
    private const string MapKeys = "x-kubernetes-list-map-keys";
    private const string MapType = "x-kubernetes-map-type";

    public static void Check(JsonObject schema, FieldPath path, FieldErrors errors)
    {
        MustBe(schema, MapType, "object", path, errors);
        if (schema[MapType] is not null && schema.Text(MapType) is not ("atomic" or "granular"))
        {
            errors.NotSupported(path.Field(MapType), schema.Text(MapType), "atomic", "granular");
        }

        MustBe(schema, ListType, "array", path, errors);
        var listType = schema.Text(ListType);
        var items = schema.Child("items");
        if (schema[ListType] is not null && listType is not ("atomic" or "set" or "map"))
        {
            errors.NotSupported(path.Field(ListType), listType, "atomic", "set", "map");
        }

        if (listType == "set" && items is not null)
        {
            SetItems(items, path.Field("items"), errors);
        }

        var keys = schema.Strings(MapKeys).ToArray();
        if (keys.Length > 0 && listType != "map")
        {
            const string Rule = "must be map if x-kubernetes-list-map-keys is non-empty";
            if (listType.Length == 0)
            {
                errors.Required(path.Field(ListType), Rule);
            }
            else
            {
                errors.Invalid(path.Field(ListType), listType, Rule);
            }
        }

        if (listType == "map")
        {
            Map(schema, items, keys, path, errors);
        }

        if (items is not null && listType is "set" or "map")
        {
            Identities(schema, items!, listType, keys, path, errors);
        }
    }

    private static void MustBe(JsonObject schema, string extension, string type, FieldPath path, FieldErrors errors)
    {
        if (schema[extension] is null || schema.Text("type") == type)
        {
            return;
        }

        var rule = $"must be {type} if {extension} is specified";
        if (schema.Text("type").Length == 0)
        {
            errors.Required(path.Field("type"), rule);
        }
        else
        {
            errors.Invalid(path.Field("type"), schema.Text("type"), rule);
        }
    }

    private static void SetItems(JsonObject items, FieldPath path, FieldErrors errors)
    {
        const string Rule = "must be atomic as item of a list with x-kubernetes-list-type=set";
        if (items.Text("type") == "array" && items.Text(ListType) is not ("" or "atomic"))
        {
            errors.Invalid(path.Field(ListType), items[ListType], Rule);
        }
        else if (items.Text("type") == "object" && items.Text(MapType) != "atomic")
        {
            errors.Invalid(path.Field(MapType), items[MapType], Rule);
        }
    }

    private static void Map(JsonObject schema, JsonObject? items, string[] keys, FieldPath path, FieldErrors errors)
    {
        if (keys.Length == 0)
        {
            errors.Required(path.Field(MapKeys), "must not be empty if x-kubernetes-list-type is map");
        }

        if (schema["items"] is null)
        {
            errors.Required(path.Field("items"), "must have a schema if x-kubernetes-list-type is map");
        }
        else if (items is null)
        {
            errors.Invalid(path.Field("items"), schema["items"], "must only have a single schema if x-kubernetes-list-type is map");
        }
        else if (items.Text("type") != "object")
        {
            errors.Invalid(path.Field("items").Field("type"), items.Text("type"), "must be object if parent array's x-kubernetes-list-type is map");
        }
        else
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var key in keys)
            {
                if (items.Child("properties")?.Child(key) is not { } property)
                {
                    errors.Invalid(path.Field(MapKeys), schema[MapKeys], "entries must all be names of item properties");
                }
                else if (property.Text("type") is "array" or "object")
                {
                    errors.Invalid(
                        path.Field("items").Field("properties").Key(key).Field("type"), items.Text("type"), "must be a scalar type if parent array's x-kubernetes-list-type is map");
                }

                if (!seen.Add(key))
                {
                    errors.Invalid(path.Field(MapKeys), schema[MapKeys], "must not contain duplicate entries");
                }
            }
        }
    }

    private static void Identities(JsonObject schema, JsonObject items, string listType, string[] keys, FieldPath path, FieldErrors errors)
    {
        if (items.Flag("nullable"))
        {
            errors.Forbidden(path.Field("items").Field("nullable"), $"cannot be nullable when x-kubernetes-list-type is {listType}");
        }

        if (listType != "map")
        {
            return;
        }

        var required = items.Strings("required").ToArray();
        foreach (var key in keys)
        {
            if (items.Child("properties")?.Child(key) is not { } property)
            {
                continue;
            }

            var place = path.Field("items").Field("properties").Key(key);
            if (!required.Contains(key) && property["default"] is null)
            {
                errors.Required(place.Field("default"), "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property");
            }

            if (property.Flag("nullable"))
            {
                errors.Forbidden(place.Field("nullable"), "this property is in x-kubernetes-list-map-keys, so it cannot be nullable");
            }
        }
    }
}
