using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Schema.Fields;

namespace ActorOrchestrator.Actors.Resources.Patching;

/// <summary>
/// Strategic merge patch: a merge patch in which lists merge by key, with the directives <c>$patch</c>, <c>$retainKeys</c>,
/// <c>$setElementOrder/list</c> and <c>$deleteFromPrimitiveList/list</c>. The rules are apimachinery's <c>strategicpatch</c>.
/// </summary>
public static class StrategicMergePatch
{
    internal const string Directive = "$patch";
    internal const string RetainKeys = "$retainKeys";
    internal const string SetElementOrder = "$setElementOrder/";
    internal const string DeleteFromPrimitiveList = "$deleteFromPrimitiveList/";

    /// <summary>Applies the patch to the target, which is changed and returned. The patch is used up: hand in a copy to keep it.</summary>
    /// <exception cref="PatchException">The patch is malformed or does not fit.</exception>
    public static JsonObject Apply(JsonObject target, JsonObject patch, MergeShape shape)
    {
        switch (DirectiveOf(patch))
        {
            case null:
                break;
            case "replace":
                patch.Remove(Directive);
                return patch;
            case "delete":
                return [];
            case { } unknown:
                throw UnknownDirective(unknown, patch);
        }

        KeepOnlyRetained(target, patch);
        ListOrder.Enforce(target, patch, shape);
        foreach (var (name, value) in patch.ToArray())
        {
            patch.Remove(name);
            if (name.StartsWith(DeleteFromPrimitiveList, StringComparison.Ordinal))
            {
                DeletePrimitives(target, name[DeleteFromPrimitiveList.Length..], value);
            }
            else
            {
                MergeProperty(target, name, value, shape.Property(name));
            }
        }

        return target;
    }

    internal static string? DirectiveOf(JsonObject patch)
    {
        if (!patch.TryGetPropertyValue(Directive, out var node))
        {
            return null;
        }

        return node is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw UnknownDirective(node?.ToJsonString() ?? "null", patch);
    }

    internal static PatchException UnknownDirective(string directive, JsonObject patch) =>
        PatchException.Malformed($"unknown patch type: {directive} in map: {patch.ToJsonString()}");

    /// <summary>Merges a list of a patch into the list of the object.</summary>
    internal static JsonArray MergeList(JsonArray target, JsonArray patch, MergeShape shape)
    {
        if (!shape.MergesList)
        {
            return (JsonArray)WithoutDirectives(patch)!;
        }

        if (target.Concat(patch).Any(item => item is JsonArray))
        {
            throw PatchException.Unprocessable("lists of lists are not supported");
        }

        var objects = target.Concat(patch).Count(item => item is JsonObject);
        if (objects != 0 && objects != target.Count + patch.Count)
        {
            throw PatchException.Malformed($"list element types are not identical: {patch.ToJsonString()}");
        }

        if (objects == 0)
        {
            return MergePrimitives(target, patch);
        }

        return shape.MergeKey is { Length: > 0 } key
            ? KeyedList.Merge(target, patch, key, shape.Items)
            : throw PatchException.Malformed("cannot merge lists without merge key");
    }

    private static void MergeProperty(JsonObject target, string name, JsonNode? value, MergeShape shape)
    {
        if (value is null)
        {
            target.Remove(name);
            return;
        }

        var existing = target[name];
        var merged = (existing, value) switch
        {
            (JsonObject mine, JsonObject theirs) => Apply(mine, theirs, shape),
            (JsonArray mine, JsonArray theirs) => MergeList(mine, theirs, shape),
            _ => WithoutDirectives(value),
        };
        if (merged is null)
        {
            target.Remove(name);
        }
        else if (!ReferenceEquals(merged, existing))
        {
            // What was merged in place is already where it belongs.
            target[name] = merged;
        }
    }

    /// <summary>
    /// A value taken from the patch alone: its directives were for a merge that has nothing to merge with. Null for an object that is nothing but a
    /// directive's: upstream leaves it out, whatever else it holds.
    /// </summary>
    internal static JsonNode? WithoutDirectives(JsonNode? node)
    {
        if (node is JsonObject marked && marked.ContainsKey(Directive))
        {
            return null;
        }

        switch (node)
        {
            case JsonObject obj:
            {
                var clean = new JsonObject();
                foreach (var (name, value) in obj)
                {
                    var isDirective = name is RetainKeys
                        || name.StartsWith(SetElementOrder, StringComparison.Ordinal)
                        || name.StartsWith(DeleteFromPrimitiveList, StringComparison.Ordinal);
                    if (!isDirective && value is not null && WithoutDirectives(value) is { } kept)
                    {
                        clean[name] = kept;
                    }
                }

                return clean;
            }

            case JsonArray array:
            {
                var clean = new JsonArray();
                foreach (var item in array)
                {
                    var kept = WithoutDirectives(item);
                    if (item is null || kept is not null)
                    {
                        clean.Add(kept);
                    }
                }

                return clean;
            }

            default:
                return node?.DeepClone();
        }
    }

    private static void KeepOnlyRetained(JsonObject target, JsonObject patch)
    {
        if (!patch.TryGetPropertyValue(RetainKeys, out var node))
        {
            return;
        }

        patch.Remove(RetainKeys);
        if (node is not JsonArray list || !list.All(item => item is JsonValue value && value.TryGetValue<string>(out _)))
        {
            throw PatchException.Malformed("invalid patch format of retainKeys");
        }

        var retained = list.Select(item => item!.GetValue<string>()).ToHashSet(StringComparer.Ordinal);
        if (patch.Any(property => property.Value is not null && !property.Key.StartsWith('$') && !retained.Contains(property.Key)))
        {
            throw PatchException.Malformed("invalid patch format of retainKeys");
        }

        foreach (var name in target.Select(property => property.Key).Where(name => !retained.Contains(name)).ToArray())
        {
            target.Remove(name);
        }
    }

    private static void DeletePrimitives(JsonObject target, string name, JsonNode? doomed)
    {
        if (doomed is not JsonArray values || values.Any(item => item is JsonObject or JsonArray))
        {
            throw PatchException.Malformed("invalid patch format of primitive list");
        }

        if (target[name] is not JsonArray list)
        {
            return;
        }

        for (var i = list.Count - 1; i >= 0; i--)
        {
            if (values.Any(value => JsonNode.DeepEquals(value, list[i])))
            {
                list.RemoveAt(i);
            }
        }
    }

    private static JsonArray MergePrimitives(JsonArray target, JsonArray patch)
    {
        var original = ListOrder.IndexOf(target, null);
        var seen = new HashSet<FieldScalar>();
        var merged = target.Concat(patch).Where(item => seen.Add(FieldScalar.Of(item))).ToList();
        return ListOrder.Refill(target, ListOrder.Normalize(merged, ListOrder.IndexOf(patch, null), original, null));
    }
}
