using System.Text.Json.Nodes;

namespace ActorOrchestrator.Contracts.Schema.Fields;

/// <summary>The fields that an applied configuration names, which its manager will own.</summary>
public static class FieldExtraction
{
    public static FieldSet FieldsOf(JsonObject obj, ObjectSchema schema) => Below(TypeShape.Of(schema), obj, out _);

    internal static FieldSet FieldsOf(JsonObject obj, TypeShape shape) => Below(shape, obj, out _);

    /// <returns>What is named below the value; <paramref name="isMember"/> tells whether the value itself is.</returns>
    private static FieldSet Below(TypeShape shape, JsonNode? value, out bool isMember)
    {
        var structure = shape.StructureOf(value);
        isMember = structure is Structure.Scalar or Structure.Atomic;
        return (structure, value) switch
        {
            (Structure.Map, JsonObject map) => OfMap(shape, map),
            (Structure.List, JsonArray list) => OfList(shape, list),
            _ => FieldSet.Empty,
        };
    }

    private static FieldSet OfMap(TypeShape shape, JsonObject map)
    {
        var level = default(FieldSet.Builder);
        foreach (var (name, value) in map)
        {
            var children = Below(shape.Field(name), value, out var isMember);
            isMember |= value is null or JsonObject { Count: 0 } || !shape.Names(name);
            level.Add(PathElement.Field(name), isMember, children);
        }

        return level.Build();
    }

    private static FieldSet OfList(TypeShape shape, JsonArray list)
    {
        var items = ListIndex.Of(shape, list);
        var level = default(FieldSet.Builder);
        foreach (var element in items.Elements)
        {
            // Of items that share their key only the key is owned.
            var same = items[element];
            level.Add(element, isMember: true, same.Count > 1 ? FieldSet.Empty : Below(shape.Items, same[0], out _));
        }

        return level.Build();
    }
}
