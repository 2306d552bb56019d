using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Patching;

namespace ActorOrchestrator.Actors.Tests.Resources.Patching;

/// <summary>
/// The patch that <c>kubectl apply</c> makes: deletions from what it applied last, everything else from what is there. Without <c>$retainKeys</c>, for which the deletions stand in.
/// </summary>
internal static class ThreeWayDiff
{
    public static JsonObject Of(JsonObject original, JsonObject modified, JsonObject current, MergeShape shape) =>
        Combine(Diff(original, modified, shape, deletions: true), Diff(current, modified, shape, deletions: false), modified, shape);

    private static JsonObject Diff(JsonObject from, JsonObject to, MergeShape shape, bool deletions)
    {
        var patch = new JsonObject();
        foreach (var (name, before) in from)
        {
            if (!to.TryGetPropertyValue(name, out var after))
            {
                if (deletions)
                {
                    patch[name] = null;
                }
            }
            else if ((before, after) is (JsonObject was, JsonObject becomes))
            {
                Put(patch, name, Diff(was, becomes, shape.Property(name), deletions));
            }
            else if ((before, after) is (JsonArray had, JsonArray has) && shape.Property(name).MergesList)
            {
                List(patch, name, had, has, shape.Property(name), deletions);
            }
            else if (!deletions && !JsonNode.DeepEquals(before, after))
            {
                patch[name] = after?.DeepClone();
            }
        }

        foreach (var (name, added) in to.Where(property => !deletions && !from.ContainsKey(property.Key)))
        {
            patch[name] = added?.DeepClone();
        }

        return patch;
    }

    private static void List(JsonObject patch, string name, JsonArray had, JsonArray has, MergeShape shape, bool deletions)
    {
        if (JsonNode.DeepEquals(had, has))
        {
            return;
        }

        if (shape.MergeKey is not { } key)
        {
            var (gone, come) = (had.Where(item => !Contains(has, item)).ToArray(), has.Where(item => !Contains(had, item)).ToArray());
            Put(patch, "$deleteFromPrimitiveList/" + name, deletions ? Copy(gone) : []);
            Put(patch, name, deletions ? [] : Copy(come));
            Put(patch, "$setElementOrder/" + name, deletions ? [] : Copy(has));
            return;
        }

        var changes = new JsonArray();
        foreach (var item in has.OfType<JsonObject>())
        {
            var before = Find(had, key, item[key]);
            var change = before is null ? (deletions ? [] : (JsonObject)item.DeepClone()) : Diff(before, item, shape.Items, deletions);
            if (change.Count > 0)
            {
                change[key] = item[key]!.DeepClone();
                changes.Add(change);
            }
        }

        foreach (var item in had.OfType<JsonObject>().Where(item => deletions && Find(has, key, item[key]) is null))
        {
            changes.Add(new JsonObject { ["$patch"] = "delete", [key] = item[key]!.DeepClone() });
        }

        Put(patch, name, changes);
        Put(patch, "$setElementOrder/" + name, deletions ? [] : new JsonArray([.. has.Select(item => new JsonObject { [key] = item![key]!.DeepClone() })]));
    }

    private static JsonObject Combine(JsonObject deletions, JsonObject delta, JsonObject modified, MergeShape shape)
    {
        var patch = (JsonObject)delta.DeepClone();
        foreach (var (name, gone) in deletions)
        {
            patch[name] = (gone, patch[name]) switch
            {
                (JsonObject less, JsonObject more) => Combine(less, more, (JsonObject)modified[name]!, shape.Property(name)),
                (JsonArray less, JsonArray more) when shape.Property(name) is { MergesList: true, MergeKey: { } key } items => Combine(less, more, (JsonArray)modified[name]!, key, items.Items),
                _ => gone?.DeepClone(),
            };
        }

        return patch;
    }

    private static JsonArray Combine(JsonArray deletions, JsonArray delta, JsonArray modified, string key, MergeShape items)
    {
        var patch = new JsonArray();
        foreach (var item in modified.OfType<JsonObject>())
        {
            var (less, more) = (Find(deletions, key, item[key]), Find(delta, key, item[key]));
            if ((less ?? more) is { } one)
            {
                patch.Add(less is not null && more is not null ? Combine(less, more, item, items) : one.DeepClone());
            }
        }

        foreach (var gone in deletions.OfType<JsonObject>().Where(item => item.ContainsKey("$patch")))
        {
            patch.Add(gone.DeepClone());
        }

        return patch;
    }

    internal static JsonObject? Find(JsonArray list, string key, JsonNode? value) => list.OfType<JsonObject>().FirstOrDefault(item => JsonNode.DeepEquals(item[key], value));

    internal static bool Contains(JsonArray list, JsonNode? value) => list.Any(item => JsonNode.DeepEquals(item, value));

    private static JsonArray Copy(IEnumerable<JsonNode?> items) => [.. items.Select(item => item?.DeepClone())];

    private static void Put(JsonObject patch, string name, JsonNode change)
    {
        if (change is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
        {
            patch[name] = change;
        }
    }
}
