using ActorOrchestrator.Actors.Controllers.ReplicaSets;

namespace ActorOrchestrator.Actors.Controllers.Deployments;

/// <summary>
/// A Deployment that changes its size, perhaps in the middle of a rollout: one set that has all the pods simply follows; several share the
/// difference by their sizes (upstream's <c>scale</c> in <c>sync.go</c>). As in <see cref="RollingUpdate"/>, pods that a set has yet to delete leave no room
/// for others to grow.
/// </summary>
internal static class ProportionalScaling
{
    /// <summary>The Deployment's size is not the one that its sets were scaled for. Several sets are only ever shared out by a rolling update; Recreate stops the old ones first.</summary>
    public static bool IsNeeded(DeploymentView deployment, ReplicaSetFamily family)
    {
        var active = family.All.Where(set => set.IsActive).ToArray();
        return (deployment.IsRollingUpdate || active.Length == 1)
            && active.Any(set => RevisionAnnotations.Size(set, RevisionAnnotations.Desired) is { } desired && desired != deployment.Replicas);
    }

    public static void Scale(DeploymentView deployment, ReplicaSetFamily family, ReplicaSetEdits edits)
    {
        if (OnlyActiveOrNewest(family) is { } only)
        {
            edits.Scale(only, Math.Min(deployment.Replicas, Math.Max(only.Replicas, RoomBeside(only, deployment, family))));
            return;
        }

        if (family.New is { } current && IsSaturated(deployment, current))
        {
            foreach (var old in family.ActiveOld)
            {
                edits.Scale(old, 0);
            }
        }
        else if (deployment.IsRollingUpdate)
        {
            ShareOut(deployment, family, edits);
        }
    }

    /// <summary>The set to scale when there is no question which: the only one with pods, or, when none has any, the newest. Null when there are several.</summary>
    private static ReplicaSetView? OnlyActiveOrNewest(ReplicaSetFamily family)
    {
        var active = family.All.Where(set => set.IsActive).Take(2).ToArray();
        return active.Length switch
        {
            0 => family.New ?? family.Old.LastOrDefault(),
            1 => active[0],
            _ => null,
        };
    }

    /// <summary>What the other sets leave of the most pods that there may be.</summary>
    private static int RoomBeside(ReplicaSetView set, DeploymentView deployment, ReplicaSetFamily family)
    {
        var others = family.All.Where(other => other.Name != set.Name).ToArray();
        return !deployment.IsRollingUpdate ? deployment.Replicas
            : others.All(other => other.IsObserved) ? deployment.MaxReplicas - others.Sum(other => other.Present)
            : 0;
    }

    /// <summary>The new set has all it should have and all of it is available.</summary>
    private static bool IsSaturated(DeploymentView deployment, ReplicaSetView set) =>
        set.Replicas == deployment.Replicas
        && RevisionAnnotations.Size(set, RevisionAnnotations.Desired) == deployment.Replicas
        && set.Status.Available == deployment.Replicas;

    private static void ShareOut(DeploymentView deployment, ReplicaSetFamily family, ReplicaSetEdits edits)
    {
        var allowed = deployment.Replicas > 0 ? deployment.MaxReplicas : 0;
        var difference = allowed - family.Specified;
        if (difference > 0)
        {
            if (!family.IsObserved)
            {
                // Who grows by how much is decided when every set has said what it has.
                return;
            }

            difference = Math.Clamp(allowed - family.Present, 0, difference);
        }

        var active = family.All.Where(set => set.IsActive);

        // Larger sets first; of equal ones the newer grows first and the older shrinks first.
        var sets = (difference > 0
            ? active.OrderByDescending(set => set.Replicas).ThenByDescending(set => set, ReplicaSetFamily.OldestFirst)
            : active.OrderByDescending(set => set.Replicas).ThenBy(set => set, ReplicaSetFamily.OldestFirst)).ToArray();
        var sizes = new int[sets.Length];
        var shared = 0;
        for (var i = 0; i < sets.Length; i++)
        {
            var share = Share(deployment, sets[i], difference, shared);
            sizes[i] = sets[i].Replicas + share;
            shared += share;
        }

        for (var i = 0; i < sets.Length; i++)
        {
            // What rounding left over goes to the largest.
            var size = i == 0 ? sizes[i] + (difference - shared) : sizes[i];
            edits.Scale(sets[i], Math.Max(0, size));
        }
    }

    private static int Share(DeploymentView deployment, ReplicaSetView set, int difference, int shared)
    {
        var left = difference - shared;
        if (difference == 0 || left == 0)
        {
            return 0;
        }

        var fraction = Fraction(deployment, set);
        return difference > 0 ? Math.Min(fraction, left) : Math.Max(fraction, left);
    }

    private static int Fraction(DeploymentView deployment, ReplicaSetView set)
    {
        if (deployment.Replicas == 0)
        {
            return -set.Replicas;
        }

        // Without a note of how large the Deployment was, what it has is the best guess.
        var before = RevisionAnnotations.Size(set, RevisionAnnotations.Max) is > 0 and var noted ? noted : deployment.Status.Replicas;
        if (before == 0)
        {
            return 0;
        }

        return (int)Math.Round((double)set.Replicas * deployment.MaxReplicas / before, MidpointRounding.AwayFromZero) - set.Replicas;
    }
}
