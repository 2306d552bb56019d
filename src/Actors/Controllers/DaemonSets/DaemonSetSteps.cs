using System.Collections.Immutable;
using System.Globalization;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Revisions;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.DaemonSets;

/// <summary>What is to be done next for a DaemonSet: first one pod where there should be one and none where there should not, and only when that is so, the update.</summary>
internal sealed record DaemonSetSteps(ImmutableArray<PlanAction> Deletions, ImmutableArray<PlanAction> Creations, DateTimeOffset? RequeueAt)
{
    /// <summary>The most pods created or deleted in one go, upstream's BurstReplicas.</summary>
    private const int Burst = 250;

    public static readonly DaemonSetSteps None = new([], [], null);

    public bool IsNothing => Deletions.IsEmpty && Creations.IsEmpty;

    public static DaemonSetSteps Of(DaemonSetWorld world)
    {
        var settle = new Choice(world);
        settle.Settle();
        if (!settle.IsNothing || !world.Set.IsRollingUpdate)
        {
            return settle.Made();
        }

        settle.Update();
        return settle.Made();
    }

    /// <summary>The walk over the nodes, with what it has collected so far.</summary>
    private sealed class Choice(DaemonSetWorld world)
    {
        private readonly DaemonSetView _set = world.Set;
        private readonly List<DaemonPod> _doomed = [];
        private readonly List<PlanAction> _notices = [];
        private readonly List<(string Node, int Failures)> _needed = [];
        private DateTimeOffset? _requeueAt;

        public bool IsNothing => _doomed.Count + _needed.Count == 0;

        public DaemonSetSteps Made() => new(
            [.. _notices, .. _doomed.Take(Burst).Select(Delete)], [.. _needed.Take(Burst).Select(need => Create(need.Node, need.Failures))], _requeueAt);

        public void Settle()
        {
            foreach (var place in world.Places)
            {
                if (place.Run && place.Pods.IsEmpty)
                {
                    _needed.Add((place.Node, FailuresBefore(place)));
                }
                else if (place.Stay)
                {
                    Settle(place);
                }
                else
                {
                    _doomed.AddRange(place.Pods.Where(pod => !pod.IsTerminating));
                }
            }

            // Never bound, and meant for a node that is gone: nobody else will clear it away.
            _doomed.AddRange(world.Elsewhere.Where(pod => pod.Pod.NodeName.Length == 0 && !pod.IsTerminating));
        }

        private void Settle(DaemonPlace place)
        {
            var running = new List<DaemonPod>();
            foreach (var pod in place.Pods.Where(pod => !pod.IsTerminating))
            {
                if (!pod.IsFinished)
                {
                    running.Add(pod);
                }
                else
                {
                    Replace(place, pod);
                }
            }

            if (!_set.Surges)
            {
                _doomed.AddRange(ReadyFirst(running).Skip(1));
            }
            else if (running.Count > 1)
            {
                SettleSurge([.. ReadyFirst(running)]);
            }
            else if (running.Count == 0 && place.Run && place.Pods.All(pod => pod.IsTerminating))
            {
                _needed.Add((place.Node, FailuresBefore(place)));
            }
        }

        /// <summary>Of several alike the one that serves is kept, otherwise the oldest; upstream keeps the oldest even when only a younger one serves.</summary>
        private static IEnumerable<DaemonPod> ReadyFirst(List<DaemonPod> running) => running.OrderByDescending(pod => pod.Pod.IsReady);

        /// <summary>How many failed in a row, when the last of them is still to be seen.</summary>
        private int FailuresBefore(DaemonPlace place) =>
            place.Remains.Where(pod => pod.Pod.Phase == "Failed").Select(pod => pod.FailuresAfter(world.Now)).DefaultIfEmpty().Max();

        private void Replace(DaemonPlace place, DaemonPod pod)
        {
            var name = $"{pod.Stored.Key.Namespace}/{pod.Stored.Key.Name}";
            if (pod.Pod.Phase == "Succeeded")
            {
                _notices.Add(RecordEvent.Normal(_set.Stored, "SucceededDaemonPod", $"Found succeeded daemon pod {name} on node {place.Node}, will try to delete it"));
                _doomed.Add(pod);
                return;
            }

            if (pod.ReplaceFrom > world.Now)
            {
                _requeueAt = _requeueAt < pod.ReplaceFrom ? _requeueAt : pod.ReplaceFrom;
                return;
            }

            _notices.Add(RecordEvent.Warn(_set.Stored, "FailedDaemonPod", $"Found failed daemon pod {name} on node {place.Node}, will try to kill it"));
            _doomed.Add(pod);
            if (place is { Run: true, Pods.Length: 1 } && pod.Stored.Metadata.Finalizers.IsEmpty)
            {
                // Made in the same breath: the count of failures is on no other object.
                _needed.Add((place.Node, pod.FailuresAfter(world.Now)));
            }
        }

        /// <summary>Two may share a node if and only if the updated one is not available yet and the old one is ready.</summary>
        private void SettleSurge(List<DaemonPod> running)
        {
            var updated = running.Find(world.IsUpdated);
            var old = running.Find(pod => !world.IsUpdated(pod));
            _doomed.AddRange(running.Where(pod => pod != updated && pod != old));
            if (updated is not null && old is not null && (!old.Pod.IsReady || world.IsAvailable(updated)))
            {
                _doomed.Add(old);
            }
        }

        public void Update()
        {
            if (_set.MaxSurge(world.Desired) is > 0 and var surge)
            {
                UpdateBySurge(surge);
                return;
            }

            var unavailable = 0;
            var candidates = new List<DaemonPod>();
            foreach (var place in world.Places.Where(place => place.Run))
            {
                switch (world.PairOf(place))
                {
                    case (null, { } old) when world.IsAvailable(old):
                        candidates.Add(old);
                        break;
                    case (null, { } old):
                        // It does not serve anyway: no reason to wait, but it counts as missing.
                        unavailable++;
                        _doomed.Add(old);
                        break;
                    case ({ } updated, null) when world.IsAvailable(updated):
                        break;
                    default:
                        unavailable++;
                        break;
                }
            }

            _doomed.AddRange(candidates.Take(Math.Max(0, _set.MaxUnavailable(world.Desired) - unavailable)));
        }

        private void UpdateBySurge(int most)
        {
            var surging = 0;
            var candidates = new List<string>();
            foreach (var place in world.Places.Where(place => place.Run))
            {
                switch (world.PairOf(place))
                {
                    case null:
                        surging++;
                        break;
                    case (_, null):
                        break;
                    case (null, { } old) when world.IsAvailable(old):
                        candidates.Add(place.Node);
                        break;
                    case (null, _):
                        _needed.Add((place.Node, 0));
                        break;
                    case ({ } updated, { } old) when world.IsAvailable(updated):
                        _doomed.Add(old);
                        break;
                    default:
                        surging++;
                        break;
                }
            }

            _needed.AddRange(candidates.Take(Math.Max(0, most - surging)).Select(node => (node, 0)));
        }

        private CreateObject Create(string node, int failures)
        {
            var (set, hash) = (_set, world.Update.Hash);
            return new CreateObject(ResourceTypes.Pods, set.Stored.Key.Namespace, () =>
            {
                var pod = set.Template.NewPod($"{set.Name}-", Ownership.ByDaemonSet.ReferenceTo(set.Stored));
                pod.Ensure("metadata").Ensure("labels")[RevisionView.PodLabel] = hash;
                if (failures > 0)
                {
                    pod.Ensure("metadata").Ensure("annotations")[DaemonPod.FailuresAnnotation] = failures.ToString(CultureInfo.InvariantCulture);
                }

                DaemonPlacement.Pin(pod.Ensure("spec"), node);
                return pod;
            })
            {
                Report = result => result switch
                {
                    { Object: { } pod } => RecordEvent.Normal(set.Stored, "SuccessfulCreate", $"Created pod: {pod.Key.Name}"),
                    { Failure: { } failure } when failure.Causes.All(cause => cause.Reason != "NamespaceTerminating") =>
                        RecordEvent.Warn(set.Stored, "FailedCreate", $"Error creating: {failure.Message}"),
                    _ => null,
                },
            };
        }

        private PlanAction Delete(DaemonPod pod) => DeleteObject.Of(pod.Stored) with
        {
            Report = result => result.Failure switch
            {
                null => RecordEvent.Normal(_set.Stored, "SuccessfulDelete", $"Deleted pod: {pod.Stored.Key.Name}"),
                { Reason: "NotFound" } => null,
                var failure => RecordEvent.Warn(_set.Stored, "FailedDelete", $"Error deleting: {failure.Message}"),
            },
        };
    }
}
