using ActorOrchestrator.EndToEnd.Tests.Support;

namespace ActorOrchestrator.EndToEnd.Tests;

/// <summary>What containers really use decides how many there are.</summary>
[Collection(SharedCluster.Name)]
public sealed class AutoscalingTests(ClusterFixture cluster)
{
    [Fact]
    public void A_workload_that_burns_its_processor_gets_more_pods_and_loses_them_when_that_is_no_longer_much()
    {
        using var space = new Space(cluster, "1.32", "autoscaling");
        space.Feed(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: burner}
            spec:
              selector: {matchLabels: {app: burner}}
              template:
                metadata: {labels: {app: burner}}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers:
                  - name: main
                    image: busybox:1.36
                    command: [sh, -c, "trap 'exit 0' TERM; while true; do :; done"]
                    resources: {requests: {cpu: 50m}, limits: {cpu: 100m}}
            """,
            "apply", "-f", "-");
        Assert.Contains("autoscaled", space.Do("autoscale", "deployment", "burner", "--min=1", "--max=2", "--cpu-percent=50"), StringComparison.Ordinal);

        Eventually.Equal("2", () => space.Do("get", "deployment", "burner", "-o", "jsonpath={.spec.replicas}"), "the autoscaler has added a pod", TimeSpan.FromSeconds(90));
        Assert.Contains("SuccessfulRescale", space.Do("describe", "hpa", "burner"), StringComparison.Ordinal);
        Assert.Matches(@"burner\s+Deployment/burner\s+cpu: \d+%/50%\s+1\s+2", space.Do("get", "hpa", "burner"));
        Assert.Matches(@"burner-\S+\s+\d+m\s+\d+Mi", space.Do("top", "pods"));

        // So much is no longer too much; without a window it need not wait to be believed.
        space.Do(
            "patch", "hpa", "burner", "--type=merge",
            "-p", """{"spec":{"behavior":{"scaleDown":{"stabilizationWindowSeconds":0}},"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":1000}}}]}}""");
        Eventually.Equal("1", () => space.Do("get", "deployment", "burner", "-o", "jsonpath={.spec.replicas}"), "the autoscaler has taken the pod away", TimeSpan.FromSeconds(60));
    }
}
