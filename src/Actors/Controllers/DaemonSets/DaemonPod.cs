using System.Globalization;
using System.Text.Json;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Actors.Controllers.Revisions;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.DaemonSets;

/// <summary>A pod of a DaemonSet.</summary>
/// <param name="Node">The node that it is on, or is meant for.</param>
internal sealed record DaemonPod(PodView Pod, string Node)
{
    /// <summary>How many pods before this one failed on its node, so that the next one can wait longer: nothing else remembers it.</summary>
    public const string FailuresAnnotation = "orchestrator/daemon-failures";

    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(15);
    private static readonly ViewCache<DaemonPod> Views = new(Read);

    public StoredObject Stored => Pod.Stored;
    public string Hash => Stored.Metadata.Labels.GetValueOrDefault(RevisionView.PodLabel, "");
    public bool IsTerminating => Stored.Metadata.DeletionTimestamp is not null;
    public bool IsFinished => Pod.Phase is "Failed" or "Succeeded";

    public int Failures =>
        int.TryParse(Stored.Metadata.Annotations.GetValueOrDefault(FailuresAnnotation, ""), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;

    /// <summary>A failed pod is replaced then: the first at once, each after it twice as long after its creation, as upstream's failedPodsBackoff.</summary>
    public DateTimeOffset ReplaceFrom
    {
        get
        {
            var wait = Failures == 0 ? TimeSpan.Zero : FirstWait * Math.Pow(2, Math.Min(Failures - 1, 20));
            return (Stored.Metadata.CreationTimestamp ?? DateTimeOffset.MinValue) + (wait > LongestWait ? LongestWait : wait);
        }
    }

    public static DaemonPod Of(StoredObject pod) => Views[pod];

    /// <summary>The count for the pod after this one; one that lived for long was no part of a row of failures.</summary>
    public int FailuresAfter(DateTimeOffset now) => now - Stored.Metadata.CreationTimestamp > 2 * LongestWait ? 1 : Failures + 1;

    public bool IsAvailable(int minReadySeconds, DateTimeOffset now) => Pod.AvailableFrom(minReadySeconds) <= now;

    private static DaemonPod Read(StoredObject pod)
    {
        using var document = JsonDocument.Parse(pod.Utf8);
        return new DaemonPod(PodView.Of(pod), DaemonPlacement.TargetOf(document.RootElement.Get("spec")));
    }
}
