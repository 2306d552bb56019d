using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Schema.Fields;

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

    /// <summary>Where each item stands, by its key or, in a list of plain values, by its value; of items that are alike the first counts.</summary>
    public static Dictionary<FieldScalar, int> IndexOf(IList<JsonNode?> list, string? key)
    {
        var index = new Dictionary<FieldScalar, int>(list.Count);
        for (var i = 0; i < list.Count; i++)
        {
            index.TryAdd(IdentityOf(list[i], key), i);
        }

        return index;
    }

    /// <summary>Orders a merged list by <paramref name="wanted"/> (what the patch knows) and <paramref name="original"/> (what the server had).</summary>
    public static List<JsonNode?> Normalize(List<JsonNode?> merged, Dictionary<FieldScalar, int> wanted, Dictionary<FieldScalar, int> original, string? key)
    {
        var known = merged.Select(item => (Item: item, Identity: IdentityOf(item, key))).ToList();
        var fromPatch = known.Where(item => wanted.ContainsKey(item.Identity)).OrderBy(item => wanted[item.Identity]).ToList();
        var serverOnly = known.Where(item => !wanted.ContainsKey(item.Identity)).OrderBy(item => original.GetValueOrDefault(item.Identity, -1)).ToList();
        var result = new List<JsonNode?>(merged.Count);
        int left = 0, right = 0;
        while (left < serverOnly.Count || right < fromPatch.Count)
        {
            var takeLeft = right >= fromPatch.Count
                || (left < serverOnly.Count && Before(original, serverOnly[left].Identity, fromPatch[right].Identity));
            result.Add(takeLeft ? serverOnly[left++].Item : fromPatch[right++].Item);
        }

        return result;
    }

    /// <summary>Puts the items into a list in the place of what it holds. Items of that very list are moved, others are copied.</summary>
    public static JsonArray Refill(JsonArray list, List<JsonNode?> items)
    {
        list.Clear();
        foreach (var item in items)
        {
            list.Add(item?.Parent is null ? item : item.DeepClone());
        }

        return list;
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

        FieldScalar[] had = [.. (original ?? []).Select(item => IdentityOf(item, key))];
        FieldScalar[] comes = [.. (change ?? []).Where(item => item is not JsonObject element || StrategicMergePatch.DirectiveOf(element) is null).Select(item => IdentityOf(item, key))];
        JsonArray merged;
        switch (original, change)
        {
            case (null, null): return;
            case (null, { } only): merged = (JsonArray)StrategicMergePatch.WithoutDirectives(only)!; break;
            case ({ } same, null): merged = same; break;
            case var (mine, theirs): merged = StrategicMergePatch.MergeList(mine, theirs, shape); break;
        }

        Refill(merged, Normalize([.. merged], IndexOf(order, key), ServerOrder(had, comes, IndexOf(merged, key)), key));
        if (!ReferenceEquals(merged, original))
        {
            target[name] = merged;
        }
    }

    /// <summary>
    /// Where the server has its items: in the places of those that are deleted stand the first of those that are new, because upstream's lists share their memory, and
    /// clients see the order that comes of it.
    /// </summary>
    private static Dictionary<FieldScalar, int> ServerOrder(FieldScalar[] had, FieldScalar[] comes, Dictionary<FieldScalar, int> merged)
    {
        var index = new Dictionary<FieldScalar, int>(had.Length);
        foreach (var item in had.Where(merged.ContainsKey).Concat(comes.Except(had)).Take(had.Length))
        {
            index.TryAdd(item, index.Count);
        }

        return index;
    }

    private static void CheckOrderCovers(JsonArray change, JsonArray order, string? key)
    {
        if (order.Count == 0)
        {
            return;
        }

        var places = IndexOf(order, key);
        var last = -1;
        foreach (var item in change)
        {
            if (item is JsonObject element && StrategicMergePatch.DirectiveOf(element) is not null)
            {
                continue;
            }

            var index = places.GetValueOrDefault(IdentityOf(item, key), -1);
            if (index < 0 || index < last)
            {
                throw PatchException.Malformed(
                    $"The order in patch list:\n{change.ToJsonString()}\n doesn't match $setElementOrder list:\n{order.ToJsonString()}\n");
            }

            last = index;
        }
    }

    private static bool Before(Dictionary<FieldScalar, int> original, FieldScalar left, FieldScalar right) =>
        original.TryGetValue(left, out var leftIndex) && original.TryGetValue(right, out var rightIndex) && leftIndex < rightIndex;

    private static FieldScalar IdentityOf(JsonNode? item, string? key) =>
        FieldScalar.Of(key is not null && item is JsonObject obj && obj.TryGetPropertyValue(key, out var own) ? own : item);
}
