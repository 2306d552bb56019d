using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Actors.Scheduling.Framework;

namespace ActorOrchestrator.Actors.Tests.Scheduling;

public sealed class SchedulingCycleTests
{
    private static readonly SchedulingProfile Packing = SchedulingProfile.Default();
    private static readonly SchedulingProfile Spreading = SchedulingProfile.Default(scoring: ScoringStrategy.LeastAllocated);

    private static Action<JsonObject> Tainted(string key, string value = "", string effect = "NoSchedule") => node =>
        node["spec"]!["taints"] = new JsonArray(new JsonObject { ["key"] = key, ["value"] = value, ["effect"] = effect });

    private static string MessageFor(PodInfo pod, params NodeInfo[] nodes) =>
        SchedulingCycle.Decide(Given.Cluster(nodes), Packing, pod, 0).Diagnosis!.Message;

    [Fact]
    public void Without_nodes_the_message_says_so() => Assert.Equal("no nodes available to schedule pods", MessageFor(Given.Pod("p")));

    [Fact]
    public void Every_refusal_is_counted_in_upstreams_words()
    {
        var message = MessageFor(
            Given.Pod("p", cpu: "3"),
            Given.Node("a", cpu: "2"),
            Given.Node("b", change: Tainted("dedicated", "gpu")),
            Given.Node("c", change: Tainted("dedicated", "gpu")));
        Assert.Equal(
            "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {dedicated: gpu}. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
            message);
    }

    [Fact]
    public void A_full_node_is_told_from_one_that_is_too_small()
    {
        var full = Given.Node("full", cpu: "2").With(Given.Pod("other", cpu: "1500m"));
        Assert.Equal(
            "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
            MessageFor(Given.Pod("p", cpu: "1"), full));
    }

    [Fact]
    public void One_node_can_lack_several_things()
    {
        var node = Given.Node("n", cpu: "1", memory: "1Mi", pods: 0);
        Assert.StartsWith("0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 Too many pods.", MessageFor(Given.Pod("p", cpu: "2", memory: "2Mi"), node));
    }

    [Theory]
    [InlineData("""{"nodeSelector":{"disk":"ssd"}}""", "node(s) didn't match Pod's node affinity/selector")]
    [InlineData("""{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"gen","operator":"Gt","values":["7"]}]}]}}}}""", "node(s) didn't match Pod's node affinity/selector")]
    [InlineData("""{"containers":[{"resources":{"requests":{"nvidia.com/gpu":"1"}}}]}""", "Insufficient nvidia.com/gpu")]
    [InlineData("""{"containers":[{"ports":[{"containerPort":80,"hostPort":80}]}]}""", "node(s) didn't have free ports for the requested pod ports")]
    [InlineData("""{"containers":[{"resources":{"requests":{"ephemeral-storage":"11Gi"}}}]}""", "Insufficient ephemeral-storage")]
    public void A_pod_that_asks_for_what_the_node_has_not_is_refused(string spec, string reason)
    {
        var node = Given.Node("n", change: n => n["metadata"]!["labels"]!["gen"] = "7")
            .With(Given.PodOf("""{"containers":[{"ports":[{"containerPort":80,"hostPort":80,"hostIP":"127.0.0.1"}]}]}"""));
        Assert.StartsWith($"0/1 nodes are available: 1 {reason}.", MessageFor(Given.PodOf(spec), node));
    }

    [Theory]
    [InlineData("""{"nodeSelector":{"gen":"7"}}""")]
    [InlineData("""{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"gen","operator":"Lt","values":["3"]}]},{"matchExpressions":[{"key":"gen","operator":"In","values":["6","7"]}]}]}}}}""")]
    [InlineData("""{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchFields":[{"key":"metadata.name","operator":"In","values":["n"]}]}]}}}}""")]
    [InlineData("""{"containers":[{"ports":[{"containerPort":80,"hostPort":80,"protocol":"UDP"}]}]}""")]
    [InlineData("""{"containers":[{"ports":[{"containerPort":80,"hostPort":80,"hostIP":"10.0.0.1"}]}]}""")]
    public void A_pod_that_asks_for_what_the_node_has_goes_there(string spec)
    {
        var node = Given.Node("n", change: n => n["metadata"]!["labels"]!["gen"] = "7")
            .With(Given.PodOf("""{"containers":[{"ports":[{"containerPort":80,"hostPort":80,"hostIP":"127.0.0.1"}]}]}"""));
        Assert.Equal("n", SchedulingCycle.Decide(Given.Cluster(Given.Node("m", pods: 0), node), Packing, Given.PodOf(spec), 0).NodeName);
    }

    [Fact]
    public void A_node_that_is_not_ready_takes_nothing_even_before_its_taint_is_written()
    {
        Assert.Contains("1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }", MessageFor(Given.Pod("p"), Given.Node("n", ready: "False")));
        Assert.Contains("1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }", MessageFor(Given.Pod("p"), Given.Node("n", ready: "Unknown")));
    }

    [Fact]
    public void A_cordoned_node_takes_only_pods_that_tolerate_it()
    {
        var cordoned = Given.Node("n", change: n => n["spec"]!["unschedulable"] = true);
        Assert.Contains("1 node(s) were unschedulable", MessageFor(Given.Pod("p"), cordoned));
        var tolerant = Given.Pod("p", spec: s => s["tolerations"] = new JsonArray(Given.Parse("""{"key":"node.kubernetes.io/unschedulable","operator":"Exists"}""")));
        Assert.Equal("n", SchedulingCycle.Decide(Given.Cluster(cordoned), Packing, tolerant, 0).NodeName);
    }

    [Theory]
    [InlineData("""{"key":"k","operator":"Equal","value":"v","effect":"NoSchedule"}""", true)]
    [InlineData("""{"key":"k","value":"v"}""", true)]
    [InlineData("""{"key":"k","operator":"Exists"}""", true)]
    [InlineData("""{"operator":"Exists"}""", true)]
    [InlineData("""{"key":"k","value":"w"}""", false)]
    [InlineData("""{"key":"k","operator":"Exists","effect":"NoExecute"}""", false)]
    public void Tolerations_match_as_upstream_says(string toleration, bool tolerated)
    {
        var pod = Given.Pod("p", spec: s => s["tolerations"] = new JsonArray(Given.Parse(toleration)));
        var decision = SchedulingCycle.Decide(Given.Cluster(Given.Node("n", change: Tainted("k", "v"))), Packing, pod, 0);
        Assert.Equal(tolerated, decision.NodeName is not null);
    }

    [Fact]
    public void Packing_prefers_the_fuller_node_and_spreading_the_emptier()
    {
        var nodes = Given.Cluster(Given.Node("empty"), Given.Node("half").With(Given.Pod("other", cpu: "2", memory: "4Gi")));
        Assert.Equal("half", SchedulingCycle.Decide(nodes, Packing, Given.Pod("p"), 0).NodeName);
        Assert.Equal("empty", SchedulingCycle.Decide(nodes, Spreading, Given.Pod("p"), 0).NodeName);
    }

    [Fact]
    public void A_taint_that_only_prefers_not_to_outweighs_packing()
    {
        var nodes = Given.Cluster(
            Given.Node("avoided", change: Tainted("k", effect: "PreferNoSchedule")).With(Given.Pod("other", cpu: "2", memory: "4Gi")), Given.Node("free"));
        Assert.Equal("free", SchedulingCycle.Decide(nodes, Packing, Given.Pod("p"), 0).NodeName);
    }

    [Fact]
    public void A_fork_is_independent()
    {
        var cluster = Given.Cluster(Given.Node("n", cpu: "1"));
        var fork = cluster.Fork();
        fork.Place(Given.Pod("a", cpu: "1"), "n");
        Assert.Null(SchedulingCycle.Decide(fork, Packing, Given.Pod("p"), 0).NodeName);
        Assert.Equal("n", SchedulingCycle.Decide(cluster, Packing, Given.Pod("p"), 0).NodeName);
    }

    [Theory]
    [InlineData(50, 0, 50)]
    [InlineData(100, 0, 100)]
    [InlineData(1000, 0, 420)]
    [InlineData(5000, 0, 500)]
    [InlineData(20000, 0, 1000)]
    [InlineData(5000, 1, 100)]
    [InlineData(5000, 100, 5000)]
    public void A_large_cluster_is_sampled_as_upstream_does(int nodes, int percentage, int enough) =>
        Assert.Equal(enough, SchedulingCycle.EnoughNodes(nodes, percentage));

    [Fact]
    public void A_search_that_stops_early_goes_on_where_the_last_one_ended()
    {
        var cluster = Given.Cluster([.. Enumerable.Range(0, 300).Select(i => Given.Node($"n{i}"))]);
        var first = SchedulingCycle.Decide(cluster, Packing, Given.Pod("p"), 0);
        Assert.Equal(SchedulingCycle.EnoughNodes(300, 0), first.Examined);
        Assert.Equal(first.Examined, first.NextStart);
        var wrapped = SchedulingCycle.Decide(cluster, Packing, Given.Pod("p"), 250);
        Assert.Equal((250 + wrapped.Examined) % 300, wrapped.NextStart);
    }
}
