using ActorOrchestrator.Actors.Controllers.ReplicaSets;

namespace ActorOrchestrator.Actors.Controllers.Deployments;

/// <summary>
/// The arithmetic of a rolling update (upstream's <c>rolling.go</c>), with differences that make its bounds hold at every moment and not
/// only once every ReplicaSet has caught up: pods that a set has been told to delete and has not yet deleted still count against the
/// surge and no longer as available, and no step is taken before every set has taken note of the last one.
/// </summary>
internal static class RollingUpdate
{
    /// <summary>How many replicas the new set may have now.</summary>
    /// <param name="current">How many it is told to have.</param>
    /// <param name="share">No more than these while it is a canary.</param>
    public static int NewReplicas(DeploymentView deployment, ReplicaSetFamily family, int current, int share = int.MaxValue)
    {
        if (!deployment.IsRollingUpdate || current >= deployment.Replicas)
        {
            return deployment.Replicas;
        }

        if (!family.IsObserved || current >= share)
        {
            return current;
        }

        var room = deployment.MaxReplicas - family.Present;
        return current + Math.Clamp(room, 0, Math.Min(deployment.Replicas, share) - current);
    }

    /// <summary>Takes replicas from the old sets: first those that are not available anyway, then as many as the new set's available ones allow.</summary>
    /// <param name="kept">At least these remain while the new set is a canary.</param>
    public static void ScaleDownOld(DeploymentView deployment, ReplicaSetFamily family, ReplicaSetView current, ReplicaSetEdits edits, int kept = 0)
    {
        if (!family.IsObserved)
        {
            return;
        }

        var newUnavailable = current.Replicas - Available(current);
        var spare = family.Old.Sum(set => set.Replicas) - kept;
        var budget = Math.Min(spare, family.Specified - deployment.MinAvailable - newUnavailable);
        foreach (var set in family.ActiveOld)
        {
            var unhealthy = Math.Min(set.Replicas - Available(set), budget);
            if (unhealthy > 0)
            {
                edits.Scale(set, set.Replicas - unhealthy);
                budget -= unhealthy;
            }
        }

        budget = Math.Min(budget, family.All.Sum(Available) - deployment.MinAvailable);
        foreach (var set in family.ActiveOld)
        {
            var replicas = edits.ReplicasOf(set);
            var fewer = Math.Min(replicas, budget);
            if (fewer > 0)
            {
                edits.Scale(set, replicas - fewer);
                budget -= fewer;
            }
        }
    }

    private static int Available(ReplicaSetView set) => Math.Min(set.Status.Available, set.Replicas);
}
