using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Jobs;

/// <summary>A container that ended, as far as failure rules look at it.</summary>
public readonly record struct EndedContainer(string Name, int ExitCode);

/// <summary>A pod as the Job controller sees it.</summary>
public sealed record JobPod(StoredObject Stored)
{
    public const string IndexAnnotation = "batch.kubernetes.io/job-completion-index";
    public const string FailureCountAnnotation = "batch.kubernetes.io/job-index-failure-count";
    public const string IgnoredFailureCountAnnotation = "batch.kubernetes.io/job-index-ignored-failure-count";
    private static readonly ViewCache<JobPod> Views = new(Read);

    public string Phase { get; private init; } = "";
    public bool IsReady { get; private init; }

    /// <summary>Of all its containers together.</summary>
    public int Restarts { get; private init; }
    public ImmutableArray<EndedContainer> Ended { get; private init; } = [];
    public ImmutableArray<(string Type, string Status)> Conditions { get; private init; } = [];

    /// <summary>When its last container ended, or when it was asked to go.</summary>
    public DateTimeOffset FinishedAt { get; private init; }

    /// <summary>Null when it has none.</summary>
    public int? Index { get; private init; }
    public int IndexFailures { get; private init; }
    public int IgnoredIndexFailures { get; private init; }

    public string Uid => Stored.Uid;
    public bool IsTracked => Stored.Metadata.Finalizers.Contains(JobView.TrackingFinalizer);
    public bool IsDeleting => Stored.Metadata.DeletionTimestamp is not null;
    public bool HasSucceeded => Phase == "Succeeded";
    public bool IsDone => Phase is "Succeeded" or "Failed";
    public bool IsActive => !IsDone && !IsDeleting;
    public bool IsTerminating => !IsDone && IsDeleting;

    /// <summary>Counts as failed: it did, or it is on its way out without having succeeded, where that is reason enough to replace it.</summary>
    public bool HasFailed(JobView job) => Phase == "Failed" || (!job.ReplacesOnlyFailed && IsDeleting && Phase != "Succeeded");

    public static JobPod Of(StoredObject pod) => Views[pod];

    private static JobPod Read(StoredObject pod)
    {
        using var document = JsonDocument.Parse(pod.Utf8);
        var status = document.RootElement.Get("status");
        var ended = ImmutableArray.CreateBuilder<EndedContainer>();
        var restarts = 0;
        DateTimeOffset? last = null;
        foreach (var container in status.Items("initContainerStatuses").Concat(status.Items("containerStatuses")))
        {
            restarts += container.Integer("restartCount") ?? 0;
            if (container.Get("state").Get("terminated") is { ValueKind: JsonValueKind.Object } terminated)
            {
                ended.Add(new EndedContainer(container.Text("name"), terminated.Integer("exitCode") ?? 0));
                last = terminated.Time("finishedAt") is { } time && !(time <= last) ? time : last;
            }
        }

        return new JobPod(pod)
        {
            Phase = status.Text("phase"),
            IsReady = status.Items("conditions").Any(condition => condition.Text("type") == "Ready" && condition.Text("status") == "True"),
            Restarts = restarts,
            Ended = ended.ToImmutable(),
            Conditions = [.. status.Items("conditions").Select(condition => (condition.Text("type"), condition.Text("status")))],
            FinishedAt = last ?? pod.Metadata.DeletionTimestamp ?? pod.Metadata.CreationTimestamp ?? DateTimeOffset.MinValue,
            Index = Number(pod, IndexAnnotation),
            IndexFailures = Number(pod, FailureCountAnnotation) ?? 0,
            IgnoredIndexFailures = Number(pod, IgnoredFailureCountAnnotation) ?? 0,
        };
    }

    private static int? Number(StoredObject pod, string annotation) =>
        pod.Metadata.Annotations.TryGetValue(annotation, out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
