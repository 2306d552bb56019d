using System.Collections.Immutable;
using System.Globalization;
using ActorOrchestrator.Actors.Scheduling.Framework;
using Akka.Configuration;

namespace ActorOrchestrator.Actors.Scheduling;

/// <summary>From <c>orchestrator.scheduler</c>.</summary>
public sealed record SchedulerSettings
{
    /// <summary>One for each <c>spec.schedulerName</c> that is served.</summary>
    public ImmutableArray<ProfileSettings> Profiles { get; init; } = [new ProfileSettings()];

    public TimeSpan InitialBackoff { get; init; } = TimeSpan.FromSeconds(1);
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bindings on their way to the ledger. Many in flight become one batch there.</summary>
    public int BindsInFlight { get; init; } = 1024;

    /// <summary>Pods that are placed before facts that have arrived meanwhile are looked at.</summary>
    public int PodsPerTurn { get; init; } = 128;

    /// <summary>How often pods that nothing has helped are tried once more, should a fact have been judged wrongly.</summary>
    public TimeSpan UnschedulableRetry { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a pod waits on its node for its volumes before another node is sought.</summary>
    public TimeSpan VolumeBindTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <param name="config">The section <c>orchestrator.scheduler</c>.</param>
    public static SchedulerSettings From(Config config) => new()
    {
        Profiles = ReadProfiles(config),
        InitialBackoff = config.GetTimeSpan("initial-backoff"),
        MaxBackoff = config.GetTimeSpan("max-backoff"),
        BindsInFlight = config.GetInt("binds-in-flight"),
        PodsPerTurn = config.GetInt("pods-per-turn"),
        UnschedulableRetry = config.GetTimeSpan("unschedulable-retry"),
        VolumeBindTimeout = config.GetTimeSpan("volume-bind-timeout"),
    };

    private static ImmutableArray<ProfileSettings> ReadProfiles(Config config)
    {
        var profiles = config.GetConfig("profiles");
        ImmutableArray<ProfileSettings> all =
        [
            .. profiles.AsEnumerable().Select(pair => pair.Key).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
                .Select(name => ReadProfile(name, profiles.GetConfig($"\"{name}\"").WithFallback(config.GetConfig("profile-defaults")))),
        ];
        return all.IsEmpty ? throw new ConfigurationException("orchestrator.scheduler.profiles is empty; at least one profile is expected.") : all;
    }

    private static ProfileSettings ReadProfile(string name, Config config)
    {
        var scoring = config.GetString("scoring") switch
        {
            "MostAllocated" => ScoringStrategy.MostAllocated,
            "LeastAllocated" => ScoringStrategy.LeastAllocated,
            "RequestedToCapacityRatio" => ScoringStrategy.RequestedToCapacityRatio,
            var other => throw new ConfigurationException(
                $"orchestrator.scheduler.profiles.{name}.scoring is \"{other}\"; MostAllocated, LeastAllocated or RequestedToCapacityRatio is expected."),
        };
        return new ProfileSettings
        {
            SchedulerName = name,
            Scoring = scoring,
            PercentageOfNodesToScore = config.GetInt("percentage-of-nodes-to-score"),
            HardPodAffinityWeight = config.GetInt("hard-pod-affinity-weight"),
            Shape = [.. ReadPairs(config, name, "shape").Select(pair => new ShapePoint(int.Parse(pair.Key, CultureInfo.InvariantCulture), pair.Value)).OrderBy(point => point.Utilization)],
            Resources = ReadPairs(config, name, "resources").ToArray() is var weights && weights is [{ Key: "cpu", Value: 1 }, { Key: "memory", Value: 1 }]
                ? default
                : [.. weights],
            SpreadsByDefault = config.GetString("default-spreading") switch
            {
                "auto" => scoring != ScoringStrategy.MostAllocated,
                "system" => true,
                "none" => false,
                var other => throw new ConfigurationException($"orchestrator.scheduler.profiles.{name}.default-spreading is \"{other}\"; auto, system or none is expected."),
            },
            AddedAffinity = ReadAffinity(config, name),
        };
    }

    /// <summary>Pairs such as <c>"0=0", "100=10"</c>.</summary>
    private static IEnumerable<KeyValuePair<string, int>> ReadPairs(Config config, string profile, string setting)
    {
        foreach (var text in config.GetStringList(setting))
        {
            var at = text.LastIndexOf('=');
            if (at <= 0 || !int.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                throw new ConfigurationException($"orchestrator.scheduler.profiles.{profile}.{setting} has \"{text}\"; name=number is expected.");
            }

            yield return KeyValuePair.Create(text[..at], number);
        }
    }

    /// <summary>Labels that a node must have, each as <c>key=value</c>.</summary>
    private static ImmutableArray<NodeSelectorTerm> ReadAffinity(Config config, string profile)
    {
        ImmutableArray<NodeRequirement> labels =
        [
            .. config.GetStringList("added-affinity").Select(text => text.Split('=', 2) is [{ Length: > 0 } key, var value]
                ? new NodeRequirement(key, "In", [value])
                : throw new ConfigurationException($"orchestrator.scheduler.profiles.{profile}.added-affinity has \"{text}\"; key=value is expected.")),
        ];
        return labels.IsEmpty ? default : [new NodeSelectorTerm(labels, [])];
    }
}
