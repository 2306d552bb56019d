using System.Globalization;
using System.Text.RegularExpressions;
using ActorOrchestrator.EndToEnd.Tests.Support;

namespace ActorOrchestrator.EndToEnd.Tests;

/// <summary>What is used is measured, and kubectl shows it.</summary>
[Collection(SharedCluster.Name)]
public sealed partial class MetricsTests(ClusterFixture cluster)
{
    [Fact]
    public void Kubectl_top_shows_what_containers_and_nodes_use()
    {
        using var space = new Space(cluster, "1.32", "usage");
        space.Feed(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: busy, labels: {app: busy}}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - name: burner
                image: busybox:1.36
                command: [sh, -c, "trap exit TERM; while true; do :; done"]
                resources: {limits: {cpu: 200m, memory: 64Mi}}
              - name: holder
                image: busybox:1.36
                command: [sh, -c, "trap exit TERM; x=$(head -c 16000000 /dev/zero | tr '\\0' x); sleep 600 & wait"]
            """,
            "apply", "-f", "-");
        Eventually.Holds(
            () =>
            {
                var shown = space.Try("top", "pod", "busy", "--containers").All;
                var (burner, holder) = (Figures(shown, "burner"), Figures(shown, "holder"));
                return (burner.Millicores is > 100 and < 260 && holder is { Millicores: < 100, Mebibytes: > 14 and < 40 }, shown);
            },
            "each container's share of processor and memory is known");

        Assert.Matches(@"busy\s+\d+m\s+\d+Mi", space.Do("top", "pod", "-l", "app=busy"));
        Assert.Matches(@"busy\s+\d+m\s+\d+Mi", cluster.OldKubectl.Do("-n", space.Name, "top", "pod", "busy"));
        Assert.Matches(@"\d+m\s+\d+%\s+\d+Mi\s+\d+%", cluster.Kubectl.Do("top", "node"));
        Assert.Matches(@"\d+m\s+\d+%\s+\d+Mi\s+\d+%", cluster.OldKubectl.Do("top", "node"));
        Assert.Matches(@"v1beta1\.metrics\.k8s\.io\s+Local\s+True", cluster.Kubectl.Do("get", "apiservices"));

        // The node tells the same itself.
        var node = space.Do("get", "pod", "busy", "-o", "jsonpath={.spec.nodeName}");
        Assert.Contains("\"usageNanoCores\"", cluster.Kubectl.Do("get", "--raw", $"/api/v1/nodes/{node}/proxy/stats/summary"), StringComparison.Ordinal);
        Assert.Contains("container_memory_working_set_bytes{container=\"holder\"", cluster.Kubectl.Do("get", "--raw", $"/api/v1/nodes/{node}/proxy/metrics/resource"), StringComparison.Ordinal);
    }

    /// <summary>A row of <c>kubectl top</c>.</summary>
    private static (int Millicores, int Mebibytes) Figures(string shown, string container) =>
        Row().Matches(shown).FirstOrDefault(row => row.Groups[1].Value == container) is { } found
            ? (int.Parse(found.Groups[2].Value, CultureInfo.InvariantCulture), int.Parse(found.Groups[3].Value, CultureInfo.InvariantCulture))
            : (-1, -1);

    [GeneratedRegex(@"(\S+)\s+(\d+)m\s+(\d+)Mi")]
    private static partial Regex Row();
}
