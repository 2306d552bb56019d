using System.Text.Json.Nodes;

namespace ActorOrchestrator.Actors.Resources.Patching;

/// <summary>
/// The order of a merged list: what the patch names comes in the patch's order, what only the server has keeps its own
/// order, and where both know two items the server's relative order decides between the two sequences.
/// </summary>
internal static class ListOrder
{
    /// <summary>Carries out every <c>$setElementOrder/list</c> of a patch: merges that list and orders it. The list's own patch is used up.</summary>
    public static void Enforce(JsonObject target, JsonObject patch, MergeShape shape)
    {
        foreach (var (directive, node) in patch.ToArray())
        {
            if (!directive.StartsWith(StrategicMergePatch.SetElementOrder, StringComparison.Ordinal))
            {
                continue;
            }

            patch.Remove(directive);
            var name = directive[StrategicMergePatch.SetElementOrder.Length..];
            var order = node as JsonArray ?? throw PatchException.Malformed("invalid patch format of setElementOrder list");
            EnforceOne(target, patch, name, order, shape.Property(name));
        }
    }

    /// <summary>Orders a merged list by <paramref name="wanted"/> (what the patch knows) and <paramref name="original"/> (what the server had).</summary>
    public static JsonArray Normalize(List<JsonNode?> merged, JsonArray wanted, JsonArray original, string? key)
    {
        var fromPatch = merged.Where(item => IndexIn(wanted, item, key) >= 0).OrderBy(item => IndexIn(wanted, item, key)).ToList();
        var serverOnly = merged.Where(item => IndexIn(wanted, item, key) < 0).OrderBy(item => IndexIn(original, item, key)).ToList();
        var result = new JsonArray();
        int left = 0, right = 0;
        while (left < serverOnly.Count || right < fromPatch.Count)
        {
            var takeLeft = right >= fromPatch.Count || (left < serverOnly.Count && Before(serverOnly[left], fromPatch[right], original, key));
            result.Add((takeLeft ? serverOnly[left++] : fromPatch[right++])?.DeepClone());
        }

        return result;
    }

    private static void EnforceOne(JsonObject target, JsonObject patch, string name, JsonArray order, MergeShape shape)
    {
        var key = shape.MergeKey is { Length: > 0 } mergeKey && order.All(item => item is JsonObject) ? mergeKey : null;
        var original = target[name] as JsonArray;
        var change = patch[name] as JsonArray;
        if (change is not null)
        {
            CheckOrderCovers(change, order, key);
            patch.Remove(name);
        }

        if (patch.Remove(StrategicMergePatch.DeleteFromPrimitiveList + name, out var doomed) && original is not null && doomed is JsonArray values)
        {
            for (var i = original.Count - 1; i >= 0; i--)
            {
                if (values.Any(value => JsonNode.DeepEquals(value, original[i])))
                {
                    original.RemoveAt(i);
                }
            }
        }

        JsonArray merged;
        switch (original, change)
        {
            case (null, null): return;
            case (null, { } only): merged = (JsonArray)StrategicMergePatch.WithoutDirectives(only)!; break;
            case ({ } same, null): merged = same; break;
            case var (mine, theirs): merged = StrategicMergePatch.MergeList(mine, theirs, shape); break;
        }

        target[name] = Normalize([.. merged], order, original ?? [], key);
    }

    private static void CheckOrderCovers(JsonArray change, JsonArray order, string? key)
    {
        if (order.Count == 0)
        {
            return;
        }

        var last = -1;
        foreach (var item in change)
        {
            if (item is JsonObject element && StrategicMergePatch.DirectiveOf(element) is not null)
            {
                continue;
            }

            var index = IndexIn(order, item, key);
            if (index < 0 || index < last)
            {
                throw PatchException.Malformed(
                    $"The order in patch list:\n{change.ToJsonString()}\n doesn't match $setElementOrder list:\n{order.ToJsonString()}\n");
            }

            last = index;
        }
    }

    private static bool Before(JsonNode? left, JsonNode? right, JsonArray original, string? key)
    {
        var leftIndex = IndexIn(original, left, key);
        var rightIndex = IndexIn(original, right, key);
        return leftIndex >= 0 && rightIndex >= 0 && leftIndex < rightIndex;
    }

    private static int IndexIn(JsonArray list, JsonNode? item, string? key)
    {
        var value = key is not null && item is JsonObject obj && obj.TryGetPropertyValue(key, out var own) ? own : item;
        for (var i = 0; i < list.Count; i++)
        {
            if (key is null ? JsonNode.DeepEquals(list[i], value) : KeyedList.SameKey(list[i], key, value))
            {
                return i;
            }
        }

        return -1;
    }
}
