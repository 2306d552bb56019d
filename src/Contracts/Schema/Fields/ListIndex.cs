using System.Text.Json.Nodes;

namespace ActorOrchestrator.Contracts.Schema.Fields;

/// <summary>The items of a list by what identifies them. Items that nothing identifies are left out.</summary>
internal sealed class ListIndex
{
    private readonly Dictionary<PathElement, List<JsonNode?>> _items;

    private ListIndex(int capacity) => _items = new Dictionary<PathElement, List<JsonNode?>>(capacity);

    public static ListIndex None { get; } = new(0);

    /// <summary>Each once, in the order of their first item.</summary>
    public List<PathElement> Elements { get; } = [];

    public List<JsonNode?> this[PathElement element] => _items[element];

    public IReadOnlyList<JsonNode?> Find(PathElement element) => _items.TryGetValue(element, out var items) ? items : [];

    public bool Has(PathElement element) => _items.ContainsKey(element);

    public static ListIndex Of(TypeShape shape, JsonArray? list)
    {
        if (list is not { Count: > 0 })
        {
            return None;
        }

        var index = new ListIndex(list.Count);
        foreach (var item in list)
        {
            if (shape.ElementOf(item, out _) is not { } element)
            {
                continue;
            }

            if (index._items.TryGetValue(element, out var same))
            {
                same.Add(item);
            }
            else
            {
                index._items.Add(element, [item]);
                index.Elements.Add(element);
            }
        }

        return index;
    }
}
