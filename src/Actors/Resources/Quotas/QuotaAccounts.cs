using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Quotas;

/// <summary>What a write does to the quotas of its namespace.</summary>
/// <param name="Refusal">It would exceed one, or leaves out what one must know.</param>
/// <param name="Entries">The new state of the quotas that it changes; to be committed with it, all or nothing.</param>
public readonly record struct QuotaCharge(ApiStatus? Refusal, ImmutableArray<LedgerCommands.Write> Entries)
{
    public static QuotaCharge None => new(null, []);
}

/// <summary>
/// The accounts of all quotas: <c>status.used</c> is exact because it is changed in the commit that creates, changes or removes the object, under
/// compare-and-set of the quota. Invariants, whatever happens in between and on whichever host:
/// 1. <c>used</c> never exceeds <c>hard</c> by a write that came through here.
/// 2. A refused or lost write leaves no trace in <c>used</c>.
/// A quota counts from when its controller has first summed up what is there (<c>status.hard</c>).
/// </summary>
public static class QuotaAccounts
{
    private static readonly HashSet<string> MustBeStated = new(StringComparer.Ordinal)
    {
        "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory",
    };

    /// <summary>Whether there is anything to account for at all; cheap, because every write asks.</summary>
    public static bool Apply(ClusterSnapshot snapshot, ObjectKey key) =>
        key.Namespace.Length > 0
        && snapshot.Count(ResourceTypes.ResourceQuotas) > 0
        && key.Type != ResourceTypes.Events
        && snapshot.InNamespace(ResourceTypes.ResourceQuotas, key.Namespace).Any();

    /// <param name="snapshot">The state that the charge stands on.</param>
    /// <param name="key">The object that is written.</param>
    /// <param name="before">Null for a creation.</param>
    /// <param name="after">Null for a removal.</param>
    public static QuotaCharge Charge(ClusterSnapshot snapshot, ObjectKey key, JsonObject? before, JsonObject? after)
    {
        var entries = ImmutableArray.CreateBuilder<LedgerCommands.Write>();
        foreach (var stored in snapshot.InNamespace(ResourceTypes.ResourceQuotas, key.Namespace))
        {
            // A quota that is itself what is written has its own place in the commit.
            if (stored.Key == key)
            {
                continue;
            }

            var quota = stored.ToJson();
            var hard = PodResources.Read(quota.Object("status").Object("hard"));
            if (!hard.Keys.Any(name => QuotaUsage.Concerns(name, key.Type)))
            {
                continue;
            }

            var (was, becomes) = (Counted(quota, key.Type, before, hard), Counted(quota, key.Type, after, hard));
            if (before is null && after is not null && key.Type == ResourceTypes.Pods
                && QuotaScopes.Match(quota.Object("spec"), key.Type, after) && MissingFrom(after, hard) is { } missing)
            {
                return new QuotaCharge(ApiStatus.Forbidden(key, $"failed quota: {stored.Key.Name}: must specify {missing}"), []);
            }

            var used = PodResources.Read(quota.Object("status").Object("used"));
            if (Exceeded(was, becomes, used, hard) is { Length: > 0 } exceeded)
            {
                return new QuotaCharge(ApiStatus.Forbidden(key, $"exceeded quota: {stored.Key.Name}, {exceeded}"), []);
            }

            if (Changed(was, becomes, used) is { } now)
            {
                quota.Ensure("status")["used"] = Written(now);
                entries.Add(new LedgerCommands.Replace(stored.Key, ObjectBody.From(quota), stored.Revision, stored.Claims));
            }
        }

        return new QuotaCharge(null, entries.ToImmutable());
    }

    /// <summary>What a quota counts of an object: nothing when its scopes leave the object out.</summary>
    internal static Dictionary<string, Quantity> Counted(JsonObject quota, ResourceType type, JsonObject? obj, Dictionary<string, Quantity> hard)
    {
        var counted = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        if (obj is null || !QuotaScopes.Match(quota.Object("spec"), type, obj))
        {
            return counted;
        }

        foreach (var (name, quantity) in QuotaUsage.Of(type, obj))
        {
            if (hard.ContainsKey(name))
            {
                counted[name] = quantity;
            }
        }

        return counted;
    }

    internal static JsonObject Written(IEnumerable<KeyValuePair<string, Quantity>> quantities) =>
        new(quantities.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)JsonValue.Create(pair.Value.ToString()))));

    private static string Exceeded(
        Dictionary<string, Quantity> was, Dictionary<string, Quantity> becomes, Dictionary<string, Quantity> used, Dictionary<string, Quantity> hard)
    {
        var failed = new List<(string Name, Quantity Asked)>();
        foreach (var (name, amount) in becomes)
        {
            var asked = amount.Amount - was.GetValueOrDefault(name).Amount;
            if (asked > 0 && used.GetValueOrDefault(name).Amount + asked > hard[name].Amount)
            {
                failed.Add((name, amount with { Amount = asked }));
            }
        }

        if (failed.Count == 0)
        {
            return "";
        }

        var ordered = failed.OrderBy(item => item.Name, StringComparer.Ordinal).ToArray();
        return $"requested: {string.Join(',', ordered.Select(item => $"{item.Name}={item.Asked}"))}, "
            + $"used: {string.Join(',', ordered.Select(item => $"{item.Name}={used.GetValueOrDefault(item.Name)}"))}, "
            + $"limited: {string.Join(',', ordered.Select(item => $"{item.Name}={hard[item.Name]}"))}";
    }

    /// <summary>Null when the account stays as it is.</summary>
    private static Dictionary<string, Quantity>? Changed(Dictionary<string, Quantity> was, Dictionary<string, Quantity> becomes, Dictionary<string, Quantity> used)
    {
        Dictionary<string, Quantity>? now = null;
        foreach (var name in was.Keys.Union(becomes.Keys))
        {
            var difference = becomes.GetValueOrDefault(name).Amount - was.GetValueOrDefault(name).Amount;
            if (difference != 0)
            {
                now ??= new Dictionary<string, Quantity>(used, StringComparer.Ordinal);
                var format = used.TryGetValue(name, out var sofar) && !sofar.IsZero ? sofar.Format : becomes.GetValueOrDefault(name, was.GetValueOrDefault(name)).Format;
                now[name] = new Quantity(Math.Max(sofar.Amount + difference, 0), format);
            }
        }

        return now;
    }

    /// <summary>What the containers of a pod leave open although a quota limits it; null when nothing.</summary>
    private static string? MissingFrom(JsonObject pod, Dictionary<string, Quantity> hard)
    {
        var missing = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        var podLevel = Stated(pod.Object("spec").Object("resources"));
        foreach (var container in (pod.Object("spec").Array("containers") ?? []).Concat(pod.Object("spec").Array("initContainers") ?? []))
        {
            var stated = Stated(container.Object("resources"));
            foreach (var name in hard.Keys)
            {
                if (MustBeStated.Contains(name) && !stated.Contains(name) && !podLevel.Contains(name))
                {
                    (missing.TryGetValue(name, out var containers) ? containers : missing[name] = new SortedSet<string>(StringComparer.Ordinal)).Add(container.Text("name"));
                }
            }
        }

        return missing.Count == 0 ? null : string.Join("; ", missing.Select(pair => $"{pair.Key} for: {string.Join(',', pair.Value)}"));
    }

    private static HashSet<string> Stated(JsonObject? resources)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in PodResources.Read(resources.Object("requests")).Keys)
        {
            names.Add(name);
            names.Add($"requests.{name}");
        }

        names.UnionWith(PodResources.Read(resources.Object("limits")).Keys.Select(name => $"limits.{name}"));
        return names;
    }
}
