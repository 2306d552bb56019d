using System.Collections.Immutable;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.StatefulSets;

/// <summary>
/// What is to be done next for a set, in upstream's order: first the pods it wants, from the lowest ordinal up, then those it does not, from the
/// highest down, then the update, from the highest down. An ordered set does one thing and waits until everything before it is available.
/// </summary>
/// <param name="Claims">Claims to be made or given to other owners, and labels to be put right: before anything else.</param>
/// <param name="Deletions">Pods to delete.</param>
/// <param name="Creations">Pods to create.</param>
internal sealed record StatefulSetSteps(ImmutableArray<PlanAction> Claims, ImmutableArray<PlanAction> Deletions, ImmutableArray<PlanAction> Creations)
{
    public static readonly StatefulSetSteps None = new([], [], []);

    public bool IsNothing => Claims.IsEmpty && Deletions.IsEmpty && Creations.IsEmpty;

    public static StatefulSetSteps Of(StatefulSetWorld world) => new Choice(world).Make();

    /// <summary>The walk over the ordinals, with what it has collected so far.</summary>
    private sealed class Choice(StatefulSetWorld world)
    {
        private readonly StatefulSetView _set = world.Set;
        private readonly ImmutableArray<PlanAction>.Builder _claims = ImmutableArray.CreateBuilder<PlanAction>();
        private readonly ImmutableArray<PlanAction>.Builder _deletions = ImmutableArray.CreateBuilder<PlanAction>();
        private readonly ImmutableArray<PlanAction>.Builder _creations = ImmutableArray.CreateBuilder<PlanAction>();

        public StatefulSetSteps Make()
        {
            var slots = new StatefulPod?[_set.Replicas];
            foreach (var pod in world.Pods.Where(pod => _set.Wants(pod.Ordinal)))
            {
                slots[pod.Ordinal - _set.Start] = pod;
            }

            var condemned = world.Pods.Where(pod => !_set.Wants(pod.Ordinal)).Reverse().ToArray();
            if (Fill(slots) && Shrink(condemned, FirstUnavailable(slots, condemned)) && _set.IsRollingUpdate)
            {
                Update(slots);
            }

            return new StatefulSetSteps(_claims.ToImmutable(), _deletions.ToImmutable(), _creations.ToImmutable());
        }

        private StatefulPod? FirstUnavailable(StatefulPod?[] slots, StatefulPod[] condemned)
        {
            // A pod that does not exist yet is the first one too: nothing condemned is.
            var slot = Array.FindIndex(slots, world.IsUnavailable);
            return slot >= 0 ? slots[slot] : condemned.LastOrDefault(world.IsUnavailable);
        }

        /// <summary>False when the set must wait.</summary>
        private bool Fill(StatefulPod?[] slots)
        {
            for (var i = 0; i < slots.Length; i++)
            {
                var settled = slots[i] is { } pod ? Keep(pod) : Create(_set.Start + i);
                if (!settled && !_set.IsParallel)
                {
                    return false;
                }
            }

            return true;
        }

        /// <summary>False: the next ordinal has to wait for this one.</summary>
        private bool Create(int ordinal)
        {
            if (StatefulClaims.Obstacle(_set, ordinal, world.Snapshot) is null)
            {
                _claims.AddRange(StatefulClaims.Missing(_set, ordinal, world.Snapshot));
                var revision = world.RevisionFor(ordinal);
                var name = StatefulPod.NameOf(_set, ordinal);
                _creations.Add(new CreateObject(ResourceTypes.Pods, _set.Stored.Key.Namespace, () => StatefulPod.Json(_set, ordinal, revision))
                {
                    Report = result => result.Failure is { Reason: "AlreadyExists" } ? null : Told("create", "Create", name, result),
                });
            }

            return false;
        }

        private bool Keep(StatefulPod pod)
        {
            if (pod.IsFinished)
            {
                if (!pod.IsTerminating)
                {
                    Delete(pod);
                }

                return false;
            }

            if (pod.Pod.Phase is "Pending" && !pod.IsTerminating && StatefulClaims.Obstacle(_set, pod.Ordinal, world.Snapshot) is null)
            {
                _claims.AddRange(StatefulClaims.Missing(_set, pod.Ordinal, world.Snapshot));
            }

            if (world.IsUnavailable(pod) && !_set.IsParallel)
            {
                return false;
            }

            if (!pod.HasItsLabels)
            {
                _claims.Add(Relabel(pod));
            }

            _claims.AddRange(StatefulClaims.Retain(_set, pod, world.Snapshot));
            return true;
        }

        private ChangeObject Relabel(StatefulPod pod) => ChangeObject.Of(pod.Stored, (_, tree) =>
        {
            StatefulPod.SetLabels(tree.Ensure("metadata").Ensure("labels"), pod.Stored.Key.Name, pod.Ordinal);
            return tree;
        }) with { Act = "update identity", Report = result => Told("update", "Update", pod.Stored.Key.Name, result) };

        private bool Shrink(StatefulPod[] condemned, StatefulPod? firstUnavailable)
        {
            // A claim that is to go with its pod must know that before the pod goes.
            foreach (var pod in condemned)
            {
                _claims.AddRange(StatefulClaims.Retain(_set, pod, world.Snapshot));
            }

            foreach (var pod in condemned)
            {
                var mayGo = !pod.IsTerminating
                    && (_set.IsParallel || ReferenceEquals(pod, firstUnavailable) || pod.IsRunningAndAvailable(_set.MinReadySeconds, world.Now));
                if (mayGo)
                {
                    Delete(pod);
                }

                if (!_set.IsParallel)
                {
                    return false;
                }
            }

            return true;
        }

        private void Update(StatefulPod?[] slots)
        {
            var lowest = _set.Partition ?? 0;
            if (_set.MaxUnavailable is { } most)
            {
                UpdateSeveral(slots, lowest, most);
                return;
            }

            for (var i = slots.Length - 1; i >= lowest; i--)
            {
                if (slots[i] is { IsFinished: false, IsTerminating: false } pod && pod.Revision != world.Update.Name)
                {
                    Delete(pod);
                    return;
                }

                if (world.IsUnavailable(slots[i]))
                {
                    return;
                }
            }
        }

        /// <summary>What does not serve anyway is replaced without asking; of what serves as many as leave no more than the most unavailable.</summary>
        private void UpdateSeveral(StatefulPod?[] slots, int lowest, int most)
        {
            var budget = most - slots.Count(world.IsUnavailable);
            for (var i = slots.Length - 1; i >= lowest; i--)
            {
                if (slots[i] is not { IsFinished: false, IsTerminating: false } pod || pod.Revision == world.Update.Name)
                {
                    continue;
                }

                if (!world.IsUnavailable(pod) && budget-- <= 0)
                {
                    return;
                }

                Delete(pod);
            }
        }

        private void Delete(StatefulPod pod) => _deletions.Add(DeleteObject.Of(pod.Stored) with
        {
            Report = result => result.Failure is { Reason: "NotFound" } ? null : Told("delete", "Delete", pod.Stored.Key.Name, result),
        });

        private RecordEvent Told(string verb, string title, string pod, ResourceResult result) => result.Failure is { } failure
            ? RecordEvent.Warn(_set.Stored, $"Failed{title}", $"{verb} Pod {pod} in StatefulSet {_set.Name} failed error: {failure.Message}")
            : RecordEvent.Normal(_set.Stored, $"Successful{title}", $"{verb} Pod {pod} in StatefulSet {_set.Name} successful");
    }
}
