using System.Collections.Immutable;
using System.Text.Json;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.CronJobs;

/// <summary>A CronJob as its controller sees it.</summary>
public sealed record CronJobView(StoredObject Stored)
{
    private static readonly ViewCache<CronJobView> Views = new(Read);

    public string ScheduleText { get; private init; } = "";
    public string TimeZone { get; private init; } = "";

    /// <summary>Null when it cannot be read.</summary>
    public Schedule? Schedule { get; private init; }
    public string Problem { get; private init; } = "";
    public string ConcurrencyPolicy { get; private init; } = "Allow";
    public bool IsSuspended { get; private init; }
    public long? StartingDeadlineSeconds { get; private init; }
    public int SuccessfulLimit { get; private init; }
    public int FailedLimit { get; private init; }
    public DateTimeOffset? LastScheduleTime { get; private init; }
    public DateTimeOffset? LastSuccessfulTime { get; private init; }
    public ImmutableArray<(string Name, string Uid)> Active { get; private init; } = [];

    public ObjectKey Key => Stored.Key;

    public static CronJobView Of(StoredObject stored) => Views[stored];

    private static CronJobView Read(StoredObject stored)
    {
        using var document = JsonDocument.Parse(stored.Utf8);
        var (spec, status) = (document.RootElement.Get("spec"), document.RootElement.Get("status"));
        var (text, zone) = (spec.Text("schedule"), spec.Text("timeZone"));
        var schedule = Schedule.TryParse(text, zone, out var problem);
        return new CronJobView(stored)
        {
            ScheduleText = text,
            TimeZone = zone,
            Schedule = schedule,
            Problem = problem,
            ConcurrencyPolicy = spec.Text("concurrencyPolicy") is { Length: > 0 } policy ? policy : "Allow",
            IsSuspended = spec.Flag("suspend"),
            StartingDeadlineSeconds = spec.Get("startingDeadlineSeconds").ValueKind == JsonValueKind.Number ? spec.Long("startingDeadlineSeconds") : null,
            SuccessfulLimit = spec.Integer("successfulJobsHistoryLimit") ?? 3,
            FailedLimit = spec.Integer("failedJobsHistoryLimit") ?? 1,
            LastScheduleTime = status.Time("lastScheduleTime"),
            LastSuccessfulTime = status.Time("lastSuccessfulTime"),
            Active = [.. status.Items("active").Select(job => (job.Text("name"), job.Text("uid")))],
        };
    }
}
