using System.Text.Json.Nodes;

namespace ActorOrchestrator.Contracts.Schema.Fields;

/// <summary>Takes fields out of an object.</summary>
public static class FieldRemoval
{
    /// <summary>A new tree without the fields; objects, maps and lists that are left empty by it go as well.</summary>
    public static JsonObject Without(JsonObject obj, FieldSet fields, ObjectSchema schema) => Without(obj, fields, TypeShape.Of(schema));

    internal static JsonObject Without(JsonObject obj, FieldSet fields, TypeShape shape) => OfMap(shape, obj, fields) ?? [];

    /// <summary>
    /// The set with every named field of a structure that has members below it as a member itself, so that a structure counts as had by whoever has a part
    /// of it.
    /// </summary>
    public static FieldSet WithNamedFields(FieldSet fields, ObjectSchema schema) => WithNamedFields(fields, TypeShape.Of(schema));

    internal static FieldSet WithNamedFields(FieldSet fields, TypeShape shape)
    {
        var level = default(FieldSet.Builder);
        foreach (var node in fields.Nodes)
        {
            var below = !shape.IsDeclared ? default
                : node.Element.FieldName is { } name ? (shape.StructureOf(null) is Structure.Map ? shape.Field(name) : default)
                : node.Element.IsKey && shape.Node is { Type: SchemaType.Array } ? shape.Items
                : default;
            var named = !node.Children.IsEmpty && node.Element.FieldName is { } field && shape.IsDeclared && shape.Names(field);
            level.Add(node.Element, node.IsMember || named, WithNamedFields(node.Children, below));
        }

        return level.Build();
    }

    private static JsonNode? Below(TypeShape shape, JsonNode? value, FieldSet fields) => (shape.StructureOf(value), value) switch
    {
        (Structure.Map, JsonObject map) => OfMap(shape, map, fields),
        (Structure.List, JsonArray list) => OfList(shape, list, fields),
        (Structure.Scalar, _) => value?.DeepClone(),
        _ => null,
    };

    private static JsonObject? OfMap(TypeShape shape, JsonObject map, FieldSet fields)
    {
        var kept = new JsonObject();
        foreach (var (name, value) in map)
        {
            var element = PathElement.Field(name);
            if (fields.HasMember(element))
            {
                continue;
            }

            var below = fields.Below(element);
            if (below.IsEmpty)
            {
                kept[name] = value?.DeepClone();
            }
            else if (Below(shape.Field(name), value, below) is { } rest)
            {
                kept[name] = rest;
            }
        }

        return kept.Count == 0 ? null : kept;
    }

    private static JsonArray? OfList(TypeShape shape, JsonArray list, FieldSet fields)
    {
        var kept = new JsonArray();
        foreach (var item in list)
        {
            if (shape.ElementOf(item, out _) is not { } element)
            {
                kept.Add(item?.DeepClone());
                continue;
            }

            if (fields.HasMember(element))
            {
                continue;
            }

            var below = fields.Below(element);
            if (below.IsEmpty)
            {
                kept.Add(item?.DeepClone());
            }
            else if (Below(shape.Items, item, below) is { } rest)
            {
                kept.Add(rest);
            }
        }

        return kept.Count == 0 ? null : kept;
    }
}
