using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Actors.Scheduling.Framework;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Bench.Scheduler;

/// <summary>
/// The scheduler alone on one thread with 5,000 nodes: each pod arrives as a fact, is placed, and its binding comes back as a fact, parsed from its bytes as in
/// the product. Rates are by processor time of that thread, collections in it included. Beside each figure stands what upstream's CI asks of kube-scheduler in the same shape.
/// </summary>
internal sealed class SchedulerBench : IBench
{
    private const int Nodes = 5000;

    public string Name => "scheduler";

    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        await DurableAsync(report, cancellation);
        foreach (var shape in SchedulerShape.All)
        {
            cancellation.ThrowIfCancellationRequested();

            // The first run warms up the code that the second one measures.
            new World(shape).Run(Math.Min(500, shape.Measured), cancellation);
            var world = new World(shape);
            var (seconds, allocated) = world.Run(shape.Measured, cancellation);
            report.Add(new Measurement(
                Name, $"{shape.Name}, {shape.Measured} pods", shape.Measured / seconds, "/s", "upstream's CI floor", shape.Floor, "≥ 10x"));
            report.Add(new Measurement(Name, $"{shape.Name}: CPU a pod", seconds * 1000 / shape.Measured, "ms"));
            report.Add(new Measurement(Name, $"{shape.Name}: allocated a pod", allocated / 1024.0 / shape.Measured, "KiB"));
        }

    }

    private async Task DurableAsync(Report report, CancellationToken cancellation)
    {
        const int pods = 20000;
        await using var host = new DurableBindings();
        await host.StartAsync();
        await host.BindAsync(pods / 2, cancellation);
        var (seconds, cpu) = await host.BindAsync(pods, cancellation);
        var figure = "SchedulingBasic through the durable ledger";
        report.Add(new Measurement(Name, $"{figure}, {pods} pods", pods / seconds, "/s", "upstream's CI floor", SchedulerShape.All[0].Floor, "≥ 10,000 /s"));
        report.Add(new Measurement(Name, $"{figure}: CPU a pod, all threads", cpu * 1000 / pods, "ms"));
    }

    private sealed class World
    {
        private readonly SchedulerShape _shape;
        private readonly SchedulerState _state;
        private readonly Dictionary<ObjectKey, StoredObject> _pods = [];
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private long _revision;
        private long _nanoseconds;
        private long _allocated;
        private int _bound;

        public World(SchedulerShape shape)
        {
            _shape = shape;
            _state = new SchedulerState(SchedulingProfile.Default(), new SchedulerSettings());
            for (var i = 0; i < Nodes; i++)
            {
                Put(ResourceTypes.Nodes, SchedulerShape.Node(i));
            }

            for (var i = 0; i < shape.Placed; i++)
            {
                Put(ResourceTypes.Pods, SchedulerShape.Pod($"before-{i}", shape.Before));
            }

            while (_bound < shape.Placed)
            {
                Step();
            }
        }

        /// <returns>Seconds in the scheduler's own code, and bytes that it allocated.</returns>
        public (double Seconds, long Allocated) Run(int pods, CancellationToken cancellation)
        {
            var facts = Enumerable.Range(0, pods)
                .Select(i => SchedulerShape.Stored(ResourceTypes.Pods, SchedulerShape.Pod($"measured-{i}", _shape.Change), ++_revision)).ToArray();
            GC.Collect();
            _bound = 0;
            _nanoseconds = 0;
            _allocated = 0;
            var idle = 0;
            for (var i = 0; _bound < pods && idle < 1000; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (i < pods)
                {
                    Apply(FactVerb.Created, facts[i]);
                }

                if (_shape.Churns && i % 100 == 99)
                {
                    Churn(i);
                }

                idle = Step() ? 0 : idle + 1;
            }

            if (_bound < pods)
            {
                throw new InvalidOperationException($"{_shape.Name}: {pods - _bound} of {pods} pods fit nowhere.");
            }

            return (_nanoseconds / 1e9, _allocated);
        }

        /// <summary>Tries one pod; its binding, or the leaving of those who make room for it, is the next fact. False when nothing was to be done.</summary>
        private bool Step()
        {
            if (Timed(() => _state.TryNext(_now)) is not { } attempt)
            {
                _now += TimeSpan.FromSeconds(1);
                return false;
            }

            if (attempt.NodeName is { } nodeName)
            {
                _bound++;
                var pod = _pods[attempt.Pod.Key].ToJson();
                pod["spec"]!["nodeName"] = nodeName;
                pod["status"]!["startTime"] = "2026-01-01T00:00:00Z";
                Put(ResourceTypes.Pods, pod);
            }

            foreach (var victim in attempt.Victims)
            {
                Apply(FactVerb.Deleted, _pods[victim.Key]);
                _pods.Remove(victim.Key);
            }

            return true;
        }

        private void Churn(int step)
        {
            var node = SchedulerShape.Node(Nodes + step);
            Put(ResourceTypes.Nodes, node);
            node["metadata"]!["labels"]!["churn"] = "yes";
            Put(ResourceTypes.Nodes, node);
            Apply(FactVerb.Deleted, SchedulerShape.Stored(ResourceTypes.Nodes, node, ++_revision));
        }

        private void Put(ResourceType type, JsonObject obj) => Apply(FactVerb.Updated, SchedulerShape.Stored(type, obj, ++_revision));

        private void Apply(FactVerb verb, StoredObject obj)
        {
            if (obj.Key.Type == ResourceTypes.Pods)
            {
                _pods[obj.Key] = obj;
            }

            // Arrivals are told apart by their time, as they are in the product.
            _now += TimeSpan.FromMicroseconds(1);
            var fact = new Fact(verb, obj, new Provenance("bench", _now, "bench", Revision.None), null);
            Timed(() =>
            {
                _state.Apply(fact, _now);
                return true;
            });
        }

        /// <summary>What the bench itself makes in between is not the scheduler's.</summary>
        private T Timed<T>(Func<T> work)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = ThreadClock.Nanoseconds;
            var result = work();
            _nanoseconds += ThreadClock.Nanoseconds - start;
            _allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            return result;
        }
    }
}
