using System.Collections.Concurrent;
using System.Collections.Immutable;
using ActorOrchestrator.Actors.NodeAgent.Volumes;

namespace ActorOrchestrator.Actors.NodeAgent.Simulation;

/// <summary>A node's disk that is only memory, beside the simulated engine. It outlives the agent that uses it, as a disk does.</summary>
/// <param name="keeps">False when nobody will read it again: who measures memory does not mean that which stands for a disk.</param>
public sealed class InMemoryNodeFiles(bool keeps = true) : INodeFiles
{
    private readonly ConcurrentDictionary<string, ReadOnlyMemory<byte>> _files = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ReadOnlyMemory<byte>> _checkpoints = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _localVolumes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ImmutableArray<ProjectedFile>> _projections = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Files => _files;
    public IReadOnlyCollection<string> LocalVolumes => [.. _localVolumes.Keys];
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Checkpoints => _checkpoints;
    public IReadOnlyDictionary<string, ImmutableArray<ProjectedFile>> Projections => _projections;

    public string PathOf(string podUid, string relativePath) => $"/pods/{podUid}/{relativePath}";

    public Task<string> WriteAsync(string podUid, string relativePath, ReadOnlyMemory<byte> content, CancellationToken cancellation = default)
    {
        var path = PathOf(podUid, relativePath);
        if (keeps)
        {
            _files[path] = content;
        }

        return Task.FromResult(path);
    }

    public Task<string> EmptyDirectoryAsync(string podUid, string volume, bool inMemory, long? sizeLimit, long? group, CancellationToken cancellation = default) =>
        Task.FromResult(PathOf(podUid, $"volumes/{volume}"));

    public Task<string> ProjectAsync(string podUid, string volume, ImmutableArray<ProjectedFile> files, long? group, CancellationToken cancellation = default)
    {
        var path = PathOf(podUid, $"volumes/{volume}");
        if (keeps)
        {
            _projections[path] = files;
        }

        return Task.FromResult(path);
    }

    public Task<ReadOnlyMemory<byte>> ReadProjectedAsync(string podUid, string volume, string path, CancellationToken cancellation = default) =>
        Task.FromResult(_projections.TryGetValue(PathOf(podUid, $"volumes/{volume}"), out var files) && files.FirstOrDefault(file => file.Path == path) is { } found ? found.Content : default);

    public Task EnsureHostPathAsync(string path, string type, CancellationToken cancellation = default) => Task.CompletedTask;

    public Task<string> LocalVolumeAsync(string handle, long? group, CancellationToken cancellation = default)
    {
        _localVolumes[handle] = true;
        return Task.FromResult($"/volumes/{handle}");
    }

    public Task RemoveLocalVolumeAsync(string handle, CancellationToken cancellation = default)
    {
        _localVolumes.TryRemove(handle, out _);
        return Task.CompletedTask;
    }

    public Task<string> SubPathAsync(string volumePath, string subPath, CancellationToken cancellation = default) => Task.FromResult($"{volumePath}/{subPath}");

    public Task<string> ReadTerminationMessageAsync(string path, CancellationToken cancellation = default) =>
        Task.FromResult(_files.TryGetValue(path, out var content) ? System.Text.Encoding.UTF8.GetString(content.Span) : "");

    public Task<string> HostResolvConfAsync(CancellationToken cancellation = default) => Task.FromResult("nameserver 192.0.2.1\n");

    public Task SaveCheckpointAsync(string podUid, ReadOnlyMemory<byte> content, CancellationToken cancellation = default)
    {
        if (keeps)
        {
            _checkpoints[podUid] = content;
        }

        return Task.CompletedTask;
    }

    public Task<ImmutableDictionary<string, ReadOnlyMemory<byte>>> LoadCheckpointsAsync(CancellationToken cancellation = default) =>
        Task.FromResult(_checkpoints.ToImmutableDictionary());

    public Task SaveStateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellation = default)
    {
        _files[$"/state/{name}"] = content;
        return Task.CompletedTask;
    }

    public Task<ReadOnlyMemory<byte>> LoadStateAsync(string name, CancellationToken cancellation = default) =>
        Task.FromResult(_files.GetValueOrDefault($"/state/{name}"));

    public Task RemovePodAsync(string podUid, CancellationToken cancellation = default)
    {
        foreach (var path in _files.Keys.Where(path => path.StartsWith($"/pods/{podUid}/", StringComparison.Ordinal)))
        {
            _files.TryRemove(path, out _);
        }

        _checkpoints.TryRemove(podUid, out _);
        return Task.CompletedTask;
    }
}
