using Akka.Configuration;

namespace ActorOrchestrator.Host.Api.Audit;

/// <summary>The audit log, <c>orchestrator.audit</c>. Off without a policy.</summary>
public sealed record AuditSettings
{
    public string PolicyFile { get; init; } = "";
    public string LogFile { get; init; } = "";

    /// <summary>Whether answers wait until their line is written; otherwise lines wait in a bounded queue, and those that find it full are lost and counted.</summary>
    public bool Blocking { get; init; } = true;

    public int Queue { get; init; } = 10000;
    public long MaxBytes { get; init; } = 100 << 20;

    /// <summary>Older files are removed; zero keeps them.</summary>
    public TimeSpan MaxAge { get; init; }

    /// <summary>More files are removed; 0 keeps all.</summary>
    public int MaxBackups { get; init; } = 10;

    public bool IsOn => PolicyFile.Length > 0;

    public static AuditSettings From(Config config)
    {
        var audit = config.GetConfig("orchestrator.audit");
        return new AuditSettings
        {
            PolicyFile = audit.GetString("policy-file", ""),
            LogFile = audit.GetString("log-file", ""),
            Blocking = audit.GetString("mode", "blocking") != "batch",
            Queue = audit.GetInt("queue", 10000),
            MaxBytes = audit.GetByteSize("max-size") ?? 100 << 20,
            MaxAge = audit.GetTimeSpan("max-age", TimeSpan.Zero),
            MaxBackups = audit.GetInt("max-backups", 10),
        };
    }
}
