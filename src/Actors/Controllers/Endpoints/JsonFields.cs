using System.Text.Json;

namespace ActorOrchestrator.Actors.Controllers.Endpoints;

/// <summary>Reading a parsed object without building a tree: what is absent or of another type is empty.</summary>
internal static class JsonFields
{
    public static JsonElement Object(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) ? value : default;

    public static string Text(JsonElement parent, string name) =>
        Object(parent, name) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : "";

    public static IEnumerable<JsonElement> Items(JsonElement parent, string name) =>
        Object(parent, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];
}
