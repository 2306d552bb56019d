using ActorOrchestrator.EndToEnd.Tests.Support;

namespace ActorOrchestrator.EndToEnd.Tests;

/// <summary>Point 5: what dies comes back, and everybody can see that it did.</summary>
[Collection(SharedCluster.Name)]
public sealed class SelfHealingTests(ClusterFixture cluster)
{
    private const string Namespace = "guestbook";

    [Fact]
    public void A_killed_container_runs_again_with_restart_count_1_and_its_endpoint_leaves_and_returns()
    {
        cluster.ApplyGuestbook();
        cluster.Kubectl.Do("-n", Namespace, "rollout", "restart", "deployment/web");
        cluster.Kubectl.RolledOut(Namespace, "web");
        Eventually.Equal(3, () => cluster.PodsOf(Namespace, "app=web").Length, "only fresh pods");
        var pod = cluster.PodsOf(Namespace, "app=web")[0];
        var container = cluster.ContainerOf(Namespace, pod);
        var ip = cluster.Kubectl.Value("{.status.podIP}", "-n", Namespace, "get", "pod", pod);
        Eventually.Contains(ip, Endpoints, "the pod is an endpoint");
        using var endpoints = cluster.Kubectl.Start("-n", Namespace, "get", "endpoints", "web", "-w", "-o", "jsonpath={.subsets[*].addresses[*].ip}{\"\\n\"}");
        Eventually.Contains(ip, () => endpoints.Output, "the watch's first line");
        var processId = Shell.Run("docker", ["inspect", "-f", "{{.State.Pid}}", container]).MustSucceed().Output.Trim();

        Shell.Bash($"kill -9 {processId}").MustSucceed();

        Eventually.Equal("1", () => cluster.Kubectl.Value("{.status.containerStatuses[0].restartCount}", "-n", Namespace, "get", "pod", pod), "restart count 1");
        Eventually.Equal("true", () => cluster.Kubectl.Value("{.status.containerStatuses[0].ready}", "-n", Namespace, "get", "pod", pod), "ready again");
        Assert.NotEqual(container, cluster.ContainerOf(Namespace, pod));
        Assert.Equal("137", cluster.Kubectl.Value("{.status.containerStatuses[0].lastState.terminated.exitCode}", "-n", Namespace, "get", "pod", pod));
        Eventually.Holds(
            () =>
            {
                // kubectl says first that Endpoints are deprecated.
                var lines = endpoints.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("Warning:", StringComparison.Ordinal)).ToArray();
                var left = Array.FindIndex(lines, line => !line.Split(' ').Contains(ip));
                return (left > 0 && lines[^1].Split(' ').Contains(ip), endpoints.Output);
            },
            "the endpoint was dropped and restored");
        Eventually.Holds(
            () => { var events = cluster.Kubectl.Do("-n", Namespace, "describe", "pod", pod); return (System.Text.RegularExpressions.Regex.IsMatch(events, @"Started +.*x2 over"), events); },
            "the second start is recorded as an event");
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_pod_whose_containers_were_removed_behind_our_back_is_rebuilt(bool everything)
    {
        cluster.ApplyGuestbook();
        var pod = cluster.PodsOf(Namespace, "app=redis")[0];
        var uid = cluster.Kubectl.Value("{.metadata.uid}", "-n", Namespace, "get", "pod", pod);
        var all = Shell.Bash($"docker ps -q --no-trunc --filter name=_{uid}_").MustSucceed().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, all.Length);
        var app = cluster.ContainerOf(Namespace, pod);
        var gone = everything ? all : all.Where(id => id != app).ToArray();

        Shell.Run("docker", ["rm", "-f", .. gone]).MustSucceed();

        Eventually.Holds(
            () =>
            {
                var ready = cluster.Kubectl.Value("{.status.containerStatuses[0].ready}", "-n", Namespace, "get", "pod", pod);
                var now = cluster.ContainerOf(Namespace, pod);
                return (ready == "true" && now != app, $"ready {ready}, container {now}");
            },
            "the pod runs in new containers");
        Eventually.Contains("visits: ", () => Shell.Bash("curl -s --max-time 30 http://127.0.0.1:30080/").Output, "web reaches the rebuilt redis");
        Eventually.Holds(
            () => { var page = Shell.Bash("curl -s --max-time 30 http://127.0.0.1:30080/").Output; return (page.Length > 0 && !page.Contains("did not answer", StringComparison.Ordinal), page); },
            "web reaches the rebuilt redis");
    }

    [Fact]
    public void A_deleted_pod_is_replaced()
    {
        cluster.ApplyGuestbook();
        var pod = cluster.PodsOf(Namespace, "app=web")[0];

        cluster.Kubectl.Do("-n", Namespace, "delete", "pod", pod);

        Assert.DoesNotContain(pod, cluster.PodsOf(Namespace, "app=web"));
        cluster.Kubectl.RolledOut(Namespace, "web");
        Eventually.Equal(3, () => cluster.PodsOf(Namespace, "app=web").Length, "three pods again");
    }

    [Fact]
    public void A_container_that_keeps_dying_is_backed_off()
    {
        cluster.Kubectl.Apply("""
            apiVersion: v1
            kind: Pod
            metadata: { name: crasher, namespace: default }
            spec:
              terminationGracePeriodSeconds: 1
              containers:
                - { name: c, image: "busybox:1.36", command: ["sh", "-c", "exit 3"] }
            """);

        Eventually.Contains("CrashLoopBackOff", () => cluster.Kubectl.Do("get", "pod", "crasher"), "CrashLoopBackOff");
        Eventually.Contains("Back-off restarting failed container", () => cluster.Kubectl.Do("describe", "pod", "crasher"), "the BackOff event");
        Assert.Equal("3", cluster.Kubectl.Value("{.status.containerStatuses[0].lastState.terminated.exitCode}", "get", "pod", "crasher"));
        cluster.Kubectl.Do("delete", "pod", "crasher");
    }

    private string Endpoints() => cluster.Kubectl.Value("{.subsets[*].addresses[*].ip}", "-n", Namespace, "get", "endpoints", "web");
}
