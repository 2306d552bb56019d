using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Ledger;

public sealed class ObjectTreeTests
{
    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 40)]
    [InlineData(3, 400)]
    [InlineData(4, 4000)]
    public void The_tree_is_a_sorted_map_whatever_is_put_in_and_taken_out(int seed, int names)
    {
        var random = new Random(seed);
        var tree = ObjectTree.Empty;
        var map = new SortedDictionary<(string, string), StoredObject>(Comparer<(string Namespace, string Name)>.Create(Compare));
        for (var step = 0; step < names * 8; step++)
        {
            var (@namespace, name) = ($"ns{random.Next(4)}", $"n{random.Next(names)}");
            // It grows at first, then shrinks to nothing.
            if (random.Next(8 * names) > step / 2 && step < names * 6)
            {
                var obj = Object(@namespace, name, step);
                tree = tree.Set(obj);
                map[(@namespace, name)] = obj;
            }
            else
            {
                tree = tree.Remove(@namespace, name);
                map.Remove((@namespace, name));
            }

            Assert.Equal(map.Count, tree.Count);
        }

        CheckSame(map, tree, random);
        foreach (var key in map.Keys.OrderBy(_ => random.Next()).ToArray())
        {
            tree = tree.Remove(key.Item1, key.Item2);
            map.Remove(key);
            if (map.Count % 97 == 0)
            {
                CheckSame(map, tree, random);
            }
        }

        Assert.Empty(tree.All());
    }

    [Fact]
    public void Names_that_only_rise_stay_in_order()
    {
        var tree = Enumerable.Range(0, 5000).Aggregate(ObjectTree.Empty, (current, n) => current.Set(Object("default", $"{n:00000}", n)));
        Assert.Equal(Enumerable.Range(0, 5000).Select(n => $"{n:00000}"), tree.All().Select(obj => obj.Key.Name));
        Assert.Equal("02500", tree.From("default", "02499", inclusive: false).First().Key.Name);
        Assert.Equal("02499", tree.Find("default", "02499")!.Key.Name);
    }

    private static void CheckSame(SortedDictionary<(string, string), StoredObject> map, ObjectTree tree, Random random)
    {
        Assert.Equal(map.Values, tree.All());
        var from = ($"ns{random.Next(4)}", $"n{random.Next(100)}");
        Assert.Equal(map.Where(pair => Compare(pair.Key, from) > 0).Select(pair => pair.Value), tree.From(from.Item1, from.Item2, inclusive: false));
        Assert.Equal(map.Where(pair => Compare(pair.Key, from) >= 0).Select(pair => pair.Value), tree.From(from.Item1, from.Item2, inclusive: true));
        Assert.Equal(map.GetValueOrDefault(from), tree.Find(from.Item1, from.Item2));
    }

    private static int Compare((string Namespace, string Name) left, (string Namespace, string Name) right)
    {
        var order = string.CompareOrdinal(left.Namespace, right.Namespace);
        return order != 0 ? order : string.CompareOrdinal(left.Name, right.Name);
    }

    private static StoredObject Object(string @namespace, string name, int revision) =>
        new(new ObjectKey(ResourceTypes.ConfigMaps, @namespace, name), "u", new Revision(revision), "{}"u8.ToArray(), []);
}
