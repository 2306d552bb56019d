using System.Text.Json.Nodes;

namespace ActorOrchestrator.Actors.Resources.Patching;

/// <summary>Lists of objects that merge by a key property.</summary>
internal static class KeyedList
{
    public static JsonArray Merge(JsonArray target, JsonArray patch, string key, MergeShape items)
    {
        var merged = target.Cast<JsonObject>().ToList();
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

        var patched = new JsonArray();
        foreach (var element in ordinary)
        {
            var value = KeyOf(element, key);
            patched.Add(new JsonObject { [key] = value?.DeepClone() });
            var index = merged.FindIndex(item => SameKey(item, key, value));
            if (index < 0)
            {
                merged.Add((JsonObject)StrategicMergePatch.WithoutDirectives(element)!);
            }
            else
            {
                var mine = (JsonObject)merged[index].DeepClone();
                merged[index] = StrategicMergePatch.Apply(mine, (JsonObject)element.DeepClone(), items);
            }
        }

        return ListOrder.Normalize([.. merged], patched, target, key);
    }

    public static JsonNode? KeyOf(JsonObject element, string key) =>
        element.TryGetPropertyValue(key, out var value)
            ? value
            : throw PatchException.Unprocessable($"map: {element.ToJsonString()} does not contain declared merge key: {key}");

    public static bool SameKey(JsonNode? element, string key, JsonNode? value) =>
        element is JsonObject obj && obj.TryGetPropertyValue(key, out var mine) && JsonNode.DeepEquals(mine, value);
}
