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

    /// <summary>The part of the seats that is meant for reads; 0 for any number of requests. Reads and writes share both parts by their priority levels.</summary>
    public int MaxReadsInFlight { get; init; } = 400;

    /// <summary>The part that is meant for writes; 0 for any number of requests.</summary>
    public int MaxWritesInFlight { get; init; } = 200;

    /// <summary>How many requests may be worked on at once that are not exempt; 0 for any number.</summary>
    public int Seats => MaxReadsInFlight == 0 || MaxWritesInFlight == 0 ? 0 : MaxReadsInFlight + MaxWritesInFlight;

    /// <summary>How long a request may take that has an end.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The request line and all headers, bytes each.</summary>
    public int MaxHeaderBytes { get; init; } = 64 * 1024;

    /// <summary>How many headers a request may have: a user in many groups that somebody acts for has one for each.</summary>
    public int MaxHeaders { get; init; } = 1000;

    /// <summary>Requests at the same time in one HTTP/2 connection.</summary>
    public int StreamsPerConnection { get; init; } = 250;

    /// <summary>How long exec, attach and port-forward may be silent.</summary>
    public TimeSpan StreamIdleTimeout { get; init; } = TimeSpan.FromHours(4);

    /// <summary>How long a client of SPDY may take to open the streams that it asked for.</summary>
    public TimeSpan StreamCreationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public static ApiSettings From(Config config)
    {
        var api = config.GetConfig("orchestrator.api");
        return new ApiSettings
        {
            MaxBodyBytes = api.GetByteSize("max-body") ?? 3 * 1024 * 1024,
            RevisionPatience = api.GetTimeSpan("revision-patience"),
            WatchLife = api.GetTimeSpan("watch-life"),
            BookmarkInterval = api.GetTimeSpan("bookmark-interval"),
            MaxReadsInFlight = api.GetInt("max-reads-in-flight"),
            MaxWritesInFlight = api.GetInt("max-writes-in-flight"),
            RequestTimeout = api.GetTimeSpan("request-timeout"),
            MaxHeaderBytes = (int)(api.GetByteSize("max-headers") ?? 64 * 1024),
            MaxHeaders = api.GetInt("max-header-count"),
            StreamsPerConnection = api.GetInt("streams-per-connection"),
            StreamIdleTimeout = api.GetTimeSpan("stream-idle-timeout"),
            StreamCreationTimeout = api.GetTimeSpan("stream-creation-timeout"),
            CompressFrom = (int)(api.GetByteSize("compress-from") ?? 128 * 1024),
        };
    }
}
