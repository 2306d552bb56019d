using ActorOrchestrator.Actors.Ledger.History;
using Akka.Configuration;

namespace ActorOrchestrator.Actors.Ledger;

/// <summary>The bounds of the ledger and of its views, from <c>orchestrator.ledger</c>. Sizes are bytes.</summary>
public sealed record LedgerSettings
{
    /// <summary>Most facts in one batch, which is one journal row. A command is never split, so that a larger one makes a larger batch.</summary>
    public required int BatchFacts { get; init; }

    /// <summary>Most bytes of objects in one batch.</summary>
    public required long BatchBytes { get; init; }

    /// <summary>Most commands that wait for their batch; above it the answer is "unavailable".</summary>
    public required int QueueCommits { get; init; }

    /// <summary>Most bytes of objects that wait for their batch.</summary>
    public required long QueueBytes { get; init; }

    /// <summary>Facts that every view keeps in memory for watches and reads of the past.</summary>
    public required int WindowFacts { get; init; }

    /// <summary>Bytes of those facts.</summary>
    public required long WindowBytes { get; init; }

    /// <summary>A snapshot follows after this many facts …</summary>
    public required int SnapshotFacts { get; init; }

    /// <summary>… or this many bytes, whichever comes first.</summary>
    public required long SnapshotBytes { get; init; }

    public required LedgerRetention Retention { get; init; }

    public HistorySettings History { get; init; } = HistorySettings.Default;

    public required ReplicationSettings Replication { get; init; }

    /// <summary>How long a writer waits for the ledger's answer.</summary>
    public required TimeSpan CommitTimeout { get; init; }

    /// <summary>After a failure of its journal the ledger is started anew after this long, then twice as long each time …</summary>
    public required TimeSpan RestartMin { get; init; }

    /// <summary>… but never longer than this.</summary>
    public required TimeSpan RestartMax { get; init; }

    /// <param name="config">The section <c>orchestrator.ledger</c>.</param>
    public static LedgerSettings From(Config config) => new()
    {
        BatchFacts = config.GetInt("batch-facts"),
        BatchBytes = Size(config, "batch-bytes"),
        QueueCommits = config.GetInt("queue-commits"),
        QueueBytes = Size(config, "queue-bytes"),
        WindowFacts = config.GetInt("window-facts"),
        WindowBytes = Size(config, "window-bytes"),
        SnapshotFacts = config.GetInt("snapshot-facts"),
        SnapshotBytes = Size(config, "snapshot-bytes"),
        CommitTimeout = config.GetTimeSpan("commit-timeout"),
        RestartMin = config.GetTimeSpan("restart-min"),
        RestartMax = config.GetTimeSpan("restart-max"),
        Retention = LedgerRetention.From(config.GetConfig("retention")),
        History = HistorySettings.From(config.GetConfig("history")),
        Replication = ReplicationSettings.From(config.GetConfig("replication")),
    };

    private static long Size(Config config, string path) =>
        config.GetByteSize(path) ?? throw new ConfigurationException($"orchestrator.ledger.{path} is missing; a size such as 32 MiB is expected.");
}

/// <summary>
/// How much history the journal keeps. Whatever exceeds one of the bounds is dropped, but never what a recovery needs.
/// </summary>
public sealed record LedgerRetention(TimeSpan MaxAge, long MaxFacts, long MaxBytes, TimeSpan CheckInterval)
{
    public static LedgerRetention From(Config config) => new(
        config.GetTimeSpan("max-age"),
        config.GetLong("max-facts"),
        config.GetByteSize("max-bytes") ?? throw new ConfigurationException("orchestrator.ledger.retention.max-bytes is missing; a size such as 512 MiB is expected."),
        config.GetTimeSpan("check-interval"));
}

/// <summary>How the leader streams its facts to the other hosts.</summary>
/// <param name="ChunkBytes">Most bytes of objects in one message; a single larger object travels alone.</param>
/// <param name="ChunksInFlight">Messages that may be on their way without an acknowledgement.</param>
/// <param name="KeepAlive">How often a leader with no news says that it is there.</param>
/// <param name="Silence">After so long without a word either side gives the stream up; the replica asks again.</param>
public sealed record ReplicationSettings(int ChunkBytes, int ChunksInFlight, TimeSpan KeepAlive, TimeSpan Silence)
{
    public static ReplicationSettings From(Config config) => new(
        (int)(config.GetByteSize("chunk-bytes") ?? throw new ConfigurationException("orchestrator.ledger.replication.chunk-bytes is missing; a size such as 512 KiB is expected.")),
        config.GetInt("chunks-in-flight"),
        config.GetTimeSpan("keep-alive"),
        config.GetTimeSpan("silence"));
}
