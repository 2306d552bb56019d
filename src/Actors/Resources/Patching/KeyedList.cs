using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Schema.Fields;

namespace ActorOrchestrator.Actors.Resources.Patching;

/// <summary>Lists of objects that merge by a key property.</summary>
internal static class KeyedList
{
    /// <summary>Merges into the target, which is changed and returned.</summary>
    public static JsonArray Merge(JsonArray target, JsonArray patch, string key, MergeShape items)
    {
        var original = ListOrder.IndexOf(target, key);
        var merged = target.ToList();
        var ordinary = new List<JsonObject>();
        var replace = false;
        foreach (var element in patch.Cast<JsonObject>())
        {
            switch (StrategicMergePatch.DirectiveOf(element))
            {
                case null:
                    ordinary.Add(element);
                    break;
                case "delete":
                    var doomed = KeyOf(element, key);
                    merged.RemoveAll(item => SameKey(item, key, doomed));
                    break;
                case "replace":
                    replace = true;
                    break;
                case "merge":
                    throw PatchException.Malformed("merging lists cannot yet be specified in the patch");
                case var unknown:
                    throw StrategicMergePatch.UnknownDirective(unknown, element);
            }
        }

        if (replace)
        {
            return new JsonArray([.. ordinary.Select(StrategicMergePatch.WithoutDirectives)]);
        }

        var places = ListOrder.IndexOf(merged, key);
        var named = new Dictionary<FieldScalar, int>();
        foreach (var element in ordinary)
        {
            var value = FieldScalar.Of(KeyOf(element, key));
            named.TryAdd(value, named.Count);
            if (!places.TryGetValue(value, out var index))
            {
                places.Add(value, merged.Count);
                merged.Add(StrategicMergePatch.WithoutDirectives(element));
            }
            else
            {
                merged[index] = StrategicMergePatch.Apply((JsonObject)merged[index]!, (JsonObject)element.DeepClone(), items);
            }
        }

        return ListOrder.Refill(target, ListOrder.Normalize(merged, named, original, key));
    }

    public static JsonNode? KeyOf(JsonObject element, string key) =>
        element.TryGetPropertyValue(key, out var value)
            ? value
            : throw PatchException.Unprocessable($"map: {element.ToJsonString()} does not contain declared merge key: {key}");

    private static bool SameKey(JsonNode? element, string key, JsonNode? value) =>
        element is JsonObject obj && obj.TryGetPropertyValue(key, out var mine) && JsonNode.DeepEquals(mine, value);
}
