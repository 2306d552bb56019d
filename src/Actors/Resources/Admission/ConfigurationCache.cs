using System.Collections.Immutable;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Admission;

/// <summary>
/// What was made of all objects of one type, for as long as none of them changes. A request that finds nothing changed pays for one comparison;
/// an object that did not change is not made again.
/// </summary>
internal sealed class ConfigurationCache<T>(ResourceType type, Func<StoredObject, T> make)
    where T : class
{
    private volatile Entry _entry = new(new object(), [], []);

    /// <summary>In the order of their names.</summary>
    public ImmutableArray<T> Of(ClusterSnapshot cluster)
    {
        var entry = _entry;
        var identity = cluster.IdentityOf(type);
        if (ReferenceEquals(entry.Identity, identity))
        {
            return entry.Items;
        }

        var stored = cluster.All(type).ToImmutableArray();
        var items = ImmutableArray.CreateBuilder<T>(stored.Length);
        foreach (var obj in stored)
        {
            items.Add(entry.Made.GetValueOrDefault(obj) ?? make(obj));
        }

        var made = stored.Zip(items).ToDictionary(pair => pair.First, pair => pair.Second);
        _entry = entry = new Entry(identity, made, items.MoveToImmutable());
        return entry.Items;
    }

    /// <param name="Made">By the stored objects themselves: another revision is another object.</param>
    private sealed record Entry(object Identity, Dictionary<StoredObject, T> Made, ImmutableArray<T> Items);
}
