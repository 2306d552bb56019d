using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Deployments.Canaries;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Deployments;

/// <summary>
/// A rollout that fails goes back to the last revision that was fully available.
/// </summary>
/// <remarks>
/// <code>
///   rolling ──every replica new and available──▶ proven (noted on its ReplicaSet)
///      │
///      └──failed, and a proven revision is there──▶ failed (noted on its ReplicaSet) ──▶ the proven ReplicaSet gets all replicas
/// </code>
/// The Deployment's specification is left alone: what a user or a GitOps tool applied stays theirs, nobody's next apply meets a conflict or
/// sees a difference to repair, and <c>kubectl rollout status</c> says that the rollout failed. What runs is said by the ReplicaSets, the events and the
/// condition. A template that failed is refused for as long as its ReplicaSet is in the history; any change of it is a new template and is tried.
/// </remarks>
internal static class AutomaticRollback
{
    public const string Annotation = "orchestrator/auto-rollback";
    public const string ConditionType = "RolledBack";
    private const string TimedOut = "ProgressDeadlineExceeded";

    public static bool IsOn(DeploymentView deployment) => deployment.Metadata.Annotations.GetValueOrDefault(Annotation) != "false";

    /// <summary>The set to go back to while the present template counts as failed; null when nothing is rolled back.</summary>
    public static ReplicaSetView? Target(DeploymentView deployment, ReplicaSetFamily family) =>
        IsOn(deployment) && family.New?.FailureOf() is not null ? family.LastProven : null;

    /// <summary>Is the rollout that goes on now to be given up?</summary>
    /// <param name="canary">With a canary one failing pod is enough; otherwise there must be at least as many as there are available ones: a single bad node is not the template's fault.</param>
    public static RolloutFailure? Judge(DeploymentView deployment, ReplicaSetFamily family, ClusterSnapshot snapshot, Canary? canary, DateTimeOffset now)
    {
        if (!CanGiveUp(deployment, family) || deployment.Paused || !IsOfThisRollout(deployment, family))
        {
            return null;
        }

        var (current, last) = (family.New!, family.LastProven!);

        var revision = RevisionAnnotations.RevisionOf(current.Metadata.Annotations);
        var pods = PodsOf(current, snapshot);
        var failing = pods.Where(pod => pod.Failure is not null).ToArray();
        var available = pods.Count(pod => pod.AvailableFrom(deployment.MinReadySeconds) <= now);
        if (failing.Length > 0 && (canary is not null || failing.Length >= available) && IsHealthy(last, snapshot))
        {
            var (pod, failure) = (failing[0].Stored.Key.Name, failing[0].Failure!);
            var told = failure.Message.Length > 0 ? $": {failure.Message}" : "";
            return new RolloutFailure(
                revision, failure.Reason, $"{failing.Length} of {pods.Length} new pods cannot run; container \"{failure.Container}\" of pod {pod} is in {failure.Reason}{told}");
        }

        if (canary?.Restarted(current, snapshot) is { } restarted)
        {
            return restarted;
        }

        return deployment.Status.Progressing is { Status: "False", Reason: TimedOut }
            ? new RolloutFailure(
                revision, TimedOut, $"{available} of {current.Replicas} new pods are available and there was no progress for {deployment.ProgressDeadlineSeconds} seconds")
            : null;
    }

    /// <summary>A rollout is going on, and there is a way back.</summary>
    public static bool CanGiveUp(DeploymentView deployment, ReplicaSetFamily family) =>
        IsOn(deployment) && family.New is { } current && !current.IsProven() && current.FailureOf() is null && family.LastProven is not null;

    /// <summary>Notes the failure; all that follows is derived from that note.</summary>
    public static Plan GiveUp(ReplicaSetFamily family, RolloutFailure failure)
    {
        var failed = family.New!;
        return Plan.Do(ChangeObject.Of(failed.Stored, (_, tree) =>
        {
            tree.Ensure("metadata")["annotations"] = Annotations(failed.Metadata.Annotations.WithFailure(failure));
            return tree;
        }) with { Act = "roll back" });
    }

    /// <summary>
    /// What is to be told before a status that tells it is written. Under a name that follows from what is said, so that it is told exactly once, whenever
    /// the control plane dies: until the status says it, it is told again, and then it is there already.
    /// </summary>
    public static IEnumerable<RecordEvent> News(DeploymentView deployment, DeploymentStatus status)
    {
        if (status.Conditions.OfType(ConditionType) is { } told && told.Message != deployment.Status.Conditions.OfType(ConditionType)?.Message)
        {
            var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{deployment.Stored.Uid} {told.Message}")).AsSpan(0, 8));
            yield return RecordEvent.Warn(deployment.Stored, "DeploymentRollback", told.Message) with { Once = name };
        }
    }

    public static Condition Condition(DeploymentView deployment, ReplicaSetView failed, ReplicaSetView target, DateTimeOffset now)
    {
        var failure = failed.FailureOf()!;
        var revision = RevisionAnnotations.RevisionOf(failed.Metadata.Annotations);
        return new Condition(ConditionType, "True", failure.Reason, Message(deployment, revision, failure, target)) { LastUpdate = now, LastTransition = now };
    }

    /// <summary>What is said, in the event and in the conditions.</summary>
    private static string Message(DeploymentView deployment, long revision, RolloutFailure failure, ReplicaSetView target)
    {
        var back = RevisionAnnotations.RevisionOf(target.Metadata.Annotations);
        var happened = revision == failure.Revision
            ? $"Rolled back from revision {revision} to revision {back}: {failure.Message}."
            : $"Revision {revision} is refused, revision {back} runs: its template failed as revision {failure.Revision} ({failure.Message}).";
        return $"{happened} The template is not tried again until it changes; \"kubectl rollout restart deployment/{deployment.Name}\" tries it as it is.";
    }

    private static JsonObject Annotations(ImmutableDictionary<string, string> annotations) =>
        new(annotations.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));

    /// <summary>The status speaks of the rollout of the present template already, and no longer of the one before.</summary>
    private static bool IsOfThisRollout(DeploymentView deployment, ReplicaSetFamily family)
    {
        var revision = RevisionAnnotations.RevisionOf(family.New!.Metadata.Annotations);
        return revision >= RevisionAnnotations.NextAfter(family.Old) && revision == RevisionAnnotations.RevisionOf(deployment.Metadata.Annotations);
    }

    /// <summary>None of its pods fails the way the new ones do; when it has any left, some are ready.</summary>
    private static bool IsHealthy(ReplicaSetView set, ClusterSnapshot snapshot)
    {
        var pods = PodsOf(set, snapshot);
        return pods.All(pod => pod.Failure is null) && (set.Replicas == 0 || pods.Any(pod => pod.IsReady));
    }

    public static ImmutableArray<PodView> PodsOf(ReplicaSetView set, ClusterSnapshot snapshot) =>
        [.. snapshot.OwnedBy(set.Stored.Uid).Where(pod => pod.Key.Type == ResourceTypes.Pods).Select(PodView.Of).Where(pod => pod.IsActive)];
}
