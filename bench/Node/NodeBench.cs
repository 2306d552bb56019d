using System.Diagnostics;
using ActorOrchestrator.Actors.NodeAgent.Containers;

namespace ActorOrchestrator.Bench.Node;

/// <summary>Pods on the real engine, each figure beside the bare engine calls that do the same. Ours and the floor take turns, so that both see the same machine.</summary>
public sealed class NodeBench : IBench
{
    private const int Rounds = 12;
    private const int Scale = 30;
    private static readonly int[] Concurrencies = [2, 4, 8];

    public string Name => "node";

    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        await using var host = await NodeHost.StartAsync(cancellation);
        await WarmUpAsync(host);
        await PodsAsync(report, host, cancellation);
        await KillsAsync(report, host, cancellation);
        await ScaleAsync(report, host, cancellation);
    }

    private static async Task WarmUpAsync(NodeHost host)
    {
        await host.CreatePodAsync("warm");
        await host.RunningAsync("warm");
        await host.DeleteAllAsync();
        await RemoveAsync(host, await host.BarePodAsync());
    }

    private async Task PodsAsync(Report report, NodeHost host, CancellationToken cancellation)
    {
        var (ours, bare) = (new List<double>(), new List<double>());
        for (var i = 0; i < Rounds && !cancellation.IsCancellationRequested; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await host.CreatePodAsync($"pod-{i}");
            await host.RunningAsync($"pod-{i}");
            ours.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            await host.DeleteAllAsync();

            began = Stopwatch.GetTimestamp();
            var pod = await host.BarePodAsync();
            bare.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            await RemoveAsync(host, pod);
        }

        report.Add(new Measurement(Name, "pod create → Running (durable, one container)", Median(ours), "ms", "bare create+start of pause + container", Median(bare), "≤ 1.15x"));
    }

    /// <summary>The floor is what nobody can be faster than: hearing of the death, then a bare start of a container in the same sandbox.</summary>
    private async Task KillsAsync(Report report, NodeHost host, CancellationToken cancellation)
    {
        await host.CreatePodAsync("victim");
        await host.RunningAsync("victim");
        var (ours, bare) = (new List<double>(), new List<double>());
        var restarts = 0;
        for (var i = 0; i < Rounds && !cancellation.IsCancellationRequested; i++)
        {
            // The second restart of a container is backed off, so that each is the first of its pod.
            var began = Stopwatch.GetTimestamp();
            await host.Engine.KillAsync(host.Container(host.Reader.Current, "victim")!.ContainerID["docker://".Length..], "SIGKILL", cancellation);
            await host.RunningAsync("victim", ++restarts);
            ours.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            await host.DeleteAllAsync();
            await host.CreatePodAsync("victim");
            await host.RunningAsync("victim");
            restarts = 0;

            var (sandbox, container) = await host.BarePodAsync();
            bare.Add(await BareKillAsync(host, sandbox, container, cancellation));
        }

        report.Add(new Measurement(Name, "kill -9 → Running again", Median(ours), "ms", "die event + bare create+start of the join", Median(bare), "≤ 1.15x"));
        await host.DeleteAllAsync();
    }

    private static async Task<double> BareKillAsync(NodeHost host, string sandbox, string container, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var listening = new TaskCompletionSource();
        var died = new TaskCompletionSource();
        var watch = Task.Run(async () =>
        {
            try
            {
                // The stream begins in the past: hearing of the container's own start proves that it is open.
                await foreach (var happened in host.Engine.EventsAsync(ContainerLabels.OfCluster(host.Settings.ClusterId), TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(30), stop.Token))
                {
                    if (happened.Id == container)
                    {
                        _ = happened.Kind == EngineEventKind.Died ? died.TrySetResult() : listening.TrySetResult();
                    }
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
            }
        }, cancellation);
        await listening.Task.WaitAsync(cancellation);
        var began = Stopwatch.GetTimestamp();
        await host.Engine.KillAsync(container, "SIGKILL", cancellation);
        await died.Task.WaitAsync(cancellation);
        var again = await host.BareJoinAsync(sandbox);
        var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        await stop.CancelAsync();
        await watch;
        await host.Engine.RemoveAsync(container, CancellationToken.None);
        await RemoveAsync(host, (sandbox, again));
        return took;
    }

    private async Task ScaleAsync(Report report, NodeHost host, CancellationToken cancellation)
    {
        await host.CreatePodAsync("scale-0");
        await host.RunningAsync("scale-0");
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(1, Scale - 1).Select(i => host.CreatePodAsync($"scale-{i}")));
        await Task.WhenAll(Enumerable.Range(1, Scale - 1).Select(i => host.RunningAsync($"scale-{i}")));
        var ours = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        await host.DeleteAllAsync();

        var best = double.MaxValue;
        var bestConcurrency = 0;
        foreach (var concurrency in Concurrencies)
        {
            var pods = new System.Collections.Concurrent.ConcurrentBag<(string, string)>();
            began = Stopwatch.GetTimestamp();
            await Parallel.ForEachAsync(Enumerable.Range(1, Scale - 1), new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = cancellation }, async (_, _) => pods.Add(await host.BarePodAsync()));
            var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            (best, bestConcurrency) = took < best ? (took, concurrency) : (best, bestConcurrency);
            await Parallel.ForEachAsync(pods, CancellationToken.None, async (pod, _) => await RemoveAsync(host, pod));
        }

        report.Add(new Measurement(Name, $"scale 1 → {Scale} pods", ours, "ms", $"the same containers on the bare engine, {bestConcurrency} at once", best, "≤ 1.1x"));
    }

    private static async Task RemoveAsync(NodeHost host, (string Sandbox, string Container) pod)
    {
        await host.Engine.RemoveAsync(pod.Container);
        await host.Engine.RemoveAsync(pod.Sandbox);
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
