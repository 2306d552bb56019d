using Akka.Configuration;

namespace ActorOrchestrator.Host.Api;

/// <summary>The bounds of the API, <c>orchestrator.api</c>.</summary>
public sealed record ApiSettings
{
    /// <summary>Host and port by which clients reach this server, shown by discovery. Set by the host, which knows them.</summary>
    public string ServerAddress { get; init; } = "127.0.0.1:6443";

    /// <summary>The largest body of a request, bytes.</summary>
    public long MaxBodyBytes { get; init; } = 3 * 1024 * 1024;

    /// <summary>How long a request waits for a revision that this host has not seen yet.</summary>
    public TimeSpan RevisionPatience { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The shortest a watch lives that asks for no end; the longest is twice that.</summary>
    public TimeSpan WatchLife { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How often an idle watch is told how far the server has seen.</summary>
    public TimeSpan BookmarkInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Answers of at least this many bytes are compressed for clients that take gzip.</summary>
    public int CompressFrom { get; init; } = 128 * 1024;

    public static ApiSettings From(Config config)
    {
        var api = config.GetConfig("orchestrator.api");
        return new ApiSettings
        {
            MaxBodyBytes = api.GetByteSize("max-body") ?? 3 * 1024 * 1024,
            RevisionPatience = api.GetTimeSpan("revision-patience"),
            WatchLife = api.GetTimeSpan("watch-life"),
            BookmarkInterval = api.GetTimeSpan("bookmark-interval"),
            CompressFrom = (int)(api.GetByteSize("compress-from") ?? 128 * 1024),
        };
    }
}
