using System.Collections.Immutable;
using ActorOrchestrator.Actors.Controllers.Deployments.Canaries;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;

namespace ActorOrchestrator.Actors.Controllers.Deployments;

/// <summary>What has just happened that a status alone does not show.</summary>
internal abstract record RolloutNews
{
    public sealed record Created(string ReplicaSet) : RolloutNews;

    public sealed record CreationFailed(string Message) : RolloutNews;

    /// <summary>A ReplicaSet of that name exists and is not ours: the next hash is made with a higher count.</summary>
    public sealed record HashCollision : RolloutNews;
}

/// <summary>Computes a Deployment's status from its ReplicaSets' (upstream's <c>progress.go</c> and <c>calculateStatus</c>).</summary>
internal static class DeploymentStatusBuilder
{
    public const string ProgressingType = "Progressing";
    public const string AvailableType = "Available";
    public const string FailureType = "ReplicaFailure";

    private const string TimedOut = "ProgressDeadlineExceeded";
    private const string NewAvailable = "NewReplicaSetAvailable";
    private const string CanaryWaits = "CanaryWaits";
    private const string PausedReason = "DeploymentPaused";

    /// <param name="rollout">False while scaling or paused: then no progress is estimated.</param>
    public static DeploymentStatus Build(DeploymentView deployment, ReplicaSetFamily family, RolloutNews? news, bool rollout, DateTimeOffset now)
    {
        var before = deployment.Status with { Conditions = Announce(deployment, family, news, now) };
        if (news is RolloutNews.HashCollision)
        {
            before = before with { CollisionCount = (before.CollisionCount ?? 0) + 1 };
        }

        var status = Count(deployment, family, before, now);
        if (AutomaticRollback.Target(deployment, family) is { } target)
        {
            return WithFailures(RolledBack(deployment, family.New!, target, status, now), family);
        }

        var conditions = status.Conditions.Without(AutomaticRollback.ConditionType);
        var canary = deployment.Metadata.DeletionTimestamp is null ? Canary.Of(deployment, family) : null;
        status = status with
        {
            Conditions = canary is null ? conditions.Without(Canary.ConditionType) : Telling(conditions, canary.Condition(deployment, family, now)),
        };
        return rollout ? WithFailures(WithProgress(deployment, family, before, status, now), family) : status;
    }

    /// <summary>The counts alone.</summary>
    public static DeploymentStatus Counted(DeploymentView deployment, ReplicaSetFamily family, DateTimeOffset now) => Count(deployment, family, deployment.Status, now);

    /// <summary>Every replica is of the present template, available, and no other is left.</summary>
    public static bool IsComplete(DeploymentView deployment, DeploymentStatus status) =>
        status.Updated == deployment.Replicas
        && status.Replicas == deployment.Replicas
        && status.Available == deployment.Replicas
        && status.ObservedGeneration >= deployment.Metadata.Generation;

    /// <summary>When a rollout that does not move has to be looked at again.</summary>
    public static DateTimeOffset? NextProgressCheck(DeploymentView deployment, DeploymentStatus status)
    {
        var progressing = status.Progressing;
        if (deployment.ProgressDeadlineSeconds is not { } deadline || progressing?.LastUpdate is not { } updated || deployment.Paused
            || progressing.Reason is TimedOut or NewAvailable or CanaryWaits || IsComplete(deployment, status))
        {
            return null;
        }

        return updated.AddSeconds(deadline).AddSeconds(1);
    }

    /// <summary>The conditions after the news, before they are counted into.</summary>
    private static ImmutableArray<Condition> Announce(DeploymentView deployment, ReplicaSetFamily family, RolloutNews? news, DateTimeOffset now)
    {
        var conditions = deployment.Status.Conditions;
        if (deployment.ProgressDeadlineSeconds is null)
        {
            return conditions;
        }

        var current = conditions.OfType(ProgressingType);
        if (current?.Reason == TimedOut && family.New is { } begun && !deployment.Paused
            && RevisionAnnotations.RevisionOf(begun.Metadata.Annotations) != RevisionAnnotations.RevisionOf(deployment.Metadata.Annotations))
        {
            // What timed out is another template's rollout: this one has its own time.
            return conditions.With(Progressing("True", "FoundNewReplicaSet", $"Found new replica set \"{begun.Name}\"", now));
        }

        if (current?.Reason != TimedOut && deployment.Paused != (current?.Reason == PausedReason))
        {
            return conditions.With(deployment.Paused
                ? Progressing("Unknown", PausedReason, "Deployment is paused", now)
                : Progressing("Unknown", "DeploymentResumed", "Deployment is resumed", now));
        }

        return news switch
        {
            RolloutNews.Created created => conditions.With(Progressing("True", "NewReplicaSetCreated", $"Created new replica set \"{created.ReplicaSet}\"", now)),
            RolloutNews.CreationFailed failed => conditions.With(Progressing("False", "ReplicaSetCreateError", failed.Message, now)),
            null when current is null && family.New is { } found && deployment.Metadata.DeletionTimestamp is null =>
                conditions.With(Progressing("True", "FoundNewReplicaSet", $"Found new replica set \"{found.Name}\"", now)),
            _ => conditions,
        };
    }

    private static DeploymentStatus Count(DeploymentView deployment, ReplicaSetFamily family, DeploymentStatus before, DateTimeOffset now)
    {
        int replicas = 0, ready = 0, available = 0;
        foreach (var set in family.All)
        {
            replicas += set.Status.Replicas;
            ready += set.Status.Ready;
            available += set.Status.Available;
        }

        var enough = available >= deployment.MinAvailable;
        var condition = enough
            ? new Condition(AvailableType, "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
            : new Condition(AvailableType, "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.");
        return before with
        {
            ObservedGeneration = deployment.Metadata.Generation,
            Replicas = replicas,
            Updated = family.New?.Status.Replicas ?? 0,
            Ready = ready,
            Available = available,
            Unavailable = Math.Max(0, family.Specified - available),
            Conditions = before.Conditions.With(condition with { LastUpdate = now, LastTransition = now }),
        };
    }

    private static DeploymentStatus WithProgress(
        DeploymentView deployment, ReplicaSetFamily family, DeploymentStatus before, DeploymentStatus status, DateTimeOffset now)
    {
        if (deployment.ProgressDeadlineSeconds is not { } deadline)
        {
            return status with { Conditions = status.Conditions.Without(ProgressingType) };
        }

        var current = before.Progressing;
        if (status.Replicas == status.Updated && current?.Reason == NewAvailable)
        {
            // The rollout has ended before; what happens since is not progress.
            return status;
        }

        var who = family.New is { } set ? $"ReplicaSet \"{set.Name}\"" : $"Deployment \"{deployment.Name}\"";
        if (IsComplete(deployment, status))
        {
            return status with { Conditions = status.Conditions.With(Progressing("True", NewAvailable, $"{who} has successfully progressed.", now)) };
        }

        if (current?.Reason != TimedOut && Canary.Of(deployment, family) is { } canary && (canary.Since is not null || canary.Plan is null))
        {
            // It is watched, or waits to be told right: the time that this takes is not the rollout's.
            var why = canary.Plan is null ? "waits: its canary annotations cannot be understood" : "is a canary that is being watched";
            return status with { Conditions = status.Conditions.With(Progressing("True", CanaryWaits, $"{who} {why}.", now)) };
        }

        if (HasProgressed(before, status) || current?.Reason == CanaryWaits)
        {
            return status with { Conditions = status.Conditions.Replacing(Progressing("True", "ReplicaSetUpdated", $"{who} is progressing.", now)) };
        }

        // The last rollout had succeeded and this one has not begun to be counted, or the deadline has not passed.
        var timedOut = current?.LastUpdate is { } updated && current.Reason is not (NewAvailable or TimedOut) && now > updated.AddSeconds(deadline);
        return timedOut
            ? status with { Conditions = status.Conditions.With(Progressing("False", TimedOut, $"{who} has timed out progressing.", now)) }
            : status;
    }

    private static bool HasProgressed(DeploymentStatus before, DeploymentStatus status) =>
        status.Updated > before.Updated
        || status.Replicas - status.Updated < before.Replicas - before.Updated
        || status.Ready > before.Ready
        || status.Available > before.Available;

    /// <summary>
    /// A rollout that was given up has failed in the one way that every client knows: <c>kubectl rollout status</c> ends with an error at once
    /// instead of waiting for ever.
    /// </summary>
    private static DeploymentStatus RolledBack(DeploymentView deployment, ReplicaSetView failed, ReplicaSetView target, DeploymentStatus status, DateTimeOffset now)
    {
        var condition = AutomaticRollback.Condition(deployment, failed, target, now);
        var conditions = status.Conditions;
        if (deployment.ProgressDeadlineSeconds is not null)
        {
            conditions = Telling(conditions, Progressing("False", TimedOut, condition.Message, now));
        }

        return status with { Conditions = Telling(conditions.Without(Canary.ConditionType), condition) };
    }

    /// <summary>Here the message is news too.</summary>
    private static ImmutableArray<Condition> Telling(ImmutableArray<Condition> conditions, Condition condition) =>
        conditions.OfType(condition.Type)?.Message == condition.Message ? conditions.With(condition) : conditions.Replacing(condition);

    private static DeploymentStatus WithFailures(DeploymentStatus status, ReplicaSetFamily family)
    {
        var sets = family.New is null ? family.Old : family.Old.Insert(0, family.New);
        var failure = sets.Select(set => set.Status.Conditions.OfType(FailureType)).FirstOrDefault(condition => condition is not null);
        return status with
        {
            Conditions = failure is null
                ? status.Conditions.Without(FailureType)
                : status.Conditions.With(failure with { LastUpdate = failure.LastTransition }),
        };
    }

    private static Condition Progressing(string status, string reason, string message, DateTimeOffset now) =>
        new(ProgressingType, status, reason, message) { LastUpdate = now, LastTransition = now };
}
