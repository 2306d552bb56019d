using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using ActorOrchestrator.Actors.NodeAgent.Containers;

namespace ActorOrchestrator.Actors.NodeAgent.Simulation;

/// <summary>How long the simulated engine takes; zero answers at once.</summary>
public sealed record SimulatedLatency(TimeSpan Create, TimeSpan Start, TimeSpan Stop, TimeSpan Pull)
{
    public static readonly SimulatedLatency None = new(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);

    /// <summary>As measured on two quiet cores.</summary>
    public static readonly SimulatedLatency Measured = new(
        TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(120), TimeSpan.FromMilliseconds(60), TimeSpan.FromSeconds(1));
}

/// <summary>
/// A container engine without containers, behind the same port: for tests in virtual time, for benchmarks of thousands of nodes and for
/// what-if; never for a user's workload. It keeps the real engine's rules that the agent relies on: unique names, a network that is joined must
/// run, events in order, dead containers stay until they are removed.
/// </summary>
/// <param name="time">Virtual or real.</param>
/// <param name="latency">Null answers at once.</param>
public sealed partial class SimulatedEngine(TimeProvider time, SimulatedLatency? latency = null) : IContainerEngine
{
    private const int EventsKept = 10_000;
    private readonly SimulatedLatency _latency = latency ?? SimulatedLatency.None;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Simulated> _containers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EngineImage> _images = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EngineNetwork> _networks = new(StringComparer.Ordinal);
    private readonly List<EngineEvent> _events = [];
    private readonly List<Channel<EngineEvent>> _watchers = [];
    private readonly List<(EngineCall Call, string Name, Exception Failure)> _faults = [];
    private int _lastId;
    private int _lastPid = 1;
    private uint _lastAddress = 1;

    private sealed record Simulated(EngineContainer Container, ContainerSpec Spec);

    /// <summary>What a container of an image does when it is started: null runs until it is stopped, a number exits with it at once.</summary>
    public Func<ContainerSpec, int?> Program { get; set; } = _ => null;

    /// <summary>Answers exec: nothing happens and it succeeds unless a test says otherwise.</summary>
    public Func<ContainerSpec, IReadOnlyList<string>, ExecOutcome> Exec { get; set; } = (_, _) => new ExecOutcome(0, "");

    /// <summary>Images that a pull finds.</summary>
    public HashSet<string> Registry { get; } = new(StringComparer.Ordinal);

    public ImmutableArray<EngineContainer> Containers => Locked(() => _containers.Values.Select(simulated => simulated.Container).ToImmutableArray());

    /// <summary>By its id; null when there is none.</summary>
    public EngineContainer? Find(string id) => Locked(() => _containers.GetValueOrDefault(id)?.Container);

    public ContainerSpec SpecOf(string id) => Locked(() => _containers[id].Spec);

    /// <summary>How often each call was made.</summary>
    public Dictionary<EngineCall, int> Calls { get; } = [];

    public void AddImage(string reference) => Locked(() => _images[reference] = new EngineImage($"sha256:{reference.GetHashCode(StringComparison.Ordinal):x8}", [reference], [], "", 1_000_000));

    /// <summary>The next such call about this container or image (empty: any) fails.</summary>
    public void FailNext(EngineCall call, Exception failure, string name = "") => Locked(() => _faults.Add((call, name, failure)));

    /// <summary>A process dies by itself, or by somebody's hand.</summary>
    public void Die(string id, int exitCode, bool oom = false) => Locked(() => End(id, exitCode, oom));

    /// <summary>Every event stream breaks, as when the engine is restarted.</summary>
    public void BreakStreams() => Locked(() =>
    {
        foreach (var watcher in _watchers)
        {
            watcher.Writer.TryComplete(new EngineException(EngineFailure.Unreachable, "the engine was restarted"));
        }

        _watchers.Clear();
    });

    public Task<EngineInfo> InfoAsync(CancellationToken cancellation = default) => Now(EngineCall.Info, "", () =>
        new EngineInfo("20.10.24", "amd64", "Simulated", "6.0.0", 2, 8L << 30, "/var/lib/docker"));

    public async Task<string> CreateAsync(ContainerSpec spec, CancellationToken cancellation = default)
    {
        await Wait(_latency.Create, cancellation);
        return await Now(EngineCall.Create, spec.Name, () =>
        {
            if (!_images.TryGetValue(spec.Image, out var image))
            {
                throw new EngineException(EngineFailure.ImageNotFound, $"No such image: {spec.Image}");
            }

            if (_containers.Values.FirstOrDefault(other => other.Container.Name == spec.Name) is { } holder)
            {
                throw new EngineException(EngineFailure.Conflict, $"Conflict. The container name \"/{spec.Name}\" is already in use by container \"{holder.Container.Id}\".");
            }

            if (Joined(spec) is { Length: > 0 } joined && !_containers.ContainsKey(joined))
            {
                throw new EngineException(EngineFailure.NotFound, $"No such container: {joined}");
            }

            var id = $"{++_lastId:x64}";
            _containers[id] = new Simulated(
                new EngineContainer
                {
                    Id = id,
                    Name = spec.Name,
                    State = EngineContainerState.Created,
                    Labels = spec.Labels,
                    ImageId = image.Id,
                    CreatedAt = time.GetUtcNow(),
                },
                spec);
            Publish(EngineEventKind.Created, id);
            return id;
        });
    }

    public async Task StartAsync(string id, CancellationToken cancellation = default)
    {
        await Wait(_latency.Start, cancellation);
        await Now(EngineCall.Start, NameOf(id), () =>
        {
            var simulated = Known(id);
            if (simulated.Container.State == EngineContainerState.Running)
            {
                return true;
            }

            if (Joined(simulated.Spec) is { Length: > 0 } joined && (!_containers.TryGetValue(joined, out var holder) || holder.Container.State != EngineContainerState.Running))
            {
                throw new EngineException(EngineFailure.Conflict, $"cannot join network of a non running container: {joined}");
            }

            var addresses = _networks.TryGetValue(simulated.Spec.NetworkMode, out var network)
                ? ImmutableDictionary<string, string>.Empty.Add(simulated.Spec.NetworkMode, NextAddress(network))
                : ImmutableDictionary<string, string>.Empty;
            Set(id, simulated.Container with { State = EngineContainerState.Running, StartedAt = time.GetUtcNow(), Pid = ++_lastPid, Addresses = addresses });
            Publish(EngineEventKind.Started, id);
            if (Program(simulated.Spec) is { } exitCode)
            {
                End(id, exitCode, oom: false);
            }

            return true;
        });
    }

    public async Task StopAsync(string id, TimeSpan grace, CancellationToken cancellation = default)
    {
        await Wait(_latency.Stop, cancellation);
        await Now(EngineCall.Stop, NameOf(id), () => End(id, 143, oom: false));
    }

    public Task KillAsync(string id, string signal, CancellationToken cancellation = default) => Now(EngineCall.Kill, NameOf(id), () => End(id, 137, oom: false));

    public Task RemoveAsync(string id, CancellationToken cancellation = default) => Now(EngineCall.Remove, NameOf(id), () =>
    {
        if (_containers.ContainsKey(id))
        {
            End(id, 137, oom: false);
            Publish(EngineEventKind.Removed, id);
            _containers.Remove(id);
        }

        return true;
    });

    public Task<EngineContainer?> InspectAsync(string idOrName, CancellationToken cancellation = default) => Now(EngineCall.Inspect, idOrName, () =>
        _containers.GetValueOrDefault(idOrName)?.Container ?? _containers.Values.FirstOrDefault(simulated => simulated.Container.Name == idOrName)?.Container);

    public Task<ImmutableArray<EngineContainer>> ListAsync(IReadOnlyDictionary<string, string> labels, CancellationToken cancellation = default) => Now(EngineCall.List, "", () =>
        _containers.Values.Select(simulated => simulated.Container).Where(container => Carries(container.Labels, labels)).ToImmutableArray());

    public async IAsyncEnumerable<EngineEvent> EventsAsync(
        IReadOnlyDictionary<string, string> labels, DateTimeOffset since, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        // Who reads does nothing but pass on, and goes on where the event happens: nothing is left to chance in virtual time.
        var watcher = Channel.CreateUnbounded<EngineEvent>(new UnboundedChannelOptions { AllowSynchronousContinuations = true, SingleReader = true });
        Locked(() =>
        {
            foreach (var past in _events.Where(past => past.Time >= since))
            {
                watcher.Writer.TryWrite(past);
            }

            _watchers.Add(watcher);
        });
        await foreach (var happened in watcher.Reader.ReadAllAsync(cancellation))
        {
            if (Carries(happened.Labels, labels))
            {
                yield return happened;
            }
        }
    }

    public async Task CopyLogsAsync(string id, LogRequest request, Stream destination, CancellationToken cancellation = default) =>
        await destination.WriteAsync(Encoding.UTF8.GetBytes($"{NameOf(id)}\n"), cancellation);

    public Task<ExecOutcome> ExecAsync(string id, IReadOnlyList<string> command, CancellationToken cancellation = default) =>
        Now(EngineCall.Exec, NameOf(id), () => Exec(Known(id).Spec, command));
}

/// <summary>Where a fault can be put.</summary>
public enum EngineCall : byte
{
    Info = 1,
    FindImage,
    Pull,
    Create,
    Start,
    Stop,
    Kill,
    Remove,
    Inspect,
    List,
    Exec,
    Network,
}
