using System.Collections.Concurrent;
using System.Diagnostics;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Host.Engine;

namespace ActorOrchestrator.Bench.Node;

/// <summary>The floor: the engine calls that a pod needs at least, nothing between them and no limit on starts. What it makes belongs to nobody's node.</summary>
/// <param name="cluster">Names what is made, and labels it so that a purge of this cluster takes it away.</param>
/// <param name="network">The engine's network that sandboxes get their address from.</param>
internal sealed class BareEngine(string cluster, string network) : IDisposable
{
    public const string Image = "busybox:1.36";
    private readonly DockerEngine _engine = new(Endpoint, parallelStarts: 64);
    private int _made;

    public static Uri Endpoint => new(Environment.GetEnvironmentVariable("DOCKER_HOST") ?? "unix:///var/run/docker.sock");

    /// <summary>A pause with an address and a container that joins it.</summary>
    public async Task<(string Sandbox, string Container)> PodAsync()
    {
        var number = Interlocked.Increment(ref _made);
        var sandbox = await _engine.CreateAsync(Spec($"bare-{number}-pause", PauseImage.Reference, network, "shareable"));
        await _engine.StartAsync(sandbox);
        return (sandbox, await JoinAsync(sandbox));
    }

    public async Task<string> JoinAsync(string sandbox)
    {
        var number = Interlocked.Increment(ref _made);
        var container = await _engine.CreateAsync(Spec($"bare-{number}-c", Image, $"container:{sandbox}", $"container:{sandbox}"));
        await _engine.StartAsync(container);
        return container;
    }

    public async Task RemoveAsync((string Sandbox, string Container) pod)
    {
        await _engine.RemoveAsync(pod.Container);
        await _engine.RemoveAsync(pod.Sandbox);
    }

    /// <summary>The time that so many pods take when so many of them are made at once, in milliseconds.</summary>
    public async Task<double> PodsAsync(int pods, int concurrency, CancellationToken cancellation)
    {
        var made = new ConcurrentBag<(string, string)>();
        var began = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, pods), new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = cancellation }, async (_, _) => made.Add(await PodAsync()));
        var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        await Parallel.ForEachAsync(made, CancellationToken.None, async (pod, _) => await RemoveAsync(pod));
        return took;
    }

    public void Dispose() => _engine.Dispose();

    private ContainerSpec Spec(string name, string image, string networkMode, string ipc) => new()
    {
        Name = $"{cluster}-{name}",
        Image = image,
        Labels = ContainerLabels.OfCluster(cluster),
        Command = image == Image ? ["sh", "-c", "trap exit TERM; sleep 6000 & wait"] : null,
        NetworkMode = networkMode,
        IpcMode = ipc,
    };
}
