using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorOrchestrator.Actors.Resources;

/// <summary>Reading and editing untyped objects. Reading never throws: a value of another type is as good as absent.</summary>
public static class JsonNodes
{
    public static JsonObject? Object(this JsonNode? node, string name) => (node as JsonObject)?[name] as JsonObject;

    public static JsonArray? Array(this JsonNode? node, string name) => (node as JsonObject)?[name] as JsonArray;

    /// <summary>A string property; empty when it is absent.</summary>
    public static string Text(this JsonNode? node, string name) =>
        node is JsonObject obj && obj[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    public static bool Flag(this JsonNode? node, string name) =>
        node is JsonObject obj && obj[name] is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    /// <summary>An integer property however it is represented in memory; null when absent or no integer.</summary>
    public static long? Number(this JsonNode? node, string name) => node is JsonObject obj ? Integer(obj[name]) : null;

    public static long? Integer(JsonNode? node) => node switch
    {
        JsonValue value when value.TryGetValue<long>(out var number) => number,
        JsonValue value when value.TryGetValue<int>(out var number) => number,
        JsonValue value when value.TryGetValue<double>(out var real) && real == Math.Floor(real) && Math.Abs(real) < 9e15 => (long)real,
        _ => null,
    };

    /// <summary>An object property, made when it is absent.</summary>
    public static JsonObject Ensure(this JsonObject obj, string name)
    {
        if (obj[name] is JsonObject existing)
        {
            return existing;
        }

        var made = new JsonObject();
        obj[name] = made;
        return made;
    }

    /// <summary>Takes a property over from another object, or removes it where the other has none.</summary>
    public static void CopyFrom(this JsonObject obj, JsonObject? source, string name)
    {
        if (source is not null && source.TryGetPropertyValue(name, out var value) && value is not null)
        {
            obj[name] = value.DeepClone();
        }
        else
        {
            obj.Remove(name);
        }
    }

    /// <summary>The strings of an array property.</summary>
    public static List<string> Strings(this JsonNode? node, string name)
    {
        var strings = new List<string>();
        foreach (var item in node.Array(name) ?? [])
        {
            if (item is JsonValue value && value.TryGetValue<string>(out var text))
            {
                strings.Add(text);
            }
        }

        return strings;
    }

    public static void SetStrings(this JsonObject obj, string name, IReadOnlyCollection<string> strings)
    {
        if (strings.Count == 0)
        {
            obj.Remove(name);
            return;
        }

        obj[name] = new JsonArray([.. strings.Select(text => (JsonNode)JsonValue.Create(text))]);
    }

    /// <summary>A time as the API writes it: seconds, UTC.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
