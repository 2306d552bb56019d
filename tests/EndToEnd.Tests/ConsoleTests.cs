using ActorOrchestrator.EndToEnd.Tests.Support;

namespace ActorOrchestrator.EndToEnd.Tests;

/// <summary>Point 8: the console.</summary>
[Collection(SharedCluster.Name)]
public sealed class ConsoleTests(ClusterFixture cluster)
{
    private static CommandResult Pbm(params string[] arguments) => Shell.Run(Path.Combine(Repository.Root, "pbm"), [ClusterFixture.PbmAddress, .. arguments]);

    [Fact]
    public void Cluster_show_prints_a_line_for_each_member_and_the_count()
    {
        var shown = Pbm("cluster", "show").MustSucceed().Output;

        Assert.Matches(@"akka\.\S*tcp://\S+ \| \[[^\]]*control[^\]]*\] \| up \| reachable \| \d+\.\d+", shown.ToLowerInvariant());
        Assert.Contains("Count: 1 nodes", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Actor_hierarchy_shows_the_ledger_and_the_pods()
    {
        cluster.ApplyGuestbook();

        var tree = Pbm("actor", "hierarchy").MustSucceed().Output;

        Assert.Contains("ledger", tree, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(cluster.PodsOf("guestbook", "app=redis")[0], tree, StringComparison.Ordinal);
    }

    [Fact]
    public void The_orchestrator_palette_shows_scales_and_rolls_back()
    {
        cluster.ApplyGuestbook();
        Assert.Contains("Ready", Pbm("orchestrator", "nodes").MustSucceed().Output, StringComparison.Ordinal);
        Assert.Contains("web-", Pbm("orchestrator", "pods", "-n", "guestbook").MustSucceed().Output, StringComparison.Ordinal);

        Pbm("orchestrator", "scale", "-n", "guestbook", "-d", "web", "-r", "4").MustSucceed();
        Pbm("orchestrator", "rollout-status", "-n", "guestbook", "-d", "web").MustSucceed();
        Assert.Equal("4", cluster.Kubectl.Value("{.status.readyReplicas}", "-n", "guestbook", "get", "deployment", "web"));

        cluster.Kubectl.Do("-n", "guestbook", "set", "image", "deployment/web", "web=busybox:1.37");
        cluster.Kubectl.RolledOut("guestbook", "web");
        Pbm("orchestrator", "rollout-undo", "-n", "guestbook", "-d", "web").MustSucceed();
        Pbm("orchestrator", "rollout-status", "-n", "guestbook", "-d", "web").MustSucceed();
        Assert.Equal("busybox:1.36", cluster.Kubectl.Value("{.spec.template.spec.containers[0].image}", "-n", "guestbook", "get", "deployment", "web"));
        Pbm("orchestrator", "scale", "-n", "guestbook", "-d", "web", "-r", "3").MustSucceed();
    }

    [Fact]
    public void Interactive_use_has_a_prompt_help_and_an_end()
    {
        var session = Shell.Run(Path.Combine(Repository.Root, "pbm"), [ClusterFixture.PbmAddress], input: "help\ncluster show\nexit\n").MustSucceed().Output;

        Assert.Contains($"[{ClusterFixture.PbmAddress}] pbm> ", session, StringComparison.Ordinal);
        Assert.Contains("orchestrator", session, StringComparison.Ordinal);
        Assert.Contains("Count: 1 nodes", session, StringComparison.Ordinal);
    }

    [Fact]
    public void What_goes_wrong_is_said_and_ends_with_a_code()
    {
        var unknown = Pbm("orchestrator", "dance");
        Assert.NotEqual(0, unknown.ExitCode);
        Assert.Contains("dance", unknown.All, StringComparison.Ordinal);

        var nobody = Pbm("127.0.0.1:1", "cluster", "show");
        Assert.NotEqual(0, nobody.ExitCode);
        Assert.Contains("127.0.0.1:1", nobody.All, StringComparison.Ordinal);

        var noSuch = Pbm("orchestrator", "scale", "-n", "guestbook", "-d", "no-such", "-r", "2");
        Assert.NotEqual(0, noSuch.ExitCode);
        Assert.Contains("no-such", noSuch.All, StringComparison.Ordinal);
    }
}
