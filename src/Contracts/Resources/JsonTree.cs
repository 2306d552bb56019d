using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorOrchestrator.Contracts.Resources;

/// <summary>Reading and filling an object's tree as Go's structs behave: what is absent, empty or of another type is the zero value.</summary>
public static class JsonTree
{
    public static JsonObject? Child(this JsonObject obj, string name) => obj[name] as JsonObject;

    public static JsonObject ChildOrNew(this JsonObject obj, string name)
    {
        if (obj[name] is JsonObject existing)
        {
            return existing;
        }

        var created = new JsonObject();
        obj[name] = created;
        return created;
    }

    /// <summary>The items that are objects; none when the list is absent.</summary>
    public static IEnumerable<JsonObject> Items(this JsonObject obj, string name) =>
        obj[name] is JsonArray array ? array.OfType<JsonObject>() : [];

    public static int Count(this JsonObject obj, string name) => obj[name] switch
    {
        JsonArray array => array.Count,
        JsonObject map => map.Count,
        _ => 0,
    };

    /// <summary>The strings of a list; none when it is absent.</summary>
    public static IEnumerable<string> Strings(this JsonObject obj, string name) =>
        obj[name] is JsonArray array ? array.OfType<JsonValue>().Where(IsString).Select(value => value.GetValue<string>()) : [];

    /// <summary>The pairs of a map of strings; none when it is absent.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Pairs(this JsonObject obj, string name) => obj[name] is JsonObject map
        ? map.Where(pair => pair.Value is JsonValue value && IsString(value)).Select(pair => KeyValuePair.Create(pair.Key, pair.Value!.GetValue<string>()))
        : [];

    public static string Text(this JsonObject obj, string name) =>
        obj[name] is JsonValue value && IsString(value) ? value.GetValue<string>() : "";

    public static long? Number(this JsonObject obj, string name) =>
        obj[name] is JsonValue value && value.GetValueKind() == JsonValueKind.Number && TryInteger(value, out var number) ? number : null;

    public static bool Flag(this JsonObject obj, string name) => obj[name] is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    /// <summary>Present at all, as a pointer that is not nil.</summary>
    public static bool Has(this JsonObject obj, string name) => obj[name] is not null;

    public static void DefaultText(this JsonObject obj, string name, string value)
    {
        if (obj.Text(name).Length == 0)
        {
            obj[name] = value;
        }
    }

    /// <summary>For numbers whose zero means "not set".</summary>
    public static void DefaultNonZero(this JsonObject obj, string name, int value)
    {
        if (obj.Number(name) is null or 0)
        {
            obj[name] = value;
        }
    }

    /// <summary>For pointers: only what is absent is set.</summary>
    public static void DefaultAbsent(this JsonObject obj, string name, JsonNode value)
    {
        if (obj[name] is null)
        {
            obj[name] = value;
        }
    }

    /// <summary>Gives the map <paramref name="name"/> what <paramref name="source"/> has and it has not.</summary>
    public static void FillFrom(this JsonObject obj, string name, JsonObject? source)
    {
        foreach (var (key, value) in source ?? [])
        {
            if (value is not null)
            {
                obj.ChildOrNew(name).DefaultAbsent(key, value.DeepClone());
            }
        }
    }

    private static bool IsString(JsonValue value) => value.GetValueKind() == JsonValueKind.String;

    private static bool TryInteger(JsonValue value, out long number)
    {
        if (value.TryGetValue(out number))
        {
            return true;
        }

        if (value.TryGetValue(out int small))
        {
            number = small;
            return true;
        }

        return false;
    }
}
