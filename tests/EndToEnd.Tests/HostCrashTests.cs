using ActorOrchestrator.EndToEnd.Tests.Support;

namespace ActorOrchestrator.EndToEnd.Tests;

/// <summary>Point 6: the orchestrator's own death stops nothing, and it comes back to exactly what was.</summary>
[Collection(SharedCluster.Name)]
public sealed class HostCrashTests(ClusterFixture cluster)
{
    private const string Namespace = "guestbook";

    [Fact]
    public void Everything_keeps_running_while_the_host_is_dead_and_nothing_is_restarted_when_it_is_back()
    {
        cluster.ApplyGuestbook();
        Eventually.Equal(3, () => cluster.PodsOf(Namespace, "app=web").Length, "three pods");
        // A pod whose last run the engine knows nothing of any more: what was told of it must stay told.
        var redis = cluster.PodsOf(Namespace, "app=redis")[0];
        var lost = cluster.ContainerOf(Namespace, redis);
        Shell.Run("docker", ["rm", "-f", lost]).MustSucceed();
        Eventually.Holds(() => { var now = cluster.ContainerOf(Namespace, redis); return (now != lost && now.Length > 0, now); }, "redis runs in a new container");
        cluster.Kubectl.RolledOut(Namespace, "redis");
        Eventually.Equal("true", () => cluster.Kubectl.Value("{.status.containerStatuses[0].ready}", "-n", Namespace, "get", "pod", redis), "redis is ready");
        Eventually.Contains("visits: ", Page, "web reaches the new redis");
        var containers = RunningContainers();
        var objects = SettledObjects();

        cluster.KillHost();
        try
        {
            for (var i = 0; i < 6; i++)
            {
                Assert.Contains("pod: web-", Page(), StringComparison.Ordinal);
            }

            Assert.Equal(containers, RunningContainers());
        }
        finally
        {
            cluster.Up().MustSucceed();
        }

        Assert.Equal(objects, SettledObjects());
        Assert.Equal(containers, RunningContainers());
        Eventually.Contains("visits: ", Page, "the guestbook counts on");
    }

    [Fact]
    public void A_container_killed_while_the_host_was_dead_is_healed()
    {
        cluster.ApplyGuestbook();
        var pod = cluster.PodsOf(Namespace, "app=web")[0];
        var restarts = int.Parse(cluster.Kubectl.Value("{.status.containerStatuses[0].restartCount}", "-n", Namespace, "get", "pod", pod), System.Globalization.CultureInfo.InvariantCulture);
        var container = cluster.ContainerOf(Namespace, pod);

        cluster.KillHost();
        try
        {
            Shell.Run("docker", ["kill", container]).MustSucceed();
        }
        finally
        {
            cluster.Up().MustSucceed();
        }

        Eventually.Equal($"{restarts + 1}", () => cluster.Kubectl.Value("{.status.containerStatuses[0].restartCount}", "-n", Namespace, "get", "pod", pod), "the death is seen and counted");
        Eventually.Equal("true", () => cluster.Kubectl.Value("{.status.containerStatuses[0].ready}", "-n", Namespace, "get", "pod", pod), "the container runs again");
    }

    private static string Page() => Shell.Bash("curl -s --max-time 30 http://127.0.0.1:30080/").Output;

    private string RunningContainers() =>
        string.Join('\n', Shell.Bash($"docker ps --no-trunc --format '{{{{.ID}}}} {{{{.Names}}}}' --filter name=_guestbook_ --filter label=orchestrator.cluster=$(cat {cluster.Data}/cluster-id)").MustSucceed().Output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());

    /// <summary>As they are when what happened before has been written to its end: the same for three seconds.</summary>
    private string SettledObjects()
    {
        var seen = Objects();
        var since = System.Diagnostics.Stopwatch.StartNew();
        Eventually.Holds(
            () =>
            {
                var now = Objects();
                if (now != seen)
                {
                    seen = now;
                    since.Restart();
                }

                return (since.Elapsed > TimeSpan.FromSeconds(3), now);
            },
            "the guestbook's objects rest");
        return seen;
    }

    /// <summary>Kind, name, resourceVersion, and for pods container ids and restart counts, of all that the guestbook is.</summary>
    private string Objects() => cluster.Kubectl.Do("-n", Namespace, "get", "deployments,replicasets,pods,services,configmaps,secrets,endpoints,endpointslices",
        "-o", "custom-columns=KIND:.kind,NAME:.metadata.name,VERSION:.metadata.resourceVersion,ID:.status.containerStatuses[*].containerID,RESTARTS:.status.containerStatuses[*].restartCount");
}
