using System.Collections.Immutable;
using System.Globalization;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Rollouts;

namespace ActorOrchestrator.Actors.Controllers.Deployments.Canaries;

/// <summary>
/// A rollout that replaces a share of the pods first and looks at them before it goes on.
/// </summary>
/// <remarks>
/// <code>
///   rolling to the step's share ──all of it available──▶ baking ──time is over──▶ the next step's share … every replica
///        ▲                                                │    └──step pauses──▶ Deployment paused ──resumed──▶ the next step
///        └──────────────a pod is not available────────────┤
///                                                         └──analysis fails──▶ rolled back
/// </code>
/// 1. Until a step has passed, the new set has no more than its share and the old ones keep the rest.
/// 2. Where the canary is stands on the new ReplicaSet, with the revision it belongs to: a crash loses nothing, and the next template begins anew.
/// 3. There is no canary where there is nothing to protect: on the way to the first revision that works, or back to the last one that did.
/// </remarks>
/// <param name="Plan">Null when the annotations cannot be understood: then nothing goes on.</param>
/// <param name="Step">From 0; as many as there are steps when all have passed.</param>
/// <param name="Since">When the whole share was available; null while it is not.</param>
internal sealed record Canary(CanaryPlan? Plan, ImmutableArray<CanaryProblem> Problems, long Revision, int Step, DateTimeOffset? Since)
{
    public const string ConditionType = "Canary";

    /// <summary>On the Deployment: the revision and step it was paused at by its canary, so that a resume is known for what it is.</summary>
    public const string PausedAtAnnotation = "orchestrator/canary-paused-at";

    /// <summary>How often the pods of a canary are asked while they are watched.</summary>
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(10);

    public static Canary? Of(DeploymentView deployment, ReplicaSetFamily family)
    {
        if (!deployment.IsRollingUpdate || !deployment.Metadata.Annotations.ContainsKey(CanaryPlan.StepsAnnotation) || family.LastProven is null
            || family.New?.IsProven() == true || AutomaticRollback.Target(deployment, family) is not null)
        {
            return null;
        }

        var plan = CanaryPlan.Read(deployment.Metadata.Annotations, out var problems);
        var revision = Math.Max(RevisionAnnotations.NextAfter(family.Old), RevisionAnnotations.RevisionOf(family.New?.Metadata.Annotations ?? ImmutableDictionary<string, string>.Empty));
        var (step, since) = family.New is { } current ? Progress(current, revision) : (0, null);
        if (plan is not null && step >= plan.Steps.Length)
        {
            return null;
        }

        var canary = new Canary(plan, problems, revision, step, since);
        var rest = family.Old.Sum(set => set.Replicas);
        return rest + canary.Share(deployment, family.New) >= deployment.Replicas ? canary : null;
    }

    private bool IsPausedHere(DeploymentView deployment) => deployment.Metadata.Annotations.GetValueOrDefault(PausedAtAnnotation) == $"{Revision}/{Step}";

    /// <summary>The most replicas that the new set may have now; it is not made smaller than it is.</summary>
    public int Share(DeploymentView deployment, ReplicaSetView? current) => Math.Max(current?.Replicas ?? 0, Plan?.Steps[Step].Share(deployment.Replicas) ?? 0);

    /// <summary>Does the share run, and no more of the old than is left beside it?</summary>
    private bool IsReached(DeploymentView deployment, ReplicaSetFamily family, ReplicaSetView current) =>
        Plan is not null
        && family.IsObserved
        && current.Replicas >= Plan.Steps[Step].Share(deployment.Replicas)
        && current.Status.Available >= current.Replicas
        && family.Old.Sum(set => set.Replicas) <= deployment.Replicas - Math.Min(deployment.Replicas, current.Replicas);

    /// <summary>What a look at a canary that has its size does: begins to watch it, goes on watching, pauses, or takes the next step.</summary>
    /// <param name="edits">Where the new set's note goes.</param>
    /// <returns>What is to be done beside the edits, and when to look again.</returns>
    public (PlanAction? Action, DateTimeOffset? LookAt) Watch(DeploymentView deployment, ReplicaSetFamily family, ReplicaSetEdits edits, bool isChecked, DateTimeOffset now)
    {
        if (Plan is not { } plan || family.New is not { } current)
        {
            return default;
        }

        if (!IsReached(deployment, family, current))
        {
            if (Since is not null)
            {
                edits.Note(current, RolloutMarks.Canary, this with { Since = null });
            }

            return default;
        }

        var step = plan.Steps[Step];
        if (Since is not { } since)
        {
            edits.Note(current, RolloutMarks.Canary, this with { Since = now });
            Tell($"{HowMany(current, deployment)} available{(step.Bake > TimeSpan.Zero ? $" and watched until {Text(now + step.Bake)}" : "")}");
            return default;
        }

        if (!isChecked)
        {
            return (null, now + CheckInterval);
        }

        if (now < since + step.Bake)
        {
            var next = now + CheckInterval;
            return (null, plan.Http is not null && next < since + step.Bake ? next : since + step.Bake);
        }

        if (step.Pauses && !IsPausedHere(deployment))
        {
            Tell($"{HowMany(current, deployment)} available; the rollout waits for \"kubectl rollout resume deployment/{deployment.Name}\"");
            return (Pause(deployment), null);
        }

        edits.Note(current, RolloutMarks.Canary, new Canary(Plan, Problems, Revision, Step + 1, null));
        Tell(Step + 1 < plan.Steps.Length ? $"passed, {plan.Steps[Step + 1]} come next" : "passed, all replicas follow");
        return default;

        void Tell(string what) => edits.Tell(RecordEvent.Normal(deployment.Stored, "CanaryStep", $"Canary step {Step + 1} of {plan.Steps.Length} ({step}) of revision {Revision}: {what}"));
    }

    /// <summary>The addresses to ask now; empty when there is nothing to ask, or no use in it.</summary>
    public ImmutableArray<Uri> Addresses(DeploymentView deployment, ReplicaSetFamily family, ClusterSnapshot snapshot)
    {
        if (Plan?.Http is not { } check || Since is null || family.New is not { } current || !IsReached(deployment, family, current))
        {
            return [];
        }

        return [.. AutomaticRollback.PodsOf(current, snapshot).Select(pod => pod.Stored.ToJson().Object("status")?.Text("podIP") ?? "").Where(ip => ip.Length > 0)
            .Select(ip => new Uri($"http://{(ip.Contains(':') ? $"[{ip}]" : ip)}:{check.Port.ToString(CultureInfo.InvariantCulture)}{check.Path}"))];
    }

    public RolloutFailure CheckFailed(string why) => new(Revision, "CanaryCheckFailed", $"canary step {Step + 1} of {Plan!.Steps.Length}: {why}");

    /// <summary>Restarts are counted as long as the canary goes on.</summary>
    public RolloutFailure? Restarted(ReplicaSetView current, ClusterSnapshot snapshot)
    {
        if (Plan?.MaxRestarts is not { } most || AutomaticRollback.PodsOf(current, snapshot).FirstOrDefault(pod => pod.Restarts > most) is not { } pod)
        {
            return null;
        }

        return new RolloutFailure(
            Revision, "CanaryRestarts", $"canary step {Step + 1} of {Plan.Steps.Length}: pod {pod.Stored.Key.Name} restarted {pod.Restarts} times, at most {most} are allowed");
    }

    public Condition Condition(DeploymentView deployment, ReplicaSetFamily family, DateTimeOffset now)
    {
        var (status, reason, message) = (Plan, Since) switch
        {
            (null, _) => ("False", "InvalidCanary", $"Nothing is rolled out: {string.Join("; ", Problems.Select(problem => $"annotation {problem.Annotation}: \"{problem.Value}\": {problem.Detail}"))}"),
            _ when deployment.Paused && IsPausedHere(deployment) => ("True", "Paused", $"{Where(family)}; it waits for \"kubectl rollout resume deployment/{deployment.Name}\""),
            (_, { } since) => ("True", "Baking", $"{Where(family)}; all available since {Text(since)}{Until(since)}"),
            _ => ("True", "Rolling", Where(family)),
        };
        return new Condition(ConditionType, status, reason, message) { LastUpdate = now, LastTransition = now };

        string Where(ReplicaSetFamily sets) => $"Step {Step + 1} of {Plan!.Steps.Length}: revision {Revision} gets {Plan.Steps[Step]} ({Share(deployment, sets.New)} of {deployment.Replicas} replicas)";
        string Until(DateTimeOffset since) => Plan!.Steps[Step].Bake is { Ticks: > 0 } bake ? $", watched until {Text(since + bake)}" : "";
    }

    /// <summary>As noted on the ReplicaSet: revision, step, and since when.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Revision}/{Step}/{(Since is { } since ? since.ToString("O", CultureInfo.InvariantCulture) : "")}");

    private static (int Step, DateTimeOffset? Since) Progress(ReplicaSetView set, long revision)
    {
        var parts = set.Metadata.Annotations.GetValueOrDefault(RolloutMarks.Canary, "").Split('/');
        if (parts.Length != 3 || parts[0] != revision.ToString(CultureInfo.InvariantCulture)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var step))
        {
            return default;
        }

        return (step, DateTimeOffset.TryParse(parts[2], CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var since) ? since : null);
    }

    private ChangeObject Pause(DeploymentView deployment) => ChangeObject.Of(deployment.Stored, (_, tree) =>
    {
        tree.Ensure("spec")["paused"] = true;
        tree.Ensure("metadata").Ensure("annotations")[PausedAtAnnotation] = $"{Revision}/{Step}";
        return tree;
    }) with { Act = "pause canary" };

    private static string HowMany(ReplicaSetView current, DeploymentView deployment) => $"{current.Replicas} of {deployment.Replicas} replicas are";

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
