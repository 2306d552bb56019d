using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace ActorOrchestrator.Actors.ServiceNetworking.Proxy;

/// <summary>Rulesets → nft scripts. Each script is one transaction.</summary>
public static class NftScript
{
    private const int ElementsPerCommand = 256;

    /// <summary>Puts the whole table in place of whatever is there, in one step: no packet ever meets an empty table.</summary>
    public static string Replace(ServiceProxySettings settings, NetworkSettings network, NodeNetwork node, NftRuleset ruleset, IReadOnlyList<AffinityEntry> affinities)
    {
        var script = new StringBuilder();
        script.Append(CultureInfo.InvariantCulture, $"add table ip {settings.Table}\ndelete table ip {settings.Table}\n");
        script.Append(BaseTable.Render(settings, network, node));
        Change(script, settings.Table, NftRuleset.Empty, ruleset);
        foreach (var bySet in affinities.Where(entry => ruleset.AffinitySets.ContainsKey(entry.Set)).GroupBy(entry => entry.Set, StringComparer.Ordinal))
        {
            var lifetime = ruleset.AffinitySets[bySet.Key];
            Elements(script, "add", settings.Table, bySet.Key, bySet
                .Where(entry => entry.ExpiresSeconds > 0 && Cidr.ParseAddress(entry.Client) is not null)
                .Select(entry => $"{entry.Client} timeout {lifetime}s expires {Math.Min(entry.ExpiresSeconds, lifetime)}s"));
        }

        return script.ToString();
    }

    /// <summary>Only what differs; empty when nothing does.</summary>
    public static string Change(string table, NftRuleset from, NftRuleset to)
    {
        var script = new StringBuilder();
        Change(script, table, from, to);
        return script.ToString();
    }

    public static string Remove(string table) => $"add table ip {table}\ndelete table ip {table}\n";

    /// <summary>New things first, then the elements that point at them, then old things that nothing points at any more.</summary>
    private static void Change(StringBuilder script, string table, NftRuleset from, NftRuleset to)
    {
        var gone = from.Chains.Keys.Where(name => !to.Chains.ContainsKey(name)).Order(StringComparer.Ordinal).ToArray();
        var added = to.Chains.Keys.Where(name => !from.Chains.ContainsKey(name)).Order(StringComparer.Ordinal).ToArray();
        var changed = to.Chains
            .Where(chain => from.Chains.TryGetValue(chain.Key, out var rules) && !rules.SequenceEqual(chain.Value, StringComparer.Ordinal))
            .Select(chain => chain.Key).Order(StringComparer.Ordinal).ToArray();
        var newLifetime = to.AffinitySets.Where(set => from.AffinitySets.TryGetValue(set.Key, out var old) && old != set.Value).Select(set => set.Key).ToHashSet(StringComparer.Ordinal);
        var goneSets = from.AffinitySets.Keys.Where(name => !to.AffinitySets.ContainsKey(name)).Order(StringComparer.Ordinal).ToArray();

        // A set's lifetime cannot be changed in place, so its users let go of it first.
        var refilled = changed.Concat(to.Chains.Keys.Where(name => from.Chains.ContainsKey(name) && UsesAny(to.Chains[name], newLifetime)))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        Each(script, "add chain", table, added);
        Each(script, "flush chain", table, refilled.Concat(gone));
        Each(script, "delete set", table, newLifetime.Order(StringComparer.Ordinal));
        foreach (var (name, seconds) in to.AffinitySets.OrderBy(set => set.Key, StringComparer.Ordinal))
        {
            if (!from.AffinitySets.ContainsKey(name) || newLifetime.Contains(name))
            {
                script.Append(CultureInfo.InvariantCulture, $"add set ip {table} {name} {{ type ipv4_addr; flags dynamic,timeout; timeout {seconds}s; }}\n");
            }
        }

        foreach (var name in added.Concat(refilled))
        {
            foreach (var rule in to.Chains[name])
            {
                script.Append(CultureInfo.InvariantCulture, $"add rule ip {table} {name} {rule}\n");
            }
        }

        ChangeElements(script, table, from.Elements, to.Elements);
        Each(script, "delete chain", table, gone);
        Each(script, "delete set", table, goneSets);
    }

    private static void ChangeElements(StringBuilder script, string table, ImmutableDictionary<NftElement, string> from, ImmutableDictionary<NftElement, string> to)
    {
        var old = from.Where(element => !to.TryGetValue(element.Key, out var verdict) || verdict != element.Value);
        foreach (var map in old.GroupBy(element => element.Key.Map, StringComparer.Ordinal).OrderBy(map => map.Key, StringComparer.Ordinal))
        {
            Elements(script, "delete", table, map.Key, map.Select(element => element.Key.Key).Order(StringComparer.Ordinal));
        }

        var news = to.Where(element => !from.TryGetValue(element.Key, out var verdict) || verdict != element.Value);
        foreach (var map in news.GroupBy(element => element.Key.Map, StringComparer.Ordinal).OrderBy(map => map.Key, StringComparer.Ordinal))
        {
            Elements(script, "add", table, map.Key, map
                .OrderBy(element => element.Key.Key, StringComparer.Ordinal)
                .Select(element => element.Value.Length == 0 ? element.Key.Key : $"{element.Key.Key} : {element.Value}"));
        }
    }

    private static void Elements(StringBuilder script, string verb, string table, string map, IEnumerable<string> elements)
    {
        foreach (var chunk in elements.Chunk(ElementsPerCommand))
        {
            script.Append(CultureInfo.InvariantCulture, $"{verb} element ip {table} {map} {{ {string.Join(", ", chunk)} }}\n");
        }
    }

    private static void Each(StringBuilder script, string command, string table, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            script.Append(CultureInfo.InvariantCulture, $"{command} ip {table} {name}\n");
        }
    }

    private static bool UsesAny(ImmutableArray<string> rules, HashSet<string> sets) =>
        sets.Count > 0 && rules.Any(rule => sets.Any(set => rule.Contains($"@{set} ", StringComparison.Ordinal)));
}
