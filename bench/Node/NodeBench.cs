using System.Diagnostics;
using ActorOrchestrator.Actors.NodeAgent.Containers;

namespace ActorOrchestrator.Bench.Node;

/// <summary>Pods on the real engine, each figure beside the bare engine calls that do the same. Ours and the floor take turns, so that both see the same machine.</summary>
public sealed class NodeBench : IBench
{
    private const int Rounds = 12;

    public string Name => "node";

    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        await using var host = await NodeHost.StartAsync(cancellation);
        await WarmUpAsync(host);
        await PodsAsync(report, host, cancellation);
        await KillsAsync(report, host, cancellation);
    }

    private static async Task WarmUpAsync(NodeHost host)
    {
        await host.CreatePodAsync("warm");
        await host.RunningAsync("warm");
        await host.DeleteAllAsync();
        await host.Bare.RemoveAsync(await host.Bare.PodAsync());
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
            var pod = await host.Bare.PodAsync();
            bare.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            await host.Bare.RemoveAsync(pod);
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

            var (sandbox, container) = await host.Bare.PodAsync();
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
        var again = await host.Bare.JoinAsync(sandbox);
        var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        await stop.CancelAsync();
        await watch;
        await host.Engine.RemoveAsync(container, CancellationToken.None);
        await host.Bare.RemoveAsync((sandbox, again));
        return took;
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
