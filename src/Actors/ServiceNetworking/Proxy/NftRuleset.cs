using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.ServiceNetworking.Proxy;

/// <summary>The place of one element: which map or set, and its key as nft writes it.</summary>
public readonly record struct NftElement(string Map, string Key);

/// <summary>
/// The part of the table that follows services and endpoints. Chains are found through verdict maps, so the cost of a packet does not
/// grow with the number of services, and a change touches only what changed.
/// </summary>
public sealed record NftRuleset
{
    public static readonly NftRuleset Empty = new();

    /// <summary>Rules by chain.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> Chains { get; init; } = ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>Sets that remember clients, with the seconds they remember.</summary>
    public ImmutableDictionary<string, int> AffinitySets { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>The verdict of a map's element; empty for a set's.</summary>
    public ImmutableDictionary<NftElement, string> Elements { get; init; } = ImmutableDictionary<NftElement, string>.Empty;

    /// <summary>Puts the parts together. Where two claim one element (two services with one external IP and port), the earlier has it.</summary>
    public static NftRuleset Merge(IEnumerable<NftRuleset> parts)
    {
        var chains = ImmutableDictionary.CreateBuilder<string, ImmutableArray<string>>(StringComparer.Ordinal);
        var sets = ImmutableDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
        var elements = ImmutableDictionary.CreateBuilder<NftElement, string>();
        foreach (var part in parts)
        {
            foreach (var (name, rules) in part.Chains)
            {
                chains.TryAdd(name, rules);
            }

            foreach (var (name, seconds) in part.AffinitySets)
            {
                sets.TryAdd(name, seconds);
            }

            foreach (var (element, verdict) in part.Elements)
            {
                elements.TryAdd(element, verdict);
            }
        }

        return new NftRuleset { Chains = chains.ToImmutable(), AffinitySets = sets.ToImmutable(), Elements = elements.ToImmutable() };
    }
}
