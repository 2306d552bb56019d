using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Actors.Scheduling.Framework;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using FsCheck;
using FsCheck.Fluent;

namespace ActorOrchestrator.Actors.Tests.Scheduling;

/// <summary>Any order of arrivals, departures, node changes, bindings that succeed, fail or are in doubt.</summary>
public sealed class SchedulerInvariantTests
{
    private const int Nodes = 3;
    private const int Pods = 12;

    [Fact]
    public void A_pod_is_bound_at_most_once_and_no_node_is_over_allocated_whatever_happens_in_between()
    {
        var step = Gen.Choose(0, int.MaxValue / 2);
        var steps = Gen.ArrayOf(step).Resize(120).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(steps, numbers => Live(numbers)));
    }

    private static void Live(int[] steps)
    {
        var world = new World();
        foreach (var number in steps)
        {
            world.Do(number);
            world.Check();
        }

        world.Settle();
        world.Check();
    }

    /// <summary>The cluster as the ledger has it, and the scheduler's state beside it.</summary>
    private sealed class World
    {
        private readonly SchedulerState _state = new(SchedulingProfile.Default(), new SchedulerSettings());
        private readonly List<Attempt> _inFlight = [];
        private readonly Dictionary<string, int> _bindings = [];
        private readonly Queue<Fact> _unseen = new();
        private readonly HashSet<string> _shrunk = [];
        private readonly Dictionary<string, int> _cpu = [];
        private ClusterState _cluster = ClusterState.Empty;
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private int _uids;

        public void Do(int number)
        {
            var (what, which) = (number % 9, number / 9);
            var pod = new ObjectKey(ResourceTypes.Pods, "default", $"p{which % Pods}");
            var node = new ObjectKey(ResourceTypes.Nodes, "", $"n{which % Nodes}");
            switch (what)
            {
                case 0 or 1: CreatePod(pod, which); break;
                case 2: Remove(pod); break;
                case 3: PutNode(node, which); break;
                case 4: Remove(node); break;
                case 5: See(1 + (which % 4)); break;
                case 6: Try(); break;
                case 7: Answer(which); break;
                default: _now += TimeSpan.FromSeconds(which % 5); break;
            }
        }

        public void Settle()
        {
            for (var i = 0; i < 200; i++)
            {
                See(int.MaxValue);
                Try();
                Answer(0);
                _now += TimeSpan.FromSeconds(1);
            }

            // With everything answered, whoever still waits really fits nowhere.
            foreach (var item in _state.Queue.Unschedulable)
            {
                Assert.DoesNotContain(_state.Snapshot.Nodes, node => SchedulingCycle.Fits(_state.Snapshot, SchedulingProfile.Default(), item.Pod, node));
            }

            // Whoever waits can read why.
            foreach (var item in _state.Queue.Unschedulable)
            {
                Assert.NotEmpty(_state.Explain(item.Key).Message);
            }

            Assert.Equal(0, _state.AssumedCount);
            Assert.Equal(_cluster.All(ResourceTypes.Pods).Count(pod => pod.Links.NodeName.Length == 0), _state.Queue.Count);
        }

        public void Check()
        {
            foreach (var (uid, count) in _bindings)
            {
                Assert.True(count == 1, $"{uid} was bound {count} times");
            }

            // What is remembered of nodes is what they would say now.
            if (_state.Queue.Unschedulable.FirstOrDefault() is { } waiting)
            {
                var (known, anew) = (_state.Snapshot, _state.Snapshot.Fork());
                Assert.Equal(
                    SchedulingCycle.Decide(anew, SchedulingProfile.Default(), waiting.Pod, 0).Diagnosis?.Message,
                    SchedulingCycle.Decide(known, SchedulingProfile.Default(), waiting.Pod, 0).Diagnosis?.Message);
            }

            foreach (var node in _cluster.All(ResourceTypes.Nodes).Where(node => !_shrunk.Contains(node.Key.Name)))
            {
                var info = NodeInfo.From(node);
                var used = _cluster.PodsOnNode(info.Name).Select(PodInfo.From).Sum(pod => pod.Requests.MilliCpu);
                Assert.True(used <= info.Allocatable.MilliCpu, $"{info.Name} has {used} of {info.Allocatable.MilliCpu}");
            }
        }

        private void CreatePod(ObjectKey key, int which)
        {
            if (_cluster.Find(key) is null)
            {
                var pod = Given.PodJson(key.Name, cpu: $"{200 * (1 + (which % 5))}m");
                pod["metadata"]!["uid"] = $"uid{_uids++}";
                Diversify(pod, which / 5);
                Write(FactVerb.Created, key, pod);
            }
        }

        /// <summary>Some are more important than others, some keep away from their like, some want to be spread.</summary>
        private static void Diversify(JsonObject pod, int which)
        {
            pod["spec"]!["priority"] = which % 3 * 10;
            pod["metadata"]!["labels"] = new JsonObject { ["app"] = $"{which % 2}" };
            if (which % 7 == 0)
            {
                pod["spec"]!["affinity"] = Given.Parse(
                    """{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"labelSelector":{"matchLabels":{"app":"0"}},"topologyKey":"kubernetes.io/hostname"}]}}""");
            }
            else if (which % 7 == 1)
            {
                pod["spec"]!["topologySpreadConstraints"] = new JsonArray(Given.Parse(
                    """{"maxSkew":1,"topologyKey":"kubernetes.io/hostname","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"1"}}}"""));
            }
        }

        private void PutNode(ObjectKey key, int which)
        {
            var before = _cluster.Find(key);
            var cpu = which % 16 == 0 ? 1 : 2;
            if (_cpu.TryGetValue(key.Name, out var had) && had > cpu)
            {
                // A node that shrinks below what it has is not the scheduler's doing.
                _shrunk.Add(key.Name);
            }

            _cpu[key.Name] = cpu;
            Write(before is null ? FactVerb.Created : FactVerb.Updated, key, Given.NodeJson(key.Name, cpu: $"{cpu}"));
        }

        private void Remove(ObjectKey key)
        {
            if (_cluster.Find(key) is { } current)
            {
                Write(FactVerb.Deleted, key, current.ToJson());
            }
        }

        private void Try()
        {
            if (_state.TryNext(_now) is not { } attempt)
            {
                return;
            }

            if (attempt.NodeName is not null)
            {
                _inFlight.Add(attempt);
            }

            foreach (var victim in attempt.Victims)
            {
                Assert.True(victim.Priority < attempt.Pod.Priority, $"{victim.Key} had to leave for {attempt.Pod.Key}");
                if (_cluster.Find(victim.Key) is { } current && current.Uid == victim.Uid)
                {
                    Remove(victim.Key);
                }
            }
        }

        /// <summary>A binding reaches the ledger, and its answer the scheduler; or it is lost on the way and stays in doubt.</summary>
        private void Answer(int which)
        {
            if (_inFlight.Count == 0)
            {
                return;
            }

            var attempt = _inFlight[which % _inFlight.Count];
            var inDoubt = which % 3 == 1;
            var current = _cluster.Find(attempt.Pod.Key);
            if (current is not null && current.Uid == attempt.Pod.Uid && PodInfo.From(current).NodeName.Length == 0)
            {
                if (inDoubt && which % 2 == 0)
                {
                    return;
                }

                var pod = current.ToJson();
                pod["spec"]!["nodeName"] = attempt.NodeName;
                Write(FactVerb.Updated, current.Key, pod);
                _bindings[current.Uid] = _bindings.GetValueOrDefault(current.Uid) + 1;
            }
            else if (current is null || current.Uid != attempt.Pod.Uid)
            {
                _state.TakeBack(attempt.Pod, attempt.NodeName!, _cluster, _now);
            }

            if (!inDoubt)
            {
                _inFlight.Remove(attempt);
            }
        }

        private void See(int count)
        {
            while (count-- > 0 && _unseen.TryDequeue(out var fact))
            {
                _state.Apply(fact, _now);
            }
        }

        private void Write(FactVerb verb, ObjectKey key, JsonObject obj)
        {
            var revision = _cluster.Revision.Next;
            var uid = (string?)obj["metadata"]!["uid"] ?? key.Name;
            var stored = new StoredObject(key, uid, revision, ObjectBody.From(obj).At(revision), []);
            var fact = new Fact(verb, stored, new Provenance("t", _now, "t", Revision.None), _cluster.Find(key));
            _cluster = _cluster.Evolve(fact);
            _unseen.Enqueue(fact);
        }
    }
}
