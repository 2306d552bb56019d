using ActorOrchestrator.EndToEnd.Tests.Support;

namespace ActorOrchestrator.EndToEnd.Tests;

/// <summary>Point 7: a second host joins, gets work, and its loss is healed.</summary>
[Collection(SharedCluster.Name)]
public sealed class SecondHostTests(ClusterFixture cluster)
{
    [Fact]
    public void A_second_host_joins_runs_pods_by_bin_packing_and_its_pods_are_replaced_when_it_dies()
    {
        using var second = new SecondHost();
        second.StartEngine();
        var kubectl = cluster.Kubectl;
        var first = kubectl.Value("{.items[0].metadata.name}", "get", "nodes");
        var join = Shell.Bash($"artifacts/publish/orchestrator token create --data {cluster.Data}").MustSucceed().Output;
        try
        {
            second.Join(join);
            Eventually.Holds(
                () => { var nodes = kubectl.Do("get", "nodes"); return (System.Text.RegularExpressions.Regex.IsMatch(nodes, @"second +Ready"), nodes + second.Log); },
                "the second node is Ready");

            // Bin packing fills one node first; a pod for which it has no room left goes to the other.
            var milli = AllocatableMilliCores(kubectl, first);
            var share = milli * 45 / 100;
            kubectl.Apply(Deployment("packed", 3, $"{share}m"));
            kubectl.RolledOut("default", "packed");
            var nodes = kubectl.Value("{.items[*].spec.nodeName}", "get", "pods", "-l", "app=packed").Split(' ');
            Assert.Contains("second", nodes);
            Assert.Equal(2, nodes.GroupBy(node => node).Max(group => group.Count()));

            var onSecond = kubectl.Value("{.items[?(@.spec.nodeName==\"second\")].metadata.name}", "get", "pods", "-l", "app=packed").Split(' ')[0];
            Eventually.Contains("Welcome to nginx", () => CurlPod(kubectl, onSecond), "the pod on the second node answers");
            Eventually.Contains("GET / HTTP", () => kubectl.Do("logs", onSecond), "the line of the request that was just made");

            // Of two pods that share a node one goes first, so one is left on each.
            kubectl.Do("scale", "deployment/packed", "--replicas=2");
            Eventually.Equal("2", () => $"{cluster.PodsOf("default", "app=packed").Length}", "two pods are left");
            Assert.Equal("second", kubectl.Value("{.spec.nodeName}", "get", "pod", onSecond));

            second.Kill();

            Eventually.Holds(() => { var seen = kubectl.Do("get", "nodes"); return (System.Text.RegularExpressions.Regex.IsMatch(seen, @"second +NotReady"), seen); }, "the second node is NotReady");
            Eventually.Holds(
                () =>
                {
                    var pods = kubectl.Do("get", "pods", "-l", "app=packed", "-o", "wide");
                    var running = pods.Split('\n').Count(line => line.Contains(" Running ", StringComparison.Ordinal) && line.Contains(first, StringComparison.Ordinal));
                    return (running == 2, pods);
                },
                "both pods run on the first node");
        }
        finally
        {
            kubectl.Try("delete", "deployment", "packed", "--wait=false");
            kubectl.Try("delete", "node", "second");
        }
    }

    private static string CurlPod(Kubectl kubectl, string pod)
    {
        var ip = kubectl.Value("{.status.podIP}", "get", "pod", pod);
        return Shell.Bash($"curl -s --max-time 10 http://{ip}/").Output;
    }

    private static int AllocatableMilliCores(Kubectl kubectl, string node)
    {
        var cpu = kubectl.Value("{.status.allocatable.cpu}", "get", "node", node);
        return cpu.EndsWith('m')
            ? int.Parse(cpu[..^1], System.Globalization.CultureInfo.InvariantCulture)
            : int.Parse(cpu, System.Globalization.CultureInfo.InvariantCulture) * 1000;
    }

    private static string Deployment(string name, int replicas, string cpu) => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: {{name}}, namespace: default }
        spec:
          replicas: {{replicas}}
          selector: { matchLabels: { app: {{name}} } }
          strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }
          template:
            metadata: { labels: { app: {{name}} } }
            spec:
              terminationGracePeriodSeconds: 3
              containers:
                - name: c
                  image: nginx:1.27
                  resources: { requests: { cpu: {{cpu}} } }
        """;
}
