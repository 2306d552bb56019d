using System.Collections.Immutable;
using System.Text.Json;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Jobs;

/// <summary>A Job as its controller sees it.</summary>
public sealed record JobView(StoredObject Stored)
{
    public const string TrackingFinalizer = "batch.kubernetes.io/job-tracking";
    public const string OurManager = "kubernetes.io/job-controller";
    private static readonly ViewCache<JobView> Views = new(Read);
    private PodTemplate? _template;

    /// <summary>Null for a work queue: the first success says that there is no more work.</summary>
    public int? Completions { get; private init; }
    public int Parallelism { get; private init; }
    public int BackoffLimit { get; private init; }
    public int? BackoffLimitPerIndex { get; private init; }
    public int? MaxFailedIndexes { get; private init; }
    public long? ActiveDeadlineSeconds { get; private init; }
    public int? TtlSeconds { get; private init; }
    public bool IsIndexed { get; private init; }
    public bool IsSuspended { get; private init; }

    /// <summary>A pod on its way out is only replaced once it has failed.</summary>
    public bool ReplacesOnlyFailed { get; private init; }
    public bool RestartsInPlace { get; private init; }
    public string ManagedBy { get; private init; } = "";
    public LabelSelector Selector { get; private init; } = LabelSelector.Nothing;
    public ImmutableArray<PodFailureRule> FailureRules { get; private init; } = [];
    public ImmutableArray<SuccessRule> SuccessRules { get; private init; } = [];
    public JobStatus Status { get; private init; } = JobStatus.None;

    public ObjectKey Key => Stored.Key;
    public PodTemplate Template => _template ??= PodTemplate.Of(Stored);
    public bool IsFinished => Status.IsTrue("Complete") || Status.IsTrue("Failed");

    /// <summary>When it finished; null while it has not.</summary>
    public DateTimeOffset? FinishedAt =>
        Status.Conditions.FirstOrDefault(condition => condition is { Type: "Complete" or "Failed", Status: "True" })?.LastTransition;

    public static JobView Of(StoredObject stored) => Views[stored];

    private static JobView Read(StoredObject stored)
    {
        using var document = JsonDocument.Parse(stored.Utf8);
        var spec = document.RootElement.Get("spec");
        var completions = spec.Integer("completions");
        return new JobView(stored)
        {
            Completions = completions,
            Parallelism = spec.Integer("parallelism") ?? 1,
            BackoffLimit = spec.Integer("backoffLimit") ?? 6,
            BackoffLimitPerIndex = spec.Integer("backoffLimitPerIndex"),
            MaxFailedIndexes = spec.Integer("maxFailedIndexes"),
            ActiveDeadlineSeconds = spec.Get("activeDeadlineSeconds").ValueKind == JsonValueKind.Number ? spec.Long("activeDeadlineSeconds") : null,
            TtlSeconds = spec.Integer("ttlSecondsAfterFinished"),
            IsIndexed = spec.Text("completionMode") == "Indexed",
            IsSuspended = spec.Flag("suspend"),
            ReplacesOnlyFailed = spec.Text("podReplacementPolicy") == "Failed",
            RestartsInPlace = spec.Get("template").Get("spec").Text("restartPolicy") == "OnFailure",
            ManagedBy = spec.Text("managedBy"),
            Selector = Selectors.Of(spec),
            FailureRules = PodFailureRule.ReadAll(spec),
            SuccessRules = SuccessRule.ReadAll(spec, completions ?? 0),
            Status = JobStatus.Read(document.RootElement.Get("status"), completions ?? int.MaxValue),
        };
    }
}
