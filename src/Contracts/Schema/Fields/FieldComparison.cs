using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Schema.Fields;

/// <summary>What differs between two states of an object. No field is in more than one of the sets.</summary>
/// <param name="Removed">In the old state only.</param>
/// <param name="Modified">In both, with another value.</param>
/// <param name="Added">In the new state only; an added object or list is there itself and with all that is in it.</param>
public sealed record FieldComparison(FieldSet Removed, FieldSet Modified, FieldSet Added)
{
    private static readonly JsonObject EmptyObject = [];
    private static readonly JsonValue EmptyText = JsonValue.Create("");
    private static readonly JsonValue Zero = JsonValue.Create(0);
    private static readonly JsonValue False = JsonValue.Create(false);

    public bool IsSame => Removed.IsEmpty && Modified.IsEmpty && Added.IsEmpty;

    public static FieldComparison Compare(JsonObject before, JsonObject after, ObjectSchema schema) => Compare(before, after, TypeShape.Of(schema));

    /// <summary>The same answer without a tree of the old state: only what differs is made one.</summary>
    /// <param name="before">The old state's tree; of it only the metadata is read, from which some of it may have been taken away.</param>
    /// <param name="stored">The old state as it was parsed.</param>
    /// <param name="after">The new state.</param>
    /// <param name="schema">Of both.</param>
    /// <param name="part">The only part beside the metadata in which they can differ; null where it can be any.</param>
    public static FieldComparison Compare(JsonObject before, JsonElement stored, JsonObject after, ObjectSchema schema, string? part = null)
    {
        var shape = TypeShape.Of(schema);
        if (shape.StructureOf(after) != Structure.Map || stored.ValueKind != JsonValueKind.Object)
        {
            return Compare(before, after, shape);
        }

        var level = default(Level);
        foreach (var (name, value) in after)
        {
            if (part is not null && name != part && name != "metadata")
            {
                continue;
            }

            var field = shape.Field(name);
            level.Add(PathElement.Field(name), name != "metadata" && stored.TryGetProperty(name, out var had)
                ? Between(field, had, value)
                : Between(field, before.TryGetPropertyValue(name, out var old) ? Side.Of(old) : Absent(field, before), Side.Of(value)));
        }

        foreach (var (name, value) in before)
        {
            if (!after.ContainsKey(name))
            {
                var field = shape.Field(name);
                level.Add(PathElement.Field(name), Between(field, Side.Of(value), Absent(field, after)));
            }
        }

        return Of(level.Build());
    }

    internal static FieldComparison Compare(JsonObject before, JsonObject after, TypeShape shape) => Of(Between(shape, Side.Of(before), Side.Of(after)));

    private static FieldComparison Of(Difference difference) => new(difference.RemovedBelow, difference.ModifiedBelow, difference.AddedBelow);

    private static Difference Between(TypeShape shape, JsonElement before, JsonNode? after)
    {
        var structure = shape.IsOpen ? Structure.Atomic : shape.StructureOf(after);
        var known = structure switch
        {
            Structure.Map when before.ValueKind == JsonValueKind.Object && after is JsonObject map => OfSameFields(shape, before, map),
            Structure.List when before.ValueKind == JsonValueKind.Array && after is JsonArray list => OfSameItems(shape, before, list),
            _ => StoredElement.Same(before, after) ? Difference.None : null,
        };
        return known ?? Between(shape, Side.Of(StoredElement.ToNode(before)), Side.Of(after));
    }

    /// <summary>Null when the fields are others, or in another order.</summary>
    private static Difference? OfSameFields(TypeShape shape, JsonElement before, JsonObject after)
    {
        if (after.Count == 0 || before.GetPropertyCount() != after.Count)
        {
            return null;
        }

        var level = default(Level);
        var place = 0;
        foreach (var property in before.EnumerateObject())
        {
            var (name, value) = after.GetAt(place++);
            if (!property.NameEquals(name))
            {
                return null;
            }

            var difference = Between(shape.Field(name), property.Value, value);
            if (!difference.IsNone)
            {
                level.Add(PathElement.Field(name), difference);
            }
        }

        return level.Build();
    }

    /// <summary>As <see cref="OfAligned"/>.</summary>
    private static Difference? OfSameItems(TypeShape shape, JsonElement before, JsonArray after)
    {
        if (after.Count == 0 || before.GetArrayLength() != after.Count)
        {
            return null;
        }

        List<(int Index, Difference Difference)>? changed = null;
        var place = 0;
        foreach (var item in before.EnumerateArray())
        {
            var now = after[place];
            var difference = Between(shape.Items, item, now);
            if (!difference.IsNone)
            {
                if (!shape.SameElement(StoredElement.ToNode(item), now))
                {
                    return null;
                }

                (changed ??= []).Add((place, difference));
            }

            place++;
        }

        return OfChanged(shape, after, changed);
    }

    /// <summary>With another selection of the fields.</summary>
    public FieldComparison Select(Func<FieldSet, FieldSet> selection) => new(selection(Removed), selection(Modified), selection(Added));

    private static Difference Between(TypeShape shape, Side before, Side after)
    {
        var reference = after.IsPresent ? after : before;
        if (shape.IsOpen && before.IsPresent && after.IsPresent && before.Form != after.Form)
        {
            // The value changes its type: what was below it goes, and it is another one.
            var gone = Descend(shape, shape.StructureOf(before.Value), before, after, out _);
            return gone.Union(Descend(shape, shape.StructureOf(after.Value), before, after, out _));
        }

        var result = Descend(shape, shape.StructureOf(reference.Value), before, after, out var isLeaf);
        return isLeaf ? result : result.MarkedBy(before, after);
    }

    private static Difference Descend(TypeShape shape, Structure structure, Side before, Side after, out bool isLeaf)
    {
        var (oldMap, newMap) = (before.Value as JsonObject, after.Value as JsonObject);
        var (oldList, newList) = (before.Value as JsonArray, after.Value as JsonArray);
        isLeaf = structure switch
        {
            Structure.Map => oldMap is not { Count: > 0 } && newMap is not { Count: > 0 },
            Structure.List => oldList is not { Count: > 0 } && newList is not { Count: > 0 },
            _ => true,
        };
        if (isLeaf)
        {
            return Difference.Leaf(before, after);
        }

        return structure == Structure.Map ? OfMaps(shape, oldMap, newMap) : OfLists(shape, oldList, newList);
    }

    private static Difference OfMaps(TypeShape shape, JsonObject? before, JsonObject? after)
    {
        var level = default(Level);
        foreach (var (name, value) in after ?? EmptyObject)
        {
            var field = shape.Field(name);
            var old = before is not null && before.TryGetPropertyValue(name, out var had) ? Side.Of(had) : Absent(field, before);
            level.Add(PathElement.Field(name), Between(field, old, Side.Of(value)));
        }

        foreach (var (name, value) in before ?? EmptyObject)
        {
            if (after is null || !after.ContainsKey(name))
            {
                var field = shape.Field(name);
                level.Add(PathElement.Field(name), Between(field, Side.Of(value), Absent(field, after)));
            }
        }

        return level.Build();
    }

    /// <summary>What a structure that exists holds where nothing is set: upstream's zero value, where its type always has the field.</summary>
    private static Side Absent(TypeShape field, JsonObject? holder)
    {
        if (holder is null || !field.AlwaysPresent)
        {
            return Side.Absent;
        }

        return field.Node!.Type switch
        {
            SchemaType.Object => Side.Of(EmptyObject),
            SchemaType.Array or SchemaType.Map or SchemaType.Any or SchemaType.Time or SchemaType.Bytes => Side.Of(null),
            SchemaType.Boolean => Side.Of(False),
            SchemaType.Integer or SchemaType.Number or SchemaType.IntOrString => Side.Of(Zero),
            _ => Side.Of(EmptyText),
        };
    }

    private static Difference OfLists(TypeShape shape, JsonArray? before, JsonArray? after)
    {
        if (before is not null && after is not null && before.Count == after.Count && OfAligned(shape, before, after) is { } aligned)
        {
            return aligned;
        }

        var old = ListIndex.Of(shape, before);
        var now = ListIndex.Of(shape, after);
        var level = default(Level);
        foreach (var element in now.Elements)
        {
            level.Add(element, OfItems(shape.Items, old.Find(element), now[element]));
        }

        foreach (var element in old.Elements)
        {
            if (!now.Has(element))
            {
                level.Add(element, OfItems(shape.Items, old[element], []));
            }
        }

        return level.Build();
    }

    /// <summary>
    /// Most writes leave the items of a list where they are: then each is compared with its successor, and no index is needed. Null when some item has moved or
    /// shares its key with another one.
    /// </summary>
    private static Difference? OfAligned(TypeShape shape, JsonArray before, JsonArray after)
    {
        var items = shape.Items;
        List<(int Index, Difference Difference)>? changed = null;
        for (var i = 0; i < after.Count; i++)
        {
            if (!shape.SameElement(before[i], after[i]))
            {
                return null;
            }

            var difference = Between(items, Side.Of(before[i]), Side.Of(after[i]));
            if (!difference.IsNone)
            {
                (changed ??= []).Add((i, difference));
            }
        }

        return OfChanged(shape, after, changed);
    }

    /// <summary>Null when some item shares its key with another one.</summary>
    private static Difference? OfChanged(TypeShape shape, JsonArray after, List<(int Index, Difference Difference)>? changed)
    {
        if (changed is null)
        {
            return Difference.None;
        }

        var elements = after.Select(item => shape.ElementOf(item, out _)).ToArray();
        if (elements.Distinct().Count() != elements.Length || elements.Contains(null))
        {
            return null;
        }

        var level = default(Level);
        foreach (var (index, difference) in changed)
        {
            level.Add(elements[index]!.Value, difference);
        }

        return level.Build();
    }

    /// <summary>The items of one key. More than one are compared as a whole, because nothing tells them apart.</summary>
    private static Difference OfItems(TypeShape item, IReadOnlyList<JsonNode?> before, IReadOnlyList<JsonNode?> after)
    {
        switch (before.Count, after.Count)
        {
            case ( <= 1, <= 1):
                return Between(item, before.Count == 0 ? Side.Absent : Side.Of(before[0]), after.Count == 0 ? Side.Absent : Side.Of(after[0]));
            case ( >= 2, >= 2):
                var same = before.Count == after.Count && before.Zip(after).All(pair => JsonNode.DeepEquals(pair.First, pair.Second));
                return same ? Difference.None : Difference.None with { IsModified = true };
            case ( >= 2, _):
                var added = after.Count == 0 ? Difference.None : Between(item, Side.Absent, Side.Of(after[0]));
                return added with { IsRemoved = true };
            default:
                var removed = before.Count == 0 ? Difference.None : Between(item, Side.Of(before[0]), Side.Absent);
                return removed with { IsAdded = true };
        }
    }

    /// <summary>A value that is there, perhaps as null, or one that is not.</summary>
    private readonly record struct Side(bool IsPresent, JsonNode? Value)
    {
        public static Side Absent => default;

        /// <summary>Plain, list or map; null takes any form.</summary>
        public char Form => Value switch
        {
            JsonObject => 'm',
            JsonArray => 'l',
            null => '0',
            _ => 's',
        };

        public static Side Of(JsonNode? value) => new(true, value);
    }

    private readonly record struct Difference(
        bool IsRemoved, bool IsModified, bool IsAdded, FieldSet RemovedBelow, FieldSet ModifiedBelow, FieldSet AddedBelow)
    {
        public static Difference None { get; } = new(false, false, false, FieldSet.Empty, FieldSet.Empty, FieldSet.Empty);

        public static Difference Leaf(Side before, Side after) => None.MarkedBy(before, after) with
        {
            IsModified = before.IsPresent && after.IsPresent && !JsonNode.DeepEquals(before.Value, after.Value),
        };

        public bool IsNone => !IsRemoved && !IsModified && !IsAdded && RemovedBelow.IsEmpty && ModifiedBelow.IsEmpty && AddedBelow.IsEmpty;

        public Difference MarkedBy(Side before, Side after) => this with { IsAdded = !before.IsPresent, IsRemoved = !after.IsPresent };

        public Difference Union(Difference other) => new(
            IsRemoved || other.IsRemoved, IsModified || other.IsModified, IsAdded || other.IsAdded,
            RemovedBelow.Union(other.RemovedBelow), ModifiedBelow.Union(other.ModifiedBelow), AddedBelow.Union(other.AddedBelow));
    }

    private struct Level
    {
        private FieldSet.Builder _removed;
        private FieldSet.Builder _modified;
        private FieldSet.Builder _added;

        public void Add(PathElement element, in Difference difference)
        {
            _removed.Add(element, difference.IsRemoved, difference.RemovedBelow);
            _modified.Add(element, difference.IsModified, difference.ModifiedBelow);
            _added.Add(element, difference.IsAdded, difference.AddedBelow);
        }

        public readonly Difference Build() => new(false, false, false, _removed.Build(), _modified.Build(), _added.Build());
    }
}
