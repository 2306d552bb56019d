using ActorOrchestrator.Actors.Metrics;
using Akka.Actor;
using Akka.Configuration;

namespace ActorOrchestrator.Cluster.Tests.Metrics;

/// <summary>Between two hosts, over the wire: what nodes report to the one that leads is known on the other.</summary>
public sealed class UsageFollowingTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly ActorSystem _leading = Start("leading");
    private readonly ActorSystem _following = Start("following");

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Task.WhenAll(_leading.Terminate(), _following.Terminate());

    [Fact]
    public async Task A_control_host_that_follows_knows_what_the_leader_knows()
    {
        var (known, followed) = (Empty(), Empty());
        var leader = _leading.ActorOf(ResourceMetricsActor.Props(known, TimeProvider.System), "resource-metrics");
        leader.Tell(Report("before"));
        var elsewhere = await _following.ActorSelection(leader.Path.ToStringWithAddress(((ExtendedActorSystem)_leading).Provider.DefaultAddress)).ResolveOne(Patience);
        _following.ActorOf(UsageFollowerActor.Props(followed, elsewhere), "usage-follower");
        await UntilAsync(() => followed.Node("before") is not null);

        // A node reports from a third place: here from the following host itself.
        elsewhere.Tell(Report("after"));
        await UntilAsync(() => followed.Pod("shop", "pod-of-after") is not null);
        var pod = followed.Pod("shop", "pod-of-after")!;
        Assert.Equal(("u", new ContainerUsage("c", 12, 34)), (pod.Uid, pod.Containers.Single()));
        Assert.NotNull(known.Node("after"));
    }

    private static ResourceMetrics Empty() => new(new MetricsSettings(TimeSpan.FromMinutes(5)), TimeProvider.System);

    private static UsageReport Report(string node) => new(
        new NodeUsage(node, TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(15), 1, 2),
        [new PodUsage("shop", $"pod-of-{node}", "u", TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(15), [new ContainerUsage("c", 12, 34)])]);

    private static ActorSystem Start(string name) => ActorSystem.Create(name, ConfigurationFactory.ParseString("""
        akka {
          loglevel = WARNING
          loggers = ["Akka.Event.DefaultLogger"]
          actor.provider = remote
          remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        }
        """).WithFallback(Hocon("cluster.conf")).WithFallback(Hocon("base.conf")));

    private static Config Hocon(string file) => ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon", file)));

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!holds())
        {
            await Task.Delay(20, patience.Token);
        }
    }
}
