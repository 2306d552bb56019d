using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using ActorOrchestrator.Actors.NodeAgent.Containers;

namespace ActorOrchestrator.Actors.NodeAgent.Simulation;

/// <content>Images, networks, and what happens inside.</content>
public sealed partial class SimulatedEngine
{
    public Task<EngineImage?> FindImageAsync(string reference, CancellationToken cancellation = default) =>
        Now(EngineCall.FindImage, reference, () => _images.GetValueOrDefault(reference));

    public async Task PullImageAsync(string reference, RegistryCredentials? credentials, CancellationToken cancellation = default)
    {
        await Wait(_latency.Pull, cancellation);
        await Now(EngineCall.Pull, reference, () =>
        {
            if (!Registry.Contains(reference))
            {
                throw new EngineException(EngineFailure.Registry, $"Error response from daemon: manifest for {reference} not found: manifest unknown");
            }

            AddImage(reference);
            return true;
        });
    }

    public Task LoadImageAsync(Stream archive, CancellationToken cancellation = default)
    {
        AddImage(PauseImage.Reference);
        return Task.CompletedTask;
    }

    public Task RemoveImageAsync(string reference, CancellationToken cancellation = default) => Now(EngineCall.FindImage, reference, () => _images.Remove(reference));

    /// <summary>Questions about networks are answered only when this has ended: an engine under load.</summary>
    public Task NetworksHeld { get; set; } = Task.CompletedTask;

    public async Task<EngineNetwork?> FindNetworkAsync(string name, CancellationToken cancellation = default)
    {
        var found = await Now(EngineCall.Network, name, () => _networks.GetValueOrDefault(name));
        await NetworksHeld.WaitAsync(cancellation);
        return found;
    }

    public Task CreateNetworkAsync(NetworkSpec spec, CancellationToken cancellation = default) => Now(EngineCall.Network, spec.Name, () =>
        _networks[spec.Name] = new EngineNetwork(spec.Name, spec.Bridge, [spec.Subnet], spec.Labels, 0));

    public Task RemoveNetworkAsync(string name, CancellationToken cancellation = default) => Now(EngineCall.Network, name, () => _networks.Remove(name));

    public Task<ImmutableArray<EngineNetwork>> ListNetworksAsync(IReadOnlyDictionary<string, string> labels, CancellationToken cancellation = default) =>
        Now(EngineCall.Network, "", () => _networks.Values.Where(network => Carries(network.Labels, labels)).ToImmutableArray());

    private bool End(string id, int exitCode, bool oom)
    {
        if (_containers.GetValueOrDefault(id)?.Container is not { State: EngineContainerState.Running } running)
        {
            return false;
        }

        Set(id, running with { State = EngineContainerState.Exited, FinishedAt = time.GetUtcNow(), ExitCode = exitCode, OomKilled = oom, Pid = 0, Addresses = ImmutableDictionary<string, string>.Empty });
        if (oom)
        {
            Publish(EngineEventKind.OutOfMemory, id);
        }

        Publish(EngineEventKind.Died, id, exitCode);
        return true;
    }

    /// <summary>The network's addresses in turn, after the bridge's own.</summary>
    private string NextAddress(EngineNetwork network)
    {
        var range = IPNetwork.Parse(network.Subnets[0]);
        var bytes = range.BaseAddress.GetAddressBytes();
        var first = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        var size = 1u << (32 - range.PrefixLength);
        _lastAddress = _lastAddress % (size - 2) + 1;
        if (_lastAddress == 1)
        {
            _lastAddress = 2;
        }

        BinaryPrimitives.WriteUInt32BigEndian(bytes, first + _lastAddress);
        return new IPAddress(bytes).ToString();
    }

    private void Set(string id, EngineContainer container) => _containers[id] = _containers[id] with { Container = container };

    private void Publish(EngineEventKind kind, string id, int exitCode = 0)
    {
        var happened = new EngineEvent(kind, id, time.GetUtcNow(), _containers[id].Container.Labels, exitCode);
        _events.Add(happened);
        if (_events.Count > EventsKept)
        {
            _events.RemoveRange(0, EventsKept / 2);
        }

        foreach (var watcher in _watchers)
        {
            watcher.Writer.TryWrite(happened);
        }
    }

    private Simulated Known(string id) => _containers.GetValueOrDefault(id) ?? throw new EngineException(EngineFailure.NotFound, $"No such container: {id}");

    private string NameOf(string id) => Locked(() => _containers.GetValueOrDefault(id)?.Container.Name ?? id);

    private static string Joined(ContainerSpec spec) => spec.NetworkMode.StartsWith("container:", StringComparison.Ordinal) ? spec.NetworkMode["container:".Length..] : "";

    private static bool Carries(ImmutableDictionary<string, string> has, IReadOnlyDictionary<string, string> wanted) =>
        wanted.All(label => has.GetValueOrDefault(label.Key) == label.Value);

    private Task Wait(TimeSpan latency, CancellationToken cancellation) => latency == TimeSpan.Zero ? Task.CompletedTask : Task.Delay(latency, time, cancellation);

    /// <summary>A failure is the task's, as with a real engine, never the caller's own exception.</summary>
    private Task<T> Now<T>(EngineCall call, string name, Func<T> act)
    {
        try
        {
            return Task.FromResult(Locked(() =>
            {
                Calls[call] = Calls.GetValueOrDefault(call) + 1;
                var fault = _faults.FindIndex(fault => fault.Call == call && name.Contains(fault.Name, StringComparison.Ordinal));
                if (fault >= 0)
                {
                    var failure = _faults[fault].Failure;
                    _faults.RemoveAt(fault);
                    throw failure;
                }

                return act();
            }));
        }
        catch (Exception failed)
        {
            return Task.FromException<T>(failed);
        }
    }

    private T Locked<T>(Func<T> act)
    {
        lock (_lock)
        {
            return act();
        }
    }

    private void Locked(Action act)
    {
        lock (_lock)
        {
            act();
        }
    }
}
