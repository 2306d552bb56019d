using ActorOrchestrator.EndToEnd.Tests.Support;

namespace ActorOrchestrator.EndToEnd.Tests;

/// <summary>Where pods go, on one real node.</summary>
[Collection(SharedCluster.Name)]
public sealed class SchedulingTests(ClusterFixture cluster)
{
    private const string Namespace = "scheduling";

    [Fact]
    public void A_copy_that_must_be_alone_waits_and_says_why_and_a_gate_holds_until_it_is_opened()
    {
        cluster.Kubectl.Do("apply", "-f", "samples/scheduling.yaml");
        try
        {
            Eventually.Equal("1", () => cluster.Kubectl.Value("{.status.readyReplicas}", "-n", Namespace, "get", "deployment", "apart"), "one of the two runs");
            Eventually.Contains(
                "node(s) didn't match pod anti-affinity rules", () => cluster.Kubectl.Do("-n", Namespace, "describe", "pod", "-l", "app=apart"), "the other says why");
            Assert.Equal("SchedulingGated", cluster.Kubectl.Value("{.status.conditions[?(@.type==\"PodScheduled\")].reason}", "-n", Namespace, "get", "pod", "gated"));
            Assert.Equal("", cluster.Kubectl.Value("{.spec.nodeName}", "-n", Namespace, "get", "pod", "gated"));

            cluster.Kubectl.Do("-n", Namespace, "patch", "pod", "gated", "--type", "json", "-p", """[{"op":"remove","path":"/spec/schedulingGates"}]""");

            Eventually.Equal("Running", () => cluster.Kubectl.Value("{.status.phase}", "-n", Namespace, "get", "pod", "gated"), "the gate is open");
        }
        finally
        {
            cluster.Kubectl.Do("delete", "-f", "samples/scheduling.yaml", "--wait=false");
        }
    }
}
