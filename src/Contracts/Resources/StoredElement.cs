using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorOrchestrator.Contracts.Resources;

/// <summary>
/// Reading what is stored without making a tree of it. A tree of a large object is many small objects of the memory; where all that is asked is whether
/// something differs, its parsed text is enough.
/// </summary>
public static class StoredElement
{
    /// <summary>What <see cref="JsonNode.DeepEquals"/> says of the tree of the element.</summary>
    public static bool Same(JsonElement element, JsonNode? node) => element.ValueKind switch
    {
        JsonValueKind.Object => node is JsonObject map && (SameInOrder(element, map) ?? JsonNode.DeepEquals(JsonObject.Create(element), map)),
        JsonValueKind.Array => node is JsonArray list && SameItems(element, list),
        JsonValueKind.Null => node is null,
        _ => node is JsonValue value
            && (value.TryGetValue<JsonElement>(out var other) ? JsonElement.DeepEquals(element, other) : JsonNode.DeepEquals(JsonValue.Create(element), value)),
    };

    /// <summary>As <see cref="Same"/>, where a property may be missing on either side; null is as good as missing.</summary>
    public static bool SameProperty(JsonElement element, JsonNode? node, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? Same(value, (node as JsonObject)?[name]) : (node as JsonObject)?[name] is null;

    /// <summary>A tree of it that nobody else has; made only as far as it is looked at.</summary>
    public static JsonNode? ToNode(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(element),
        JsonValueKind.Array => JsonArray.Create(element),
        JsonValueKind.Null => null,
        _ => JsonValue.Create(element),
    };

    /// <summary>Whether a tree that was parsed from the same bytes still writes them. False says nothing: equal trees can be written in other ways.</summary>
    public static bool WritesSame(JsonElement element, JsonNode node) => ObjectBody.Writes(node, JsonMarshal.GetRawUtf8Value(element));

    /// <summary>Null when the properties come in another order.</summary>
    private static bool? SameInOrder(JsonElement element, JsonObject map)
    {
        if (element.GetPropertyCount() != map.Count)
        {
            return false;
        }

        var place = 0;
        foreach (var property in element.EnumerateObject())
        {
            var (name, value) = map.GetAt(place++);
            if (!property.NameEquals(name))
            {
                return null;
            }

            if (!Same(property.Value, value))
            {
                return false;
            }
        }

        return true;
    }

    private static bool SameItems(JsonElement element, JsonArray list)
    {
        if (element.GetArrayLength() != list.Count)
        {
            return false;
        }

        var place = 0;
        foreach (var item in element.EnumerateArray())
        {
            if (!Same(item, list[place++]))
            {
                return false;
            }
        }

        return true;
    }
}
