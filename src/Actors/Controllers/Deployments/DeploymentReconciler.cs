using System.Collections.Immutable;
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
/// Moves a Deployment's pods from its old templates to its present one by scaling ReplicaSets (upstream's
/// <c>pkg/controller/deployment</c>). One look makes one move; the facts of that move make the next look.
/// </summary>
/// <remarks>
/// 1. The sets' sizes never add up to more than replicas + maxSurge, and are never lowered so far that fewer than
///    replicas - maxUnavailable pods stay available.
/// 2. Every write names the revision it was decided on: a set that changed meanwhile is looked at again.
/// </remarks>
/// <param name="probe">Asks the pods of canaries that want to be asked: the only thing here that is not of this cluster's state, and only ever carried out as a step of a plan.</param>
public sealed class DeploymentReconciler(ICanaryProbe probe)
{
    public Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is null)
        {
            return Plan.Nothing;
        }

        var deployment = DeploymentView.Of(observed.Object);
        if (deployment.Selector.IsEverything)
        {
            return SelectsAll(deployment);
        }

        var family = ReplicaSetFamily.Of(deployment, observed.Snapshot);
        if (!family.Adoptions.IsEmpty)
        {
            return Plan.Together(family.Adoptions) with { Then = (outcome, after, later) => outcome.Ok ? Reconcile(after, later) : Plan.Nothing };
        }

        if (deployment.Metadata.DeletionTimestamp is not null)
        {
            return Status(deployment, family, null, rollout: false, now);
        }

        if (AnnotatedRollback.Of(deployment, family) is { } asked)
        {
            return asked;
        }

        var canary = Canary.Of(deployment, family);
        if (AutomaticRollback.Judge(deployment, family, observed.Snapshot, canary, now) is { } failure)
        {
            return GiveUp(family, failure);
        }

        if (!deployment.Paused && canary?.Addresses(deployment, family, observed.Snapshot) is { IsEmpty: false } addresses)
        {
            return Ask(addresses);
        }

        return Move(deployment, family, canary, observed.Snapshot, isChecked: canary?.Plan?.Http is null, now);
    }

    private Plan GiveUp(ReplicaSetFamily family, RolloutFailure failure) =>
        AutomaticRollback.GiveUp(family, failure) with { Then = (outcome, after, later) => outcome.Ok ? Reconcile(after, later) : Plan.Nothing };

    /// <summary>A canary that is asked goes on with the answer.</summary>
    private Plan Ask(ImmutableArray<Uri> addresses)
    {
        string? refusal = null;
        var ask = new CallServer(async cancellation =>
        {
            refusal = await probe.FailureAsync(addresses, cancellation).ConfigureAwait(false);
            return null;
        });
        return Plan.Do(ask) with
        {
            Then = (_, after, later) =>
            {
                if (after.Object is null)
                {
                    return Plan.Nothing;
                }

                var deployment = DeploymentView.Of(after.Object);
                var family = ReplicaSetFamily.Of(deployment, after.Snapshot);
                if (!family.Adoptions.IsEmpty || deployment.Metadata.DeletionTimestamp is not null || Canary.Of(deployment, family) is not { } canary)
                {
                    return Plan.Nothing;
                }

                return refusal is not null && !deployment.Paused && AutomaticRollback.CanGiveUp(deployment, family)
                    ? GiveUp(family, canary.CheckFailed(refusal))
                    : Move(deployment, family, canary, after.Snapshot, isChecked: refusal is null, later);
            },
        };
    }

    private static Plan Move(DeploymentView deployment, ReplicaSetFamily family, Canary? canary, ClusterSnapshot snapshot, bool isChecked, DateTimeOffset now)
    {
        var edits = EditsOf(deployment, family, now);
        if (AutomaticRollback.Target(deployment, family) is { } target)
        {
            family = family.TurnedTo(target);
        }

        var isResized = ProportionalScaling.IsNeeded(deployment, family);
        if (deployment.Paused || isResized)
        {
            // Upstream shares a paused rollout's surge out among its sets. A canary that is paused stays as it is.
            return Resize(deployment, family, edits, isScaled: isResized || canary is null, now);
        }

        return deployment.IsRollingUpdate ? Roll(deployment, family, canary, edits, isChecked, now) : Recreate(deployment, family, edits, snapshot, now);
    }

    private static Plan Resize(DeploymentView deployment, ReplicaSetFamily family, ReplicaSetEdits edits, bool isScaled, DateTimeOffset now)
    {
        if (isScaled)
        {
            ProportionalScaling.Scale(deployment, family, edits);
        }

        var plan = Plan.Together(edits.Actions).And(deployment.Paused ? Surplus(deployment, family) : []);
        return Finish(plan, deployment, family, rollout: false, now);
    }

    private static Plan Roll(DeploymentView deployment, ReplicaSetFamily family, Canary? canary, ReplicaSetEdits edits, bool isChecked, DateTimeOffset now)
    {
        var share = canary?.Share(deployment, family.New) ?? int.MaxValue;
        if (family.New is not { } current)
        {
            return Create(deployment, family, Math.Min(share, RollingUpdate.NewReplicas(deployment, family, 0, share)));
        }

        var wanted = RollingUpdate.NewReplicas(deployment, family, current.Replicas, share);
        if (wanted != current.Replicas)
        {
            edits.Scale(current, wanted);
        }
        else
        {
            RollingUpdate.ScaleDownOld(deployment, family, current, edits, Math.Max(0, deployment.Replicas - share));
        }

        var (action, lookAt) = canary is null || edits.AnyScaled ? default : canary.Watch(deployment, family, edits, isChecked, now);
        var plan = Plan.Together(edits.Actions).And(action is not null ? [action] : edits.AnyScaled ? [] : SurplusWhenComplete(deployment, family));
        return Finish(plan, deployment, family, rollout: true, now).NotLaterThan(lookAt);
    }

    private static Plan Recreate(DeploymentView deployment, ReplicaSetFamily family, ReplicaSetEdits edits, ClusterSnapshot snapshot, DateTimeOffset now)
    {
        if (family.ActiveOld.Any())
        {
            foreach (var old in family.ActiveOld)
            {
                edits.Scale(old, 0);
            }
        }
        else if (!family.Old.Any(old => HasPodsLeft(old, snapshot)))
        {
            if (family.New is not { } current)
            {
                return Create(deployment, family, deployment.Replicas);
            }

            if (current.Replicas != deployment.Replicas)
            {
                edits.Scale(current, deployment.Replicas);
            }
        }

        var plan = Plan.Together(edits.Actions).And(edits.AnyScaled ? [] : SurplusWhenComplete(deployment, family));
        return Finish(plan, deployment, family, rollout: true, now);
    }

    /// <summary>A pod that is terminating still runs: the old version must be gone for good before the new one starts.</summary>
    private static bool HasPodsLeft(ReplicaSetView old, ClusterSnapshot snapshot) =>
        old.Status.Replicas > 0
        || snapshot.OwnedBy(old.Stored.Uid).Any(pod => pod.Key.Type == ResourceTypes.Pods && PodView.Of(pod).Phase is not ("Succeeded" or "Failed"));

    private static ReplicaSetEdits EditsOf(DeploymentView deployment, ReplicaSetFamily family, DateTimeOffset now)
    {
        var edits = new ReplicaSetEdits(deployment);
        if (family.New is { } current)
        {
            edits.Refresh(current, RevisionAnnotations.NextAfter(family.Old));
            if (!deployment.Paused && !current.IsProven() && deployment.Replicas > 0 && family.IsObserved
                && DeploymentStatusBuilder.IsComplete(deployment, DeploymentStatusBuilder.Counted(deployment, family, now)))
            {
                edits.Prove(current);
            }
        }

        return edits;
    }

    private static Plan Finish(Plan plan, DeploymentView deployment, ReplicaSetFamily family, bool rollout, DateTimeOffset now) => plan.IsNothing
        ? Status(deployment, family.ByTemplate, null, rollout, now)
        : plan with { Then = (_, after, later) => StatusAfter(after, null, rollout, later) };

    private static Plan Create(DeploymentView deployment, ReplicaSetFamily family, int replicas)
    {
        var name = $"{deployment.Name}-{deployment.Template.Hash(deployment.Status.CollisionCount)}";
        var revision = RevisionAnnotations.NextAfter(family.Old);
        var create = new CreateObject(ResourceTypes.ReplicaSets, deployment.Stored.Key.Namespace, () => NewReplicaSet(deployment, name, replicas, revision))
        {
            Report = result => result switch
            {
                { Ok: true } when replicas > 0 => RecordEvent.Normal(deployment.Stored, "ScalingReplicaSet", $"Scaled up replica set {name} from 0 to {replicas}"),
                { Failure: { } failure } when IsPlainFailure(failure) => RecordEvent.Warn(deployment.Stored, "ReplicaSetCreateError", FailureMessage(name, failure)),
                _ => null,
            },
        };
        var key = new ObjectKey(ResourceTypes.ReplicaSets, deployment.Stored.Key.Namespace, name);
        return Plan.Do(create) with { Then = (outcome, after, later) => StatusAfter(after, NewsOf(outcome, key, deployment, after.Snapshot), rollout: true, later) };
    }

    private static RolloutNews? NewsOf(PlanOutcome outcome, ObjectKey key, DeploymentView deployment, ClusterSnapshot snapshot)
    {
        var found = snapshot.Find(key);
        if (outcome.Ok)
        {
            return found is null ? null : new RolloutNews.Created(key.Name);
        }

        var failure = outcome.Failures[0].Status;
        if (IsPlainFailure(failure))
        {
            return new RolloutNews.CreationFailed(FailureMessage(key.Name, failure));
        }

        var isOurs = found?.Metadata.ControllerReference?.Uid == deployment.Stored.Uid && ReplicaSetView.Of(found).Template.IsSameAs(deployment.Template);
        return found is null || isOurs ? null : new RolloutNews.HashCollision();
    }

    private static bool IsPlainFailure(ApiStatus failure) =>
        failure.Reason != "AlreadyExists" && failure.Causes.All(cause => cause.Reason != "NamespaceTerminating");

    private static string FailureMessage(string name, ApiStatus failure) => $"Failed to create new replica set \"{name}\": {failure.Message}";

    private static JsonObject NewReplicaSet(DeploymentView deployment, string name, int replicas, long revision)
    {
        var hash = name[(deployment.Name.Length + 1)..];
        var template = deployment.Template.ToJson();
        var labels = template.Ensure("metadata").Ensure("labels");
        labels[PodTemplate.HashLabel] = hash;
        var selector = deployment.Stored.ToJson().Object("spec").Object("selector")?.DeepClone().AsObject() ?? [];
        selector.Ensure("matchLabels")[PodTemplate.HashLabel] = hash;
        var annotations = RevisionAnnotations.ForNew(deployment, ImmutableDictionary<string, string>.Empty, revision).WithSizes(deployment);
        var spec = new JsonObject { ["replicas"] = replicas };
        spec.SetUnlessZero("minReadySeconds", deployment.MinReadySeconds);
        spec["selector"] = selector;
        spec["template"] = template;
        return new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = "ReplicaSet",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = deployment.Stored.Key.Namespace,
                ["labels"] = labels.DeepClone(),
                ["annotations"] = new JsonObject(
                    annotations.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
                ["ownerReferences"] = new JsonArray(Ownership.ByDeployment.ReferenceTo(deployment.Stored)),
            },
            ["spec"] = spec,
        };
    }

    private static IEnumerable<PlanAction> SurplusWhenComplete(DeploymentView deployment, ReplicaSetFamily family) =>
        DeploymentStatusBuilder.IsComplete(deployment, deployment.Status) ? Surplus(deployment, family) : [];

    /// <summary>Old sets beyond the history's limit, the lowest revisions first; never one that may still have pods.</summary>
    private static IEnumerable<PlanAction> Surplus(DeploymentView deployment, ReplicaSetFamily family)
    {
        var kept = family.Old.Where(set => set.Metadata.DeletionTimestamp is null).ToArray();
        if (deployment.RevisionHistoryLimit is not { } limit || kept.Length <= limit)
        {
            return [];
        }

        // Until the present template is proven, the way back stays open, and what has failed is not forgotten.
        var (present, wayBack) = (family.ByTemplate.New, family.All.MaxBy(set => set.AvailableAt()));

        return kept
            .OrderBy(set => RevisionAnnotations.RevisionOf(set.Metadata.Annotations))
            .ThenBy(set => set, ReplicaSetFamily.OldestFirst)
            .Take(kept.Length - limit)
            .Where(set => set != present && (set != wayBack || present?.IsProven() == true))
            .Where(set => set.Replicas == 0 && set.Status.Replicas == 0 && set.Metadata.Generation <= set.Status.ObservedGeneration)
            .Select(set => DeleteObject.Of(set.Stored));
    }

    private static Plan StatusAfter(Observed after, RolloutNews? news, bool rollout, DateTimeOffset now)
    {
        if (after.Object is null)
        {
            return Plan.Nothing;
        }

        var deployment = DeploymentView.Of(after.Object);
        return Status(deployment, ReplicaSetFamily.Of(deployment, after.Snapshot), news, rollout, now);
    }

    private static Plan Status(DeploymentView deployment, ReplicaSetFamily family, RolloutNews? news, bool rollout, DateTimeOffset now)
    {
        var status = DeploymentStatusBuilder.Build(deployment, family, news, rollout, now);
        var annotations = deployment.Metadata.Annotations;
        var revision = family.New?.Metadata.Annotations.GetValueOrDefault(RevisionAnnotations.Revision) ?? annotations.GetValueOrDefault(RevisionAnnotations.Revision);
        var isSame = status.Equals(deployment.Status) && revision == annotations.GetValueOrDefault(RevisionAnnotations.Revision);
        var plan = isSame
            ? Plan.Nothing
            : Plan.Together(AutomaticRollback.News(deployment, status)).And(ChangeObject.StatusOf(deployment.Stored, (_, tree) =>
            {
                tree["status"] = status.ToJson();
                if (revision is not null)
                {
                    tree.Ensure("metadata").Ensure("annotations")[RevisionAnnotations.Revision] = revision;
                }

                return tree;
            }));
        return plan with { RequeueAt = DeploymentStatusBuilder.NextProgressCheck(deployment, status) };
    }

    private static Plan SelectsAll(DeploymentView deployment)
    {
        if (deployment.Status.ObservedGeneration >= deployment.Metadata.Generation)
        {
            return Plan.Nothing;
        }

        return Plan.Do(
            RecordEvent.Warn(deployment.Stored, "SelectingAll", "This deployment is selecting all pods. A non-empty selector is required."),
            ChangeObject.StatusOf(deployment.Stored, (_, tree) =>
            {
                tree["status"] = (deployment.Status with { ObservedGeneration = deployment.Metadata.Generation }).ToJson();
                return tree;
            }));
    }
}
