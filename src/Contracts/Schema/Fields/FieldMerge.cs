using System.Text.Json.Nodes;

namespace ActorOrchestrator.Contracts.Schema.Fields;

/// <summary>Lays an applied configuration over a live object: what the configuration says wins, what it leaves out stays, lists merge by their keys.</summary>
public static class FieldMerge
{
    /// <summary>Makes a new tree; both inputs are left as they are.</summary>
    /// <exception cref="FieldMergeException">An item of a list of the live object cannot be told from the others.</exception>
    public static JsonObject Merge(JsonObject live, JsonObject config, ObjectSchema schema) => Merge(live, config, TypeShape.Of(schema));

    internal static JsonObject Merge(JsonObject live, JsonObject config, TypeShape shape) => (JsonObject)Merge(shape, live, config)!;

    /// <summary>Both sides are there, though either may be null.</summary>
    private static JsonNode? Merge(TypeShape shape, JsonNode? live, JsonNode? config) => shape.StructureOf(config) switch
    {
        Structure.Map when live is JsonObject { Count: > 0 } mine && config is JsonObject { Count: > 0 } theirs => MergeMaps(shape, mine, theirs),
        Structure.Map when live is JsonObject { Count: > 0 } && config is JsonObject or null => live.DeepClone(),
        Structure.List when live is JsonArray { Count: > 0 } mine && config is JsonArray { Count: > 0 } theirs => MergeLists(shape, mine, theirs),
        Structure.List when live is JsonArray { Count: > 0 } && config is JsonArray or null => live.DeepClone(),
        _ => config?.DeepClone(),
    };

    private static JsonObject MergeMaps(TypeShape shape, JsonObject live, JsonObject config)
    {
        var merged = new JsonObject();
        foreach (var (name, value) in live)
        {
            merged[name] = config.TryGetPropertyValue(name, out var applied) ? Merge(shape.Field(name), value, applied) : value?.DeepClone();
        }

        foreach (var (name, value) in config)
        {
            if (!live.ContainsKey(name))
            {
                merged[name] = value?.DeepClone();
            }
        }

        return merged;
    }

    /// <summary>
    /// The items of both lists. Items that both have stand in the configuration's order; items that only the live list has keep their place among them.
    /// </summary>
    private static JsonArray MergeLists(TypeShape shape, JsonArray live, JsonArray config)
    {
        var (mine, theirs) = (Elements(shape, live), Elements(shape, config));
        var liveItems = ListIndex.Of(shape, live);
        var configItems = ListIndex.Of(shape, config);
        var shared = new Queue<PathElement>(theirs.Where(liveItems.Has));
        var merged = new JsonArray();
        var done = new HashSet<PathElement>();
        int left = 0, right = 0;

        void Take(PathElement element)
        {
            // Of live items that share their key none can be merged: the applied one replaces them all.
            var item = configItems[element][0];
            merged.Add(liveItems.Find(element) is [var only] ? Merge(shape.Items, only, item) : item?.DeepClone());
            done.Add(element);
            right++;
            if (shared.Count > 0 && shared.Peek().Equals(element))
            {
                shared.Dequeue();
            }
        }

        while (left < mine.Count || right < theirs.Count)
        {
            if (left < mine.Count && right < theirs.Count)
            {
                if (mine[left].Equals(theirs[right]))
                {
                    Take(mine[left++]);
                    continue;
                }

                if (configItems.Has(mine[left]) && shared.Count > 0 && !shared.Peek().Equals(mine[left]))
                {
                    // Shared, but not the one whose turn it is.
                    left++;
                    continue;
                }
            }

            if (left < mine.Count)
            {
                if (!configItems.Has(mine[left]))
                {
                    merged.Add(live[left]?.DeepClone());
                    left++;
                    continue;
                }

                if (done.Contains(mine[left]))
                {
                    left++;
                }
            }

            if (right < theirs.Count)
            {
                Take(theirs[right]);
            }
        }

        return merged;
    }

    private static List<PathElement> Elements(TypeShape shape, JsonArray list)
    {
        var elements = new List<PathElement>(list.Count);
        for (var i = 0; i < list.Count; i++)
        {
            elements.Add(shape.ElementOf(list[i], out var problem) ?? throw new FieldMergeException($"element {i}: {problem}"));
        }

        return elements;
    }
}

/// <summary>Two objects that cannot be merged by their schema.</summary>
public sealed class FieldMergeException(string message) : Exception(message);
