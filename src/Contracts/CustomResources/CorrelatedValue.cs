using System.Text.Json.Nodes;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>
/// A value and what it was before, found again by its schema: at the same field, or in a <c>map</c> list under the same keys (KEP-4008, upstream's
/// <c>CorrelatedObject</c>).
/// </summary>
public sealed record CorrelatedValue(StructuralSchema Schema, JsonNode? Value, JsonNode? Old)
{
    private bool? _unchanged;

    /// <summary>
    /// Whether the value is the one that it was. The order of a <c>map</c> list says nothing; and of what the schema does not know nobody can say that it is the same.
    /// </summary>
    public bool IsUnchanged => _unchanged ??= Compare();

    /// <summary>Null when the field has no past.</summary>
    public CorrelatedValue? Field(string name, JsonNode? value) =>
        Old is JsonObject old && old.TryGetPropertyValue(name, out var before) && Schema.Field(name) is { } field ? new CorrelatedValue(field, value, before) : null;

    /// <summary>Null when the item has no past.</summary>
    public CorrelatedValue? Item(JsonNode? item)
    {
        if (Schema is not { ListType: "map", Items: { } items } || Old is not JsonArray old || item is not JsonObject mine)
        {
            return null;
        }

        var match = old.OfType<JsonObject>().LastOrDefault(other => Schema.MapKeys.All(key => JsonNode.DeepEquals(KeyOf(other, key, items), KeyOf(mine, key, items))));
        return match is null ? null : new CorrelatedValue(items, item, match);
    }

    private bool Compare() => (Value, Old) switch
    {
        (JsonArray mine, JsonArray theirs) when Schema is { ListType: "map", Items: not null } => mine.Count == theirs.Count && mine.All(item => Item(item) is { IsUnchanged: true }),
        (JsonObject mine, JsonObject theirs) => mine.Count == theirs.Count && mine.All(property => Field(property.Key, property.Value) is { IsUnchanged: true }),
        _ => JsonNode.DeepEquals(Value, Old),
    };

    private static JsonNode? KeyOf(JsonObject item, string key, StructuralSchema items) =>
        item.TryGetPropertyValue(key, out var value) ? value : items.Field(key)?.Default;
}
