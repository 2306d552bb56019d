using System.Collections.Immutable;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using Akka.Actor;
using Akka.Event;

namespace ActorOrchestrator.Actors.NodeAgent.Usage;

/// <summary>
/// Measures what this node and the containers of its pods use, and reports it: one timer, one message, whatever runs here.
/// <code>
///   started, listed ──► Locating (the engine is asked for a process, once per kind of place) ──► Counting ──tick──► Counting … ──died──► gone
/// </code>
/// Invariants:
/// <list type="number">
/// <item>A pod is reported when every container of it that runs has a whole window, as metrics-server has it: a sum over some of them would pass for the pod's.</item>
/// <item>A container that was restarted is another container, with a window of its own.</item>
/// <item>The pause container is no container of the pod: it counts in the node's figures alone.</item>
/// <item>One question to the engine is under way at a time.</item>
/// </list>
/// </summary>
public sealed class NodeUsageActor : ReceiveActor, IWithTimers
{
    private sealed record Tick : INoSerializationVerificationNeeded;
    private sealed record Located(string Id, int ProcessId, string Failure) : INoSerializationVerificationNeeded;

    /// <summary>A window that is much shorter than the interval is left to grow: what a container does when it starts is not what it does.</summary>
    private const double ShortestShare = 0.6;

    private readonly NodeAgentPorts _ports;
    private readonly IUsageMeter _meter;
    private readonly TimeSpan _shortest;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, CountedContainer> _containers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CountedPod> _pods = new(StringComparer.Ordinal);
    private readonly Queue<string> _unlocated = new();
    private readonly UsageWindow _machine;
    private readonly DateTimeOffset _began;
    private bool _locating;
    private bool _placeIsKnown;
    private bool _failureTold;

    private sealed class CountedPod(ContainerIdentity identity)
    {
        public string Namespace => identity.PodNamespace;
        public string Name => identity.PodName;
        public string Uid => identity.PodUid;
        public List<CountedContainer> Containers { get; } = [];
    }

    private sealed class CountedContainer(string id, CountedPod pod, string name, DateTimeOffset startedAt, TimeSpan shortest)
    {
        public string Id => id;
        public CountedPod Pod => pod;
        public string Name => name;
        public DateTimeOffset StartedAt => startedAt;
        public UsageWindow Window { get; } = new(shortest);
        public IUsageAccount? Account { get; set; }
        public UsageReading Reading { get; set; }
    }

    public static Props Props(NodeAgentPorts ports, IUsageMeter meter) => Akka.Actor.Props.Create(() => new NodeUsageActor(ports, meter));

    public NodeUsageActor(NodeAgentPorts ports, IUsageMeter meter)
    {
        (_ports, _meter) = (ports, meter);
        _shortest = ports.Settings.MetricsInterval * ShortestShare;
        _machine = new UsageWindow(_shortest);
        _began = ports.Time.GetUtcNow();
        Receive<Tick>(_ => OnTick());
        Receive<EngineEvent>(OnEvent);
        Receive<EngineWatcherActor.EngineListed>(OnListed);
        Receive<Located>(OnLocated);
        Receive<MeasureNode>(_ => Sender.Tell(new MeasureNode.Answer(Measure())));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        ReadMachine();
        Timers.StartPeriodicTimer("tick", new Tick(), _ports.Settings.MetricsInterval);
    }

    protected override void PostStop() => _stopping.Cancel();

    private void OnEvent(EngineEvent happened)
    {
        switch (happened.Kind)
        {
            case EngineEventKind.Started when ContainerLabels.Read(happened.Labels) is { IsSandbox: false } identity:
                Begin(happened.Id, identity, happened.Time);
                break;
            case EngineEventKind.Died or EngineEventKind.Removed:
                End(happened.Id);
                break;
        }
    }

    private void OnListed(EngineWatcherActor.EngineListed listed)
    {
        var running = new HashSet<string>(StringComparer.Ordinal);
        foreach (var container in listed.Containers.Where(container => container.State == EngineContainerState.Running))
        {
            running.Add(container.Id);
            if (ContainerLabels.Read(container.Labels) is { IsSandbox: false } identity)
            {
                Begin(container.Id, identity, container.StartedAt ?? container.CreatedAt);
            }
        }

        foreach (var id in _containers.Keys.Where(id => !running.Contains(id)).ToArray())
        {
            End(id);
        }
    }

    private void Begin(string id, ContainerIdentity identity, DateTimeOffset startedAt)
    {
        if (_containers.ContainsKey(id))
        {
            return;
        }

        if (_pods.GetValueOrDefault(identity.PodUid)?.Containers.Find(container => container.Name == identity.Container) is { } before)
        {
            // Its end was not heard of.
            End(before.Id);
        }

        if (!_pods.TryGetValue(identity.PodUid, out var pod))
        {
            _pods[identity.PodUid] = pod = new CountedPod(identity);
        }

        var container = new CountedContainer(id, pod, identity.Container, startedAt, _shortest);
        _containers[id] = container;
        pod.Containers.Add(container);
        if (!Open(container) && !_placeIsKnown)
        {
            // Where a place is known already, who is not found there has ended again, or waits for the tick: a short life is not worth a question.
            _unlocated.Enqueue(id);
            Locate();
        }
    }

    private void End(string id)
    {
        if (_containers.Remove(id, out var container) && container.Pod.Containers.Remove(container) && container.Pod.Containers.Count == 0)
        {
            _pods.Remove(container.Pod.Uid);
        }
    }

    /// <summary>Its window begins here.</summary>
    private bool Open(CountedContainer container)
    {
        container.Account ??= _meter.Find(container.Id);
        if (container.Account is null)
        {
            return false;
        }

        _placeIsKnown = true;
        Read(container);
        return true;
    }

    /// <summary>One container's process tells where it and all like it are accounted; so the engine is asked next to never.</summary>
    private void Locate()
    {
        while (!_locating && _unlocated.TryDequeue(out var id))
        {
            if (_containers.TryGetValue(id, out var container) && !Open(container))
            {
                _locating = true;
                _ports.Engine.InspectAsync(id, _stopping.Token).PipeTo(
                    Self, success: found => new Located(id, found?.Pid ?? 0, ""), failure: error => new Located(id, 0, error.Message));
            }
        }
    }

    private void OnLocated(Located located)
    {
        _locating = false;
        if (_containers.TryGetValue(located.Id, out var container))
        {
            container.Account = located.ProcessId > 0 ? _meter.Find(located.Id, located.ProcessId) : null;
            if (container.Account is not null)
            {
                _placeIsKnown = true;
                Read(container);
            }
            else if (!_failureTold)
            {
                // The tick tries again; one word about it is enough.
                _failureTold = true;
                _log.Warning("The use of container {0} ({1}) of pod {2}/{3} cannot be measured yet{4}", container.Name, located.Id, container.Pod.Namespace, container.Pod.Name,
                    located.Failure.Length > 0 ? ": " + located.Failure : "");
            }
        }

        Locate();
    }

    private void OnTick()
    {
        var now = _ports.Time.GetUtcNow();
        var machine = ReadMachine();
        var pods = ImmutableArray.CreateBuilder<PodUsage>(_pods.Count);
        foreach (var pod in _pods.Values)
        {
            if (Report(pod, now) is { } usage)
            {
                pods.Add(usage);
            }
        }

        if (machine is { } reading && _machine.HasEnded)
        {
            var node = new NodeUsage(_ports.Settings.NodeName, now, _machine.Length, _machine.CpuNanocores, reading.WorkingSetBytes);
            _ports.ControlPlane.Report(new UsageReport(node, pods.DrainToImmutable()));
        }

        if (!_locating)
        {
            foreach (var container in _containers.Values.Where(container => container.Account is null))
            {
                _unlocated.Enqueue(container.Id);
            }

            Locate();
        }
    }

    /// <summary>Null while a container of it has no window that ended here.</summary>
    private PodUsage? Report(CountedPod pod, DateTimeOffset now)
    {
        // All are read, also behind one that has none: their windows go on.
        var isWhole = true;
        foreach (var container in pod.Containers)
        {
            isWhole &= Read(container);
        }

        if (!isWhole || pod.Containers.Count == 0)
        {
            return null;
        }

        var containers = ImmutableArray.CreateBuilder<ContainerUsage>(pod.Containers.Count);
        foreach (var container in pod.Containers)
        {
            containers.Add(new ContainerUsage(container.Name, container.Window.CpuNanocores, container.Reading.WorkingSetBytes));
        }

        return new PodUsage(pod.Namespace, pod.Name, pod.Uid, now, pod.Containers[0].Window.Length, containers.MoveToImmutable());
    }

    /// <summary>True when a window of the container has ended here.</summary>
    private bool Read(CountedContainer container)
    {
        var at = _ports.Time.GetTimestamp();
        if (container.Account?.TryRead(out var reading) != true)
        {
            return false;
        }

        container.Reading = reading;
        return container.Window.Read(reading.CpuNanoseconds, at, _ports.Time);
    }

    private UsageReading? ReadMachine()
    {
        var at = _ports.Time.GetTimestamp();
        if (!_meter.Machine.TryRead(out var reading))
        {
            return null;
        }

        _machine.Read(reading.CpuNanoseconds, at, _ports.Time);
        return reading;
    }

    /// <summary>Counters as they are now; rates of the windows that the ticks have ended.</summary>
    private MeasuredNode Measure()
    {
        var pods = ImmutableArray.CreateBuilder<MeasuredPod>(_pods.Count);
        foreach (var pod in _pods.Values)
        {
            var containers = ImmutableArray.CreateBuilder<MeasuredContainer>();
            foreach (var container in pod.Containers)
            {
                if (container.Account?.TryRead(out var reading) == true)
                {
                    containers.Add(new MeasuredContainer(container.Name, container.StartedAt, reading, container.Window.HasEnded ? container.Window.CpuNanocores : null));
                }
            }

            pods.Add(new MeasuredPod(pod.Namespace, pod.Name, pod.Uid, containers.ToImmutable()));
        }

        UsageReading? machine = _meter.Machine.TryRead(out var all) ? all : null;
        return new MeasuredNode(_ports.Settings.NodeName, _ports.Time.GetUtcNow(), _began, machine, _machine.HasEnded ? _machine.CpuNanocores : null, pods.ToImmutable());
    }
}
