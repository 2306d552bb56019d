using System.Collections.Immutable;
using System.Text.Json;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Scheduling;

/// <summary>How much of each resource: thousandths of a CPU, bytes, and counts of whatever else nodes offer. Immutable.</summary>
/// <param name="MilliCpu">Thousandths of a CPU.</param>
/// <param name="Memory">Bytes.</param>
/// <param name="EphemeralStorage">Bytes.</param>
/// <param name="Extended">Everything else (hugepages, devices), by name in ordinal order; never default.</param>
public readonly record struct ResourceAmounts(
    long MilliCpu, long Memory, long EphemeralStorage, ImmutableArray<KeyValuePair<string, long>> Extended)
{
    public static readonly ResourceAmounts None = new(0, 0, 0, []);

    public static ResourceAmounts operator +(ResourceAmounts left, ResourceAmounts right) => new(
        Sum(left.MilliCpu, right.MilliCpu), Sum(left.Memory, right.Memory), Sum(left.EphemeralStorage, right.EphemeralStorage),
        right.Extended.IsEmpty ? left.Extended : Merge(left.Extended, right.Extended, Sum));

    public static ResourceAmounts operator -(ResourceAmounts left, ResourceAmounts right) => new(
        left.MilliCpu - right.MilliCpu, left.Memory - right.Memory, left.EphemeralStorage - right.EphemeralStorage,
        right.Extended.IsEmpty ? left.Extended : Merge(left.Extended, right.Extended, (mine, other) => mine - other));

    /// <summary>The larger of each.</summary>
    public static ResourceAmounts Max(ResourceAmounts left, ResourceAmounts right) => new(
        Math.Max(left.MilliCpu, right.MilliCpu), Math.Max(left.Memory, right.Memory), Math.Max(left.EphemeralStorage, right.EphemeralStorage),
        right.Extended.IsEmpty ? left.Extended : Merge(left.Extended, right.Extended, Math.Max));

    public long ExtendedAmount(string name)
    {
        foreach (var (key, amount) in Extended)
        {
            if (key == name)
            {
                return amount;
            }
        }

        return 0;
    }

    /// <summary>Reads a resource list such as <c>{"cpu":"100m","memory":"64Mi"}</c>; the count of <c>pods</c> is left out.</summary>
    public static ResourceAmounts Read(JsonElement list)
    {
        long cpu = 0, memory = 0, storage = 0;
        ImmutableArray<KeyValuePair<string, long>> extended = [];
        if (list.ValueKind != JsonValueKind.Object)
        {
            return None;
        }

        foreach (var item in list.EnumerateObject())
        {
            if (!Quantity.TryParse(item.Value.ToString(), out var quantity))
            {
                continue;
            }

            switch (item.Name)
            {
                case "cpu": cpu = quantity.MilliValue; break;
                case "memory": memory = quantity.Value; break;
                case "ephemeral-storage": storage = quantity.Value; break;
                case "pods": break;
                default: extended = extended.Add(new(item.Name, quantity.Value)); break;
            }
        }

        return new ResourceAmounts(cpu, memory, storage, extended.Length < 2 ? extended : extended.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key)));
    }

    public bool Equals(ResourceAmounts other) => MilliCpu == other.MilliCpu && Memory == other.Memory
        && EphemeralStorage == other.EphemeralStorage && Extended.AsSpan().SequenceEqual(other.Extended.AsSpan());

    public override int GetHashCode() => HashCode.Combine(MilliCpu, Memory, EphemeralStorage, Extended.Length);

    /// <summary>Absurd requests add up to "more than anybody has", not to a negative number.</summary>
    private static long Sum(long left, long right) => left > long.MaxValue - Math.Max(right, 0) ? long.MaxValue : left + right;

    private static ImmutableArray<KeyValuePair<string, long>> Merge(
        ImmutableArray<KeyValuePair<string, long>> left, ImmutableArray<KeyValuePair<string, long>> right, Func<long, long, long> combine)
    {
        var merged = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (name, amount) in left)
        {
            merged[name] = combine(amount, 0);
        }

        foreach (var (name, amount) in right)
        {
            var mine = 0L;
            foreach (var (key, value) in left)
            {
                mine = key == name ? value : mine;
            }

            merged[name] = combine(mine, amount);
        }

        return [.. merged];
    }
}
