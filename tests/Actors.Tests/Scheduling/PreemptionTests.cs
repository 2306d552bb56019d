using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Actors.Scheduling.Framework;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Scheduling;

/// <summary>Who has to leave for whom.</summary>
public sealed class PreemptionTests
{
    private readonly SchedulerState _state = new(SchedulingProfile.Default(), new SchedulerSettings());
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_least_important_pods_that_suffice_leave_and_the_room_is_kept_for_the_one_it_was_made_for()
    {
        Put(Given.NodeJson("n", cpu: "2"));
        Place("low", "n", "1", priority: 1);
        Place("mid", "n", "500m", priority: 5);
        Place("high", "n", "500m", priority: 100);
        Put(Wanting("p", "1", priority: 10));

        var attempt = Next();
        Assert.Equal("n", attempt.Nomination);
        Assert.Equal(["low"], attempt.Victims.Select(victim => victim.Key.Name));
        Assert.Equal("0/1 nodes are available: 1 Insufficient cpu.", attempt.Message);

        Delete("low");
        Put(Wanting("thief", "1", priority: 10));
        var next = Next();
        Assert.Equal(("p", "n"), (next.Pod.Key.Name, next.NodeName));
        Assert.Null(Next().NodeName);
    }

    [Fact]
    public void Nobody_else_is_made_to_leave_while_the_victims_are_leaving()
    {
        Put(Given.NodeJson("n", cpu: "1"));
        Put(Given.NodeJson("m", cpu: "1"));
        Place("low-n", "n", "1", priority: 1);
        Place("low-m", "m", "1", priority: 2);
        Put(Wanting("p", "1", priority: 10));
        Assert.Equal("n", Next().Nomination);

        _state.RetryUnschedulable(_now + TimeSpan.FromHours(1));
        _now += TimeSpan.FromHours(1);
        var again = Next();
        Assert.Empty(again.Victims);
        Assert.EndsWith("preemption: not eligible due to a terminating pod on the nominated node.", again.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_that_never_preempts_says_so()
    {
        Put(Given.NodeJson("n", cpu: "1"));
        Place("low", "n", "1", priority: 1);
        Put(Wanting("p", "1", priority: 10, spec => spec["preemptionPolicy"] = "Never"));
        var attempt = Next();
        Assert.Null(attempt.Nomination);
        Assert.Equal("0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.", attempt.Message);
    }

    [Fact]
    public void Equals_and_betters_stay()
    {
        Put(Given.NodeJson("n", cpu: "1"));
        Place("equal", "n", "1", priority: 10);
        Put(Wanting("p", "1", priority: 10));
        Assert.EndsWith("preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.", Next().Message, StringComparison.Ordinal);
    }

    [Theory]
    // Victims' priorities on each node, and where they leave.
    [InlineData("5", "3", "m")]
    [InlineData("5,1", "5", "m")]
    [InlineData("5,5", "5,1", "m")]
    [InlineData("1", "9", "n")]
    public void The_node_with_the_least_important_victims_is_chosen(string onN, string onM, string chosen)
    {
        foreach (var (node, priorities) in new[] { ("n", onN), ("m", onM) })
        {
            var all = priorities.Split(',');
            Put(Given.NodeJson(node, cpu: "2"));
            foreach (var (priority, i) in all.Select((text, i) => (int.Parse(text), i)))
            {
                Place($"{node}{i}", node, $"{2000 / all.Length}m", priority);
            }
        }

        Put(Wanting("p", "2", priority: 10));
        Assert.Equal(chosen, Next().Nomination);
    }

    [Fact]
    public void A_disruption_budget_is_kept_where_that_can_be()
    {
        Put(Given.NodeJson("n", cpu: "1"));
        Put(Given.NodeJson("m", cpu: "1"));
        Place("protected", "n", "1", priority: 1, labels: """{"app":"db"}""");
        Place("free", "m", "1", priority: 5);
        Put(Given.Parse(
            """{"kind":"PodDisruptionBudget","metadata":{"name":"b","namespace":"default"},"spec":{"selector":{"matchLabels":{"app":"db"}}},"status":{"disruptionsAllowed":0}}"""),
            ResourceTypes.PodDisruptionBudgets);
        Put(Wanting("p", "1", priority: 10));
        Assert.Equal("m", Next().Nomination);
    }

    [Fact]
    public void A_budget_protects_within_a_node_too_but_gives_way_when_it_must()
    {
        Put(Given.NodeJson("n", cpu: "2"));
        Place("protected", "n", "1", priority: 1, labels: """{"app":"db"}""");
        Place("free", "n", "1", priority: 5);
        Put(Given.Parse(
            """{"kind":"PodDisruptionBudget","metadata":{"name":"b","namespace":"default"},"spec":{"selector":{"matchLabels":{"app":"db"}}},"status":{"disruptionsAllowed":0}}"""),
            ResourceTypes.PodDisruptionBudgets);
        Put(Wanting("small", "1", priority: 10));
        Assert.Equal(["free"], Next().Victims.Select(victim => victim.Key.Name));
        Delete("free");
        Assert.Equal("n", Next().NodeName);
        Put(Wanting("other", "1", priority: 10));
        Assert.Equal(["protected"], Next().Victims.Select(victim => victim.Key.Name));
    }

    [Fact]
    public void A_neighbour_that_must_not_be_there_leaves()
    {
        Put(Given.NodeJson("n"));
        Place("foe", "n", "100m", priority: 1, labels: """{"app":"foe"}""");
        Place("friend", "n", "100m", priority: 1, labels: """{"app":"friend"}""");
        Put(Wanting("p", "100m", priority: 10, spec => spec["affinity"] = Given.Parse(
            """{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"labelSelector":{"matchLabels":{"app":"foe"}},"topologyKey":"kubernetes.io/hostname"}]}}""")));
        var attempt = Next();
        Assert.Equal(["foe"], attempt.Victims.Select(victim => victim.Key.Name));
        Assert.Equal(2, _state.Snapshot.Find("n")!.Pods.Length);
    }

    [Fact]
    public void Whose_room_somebody_more_important_took_looks_for_another_at_once()
    {
        Put(Given.NodeJson("n", cpu: "1"));
        Put(Given.NodeJson("m", cpu: "1"));
        Place("low-n", "n", "1", priority: 1);
        Place("low-m", "m", "1", priority: 2);
        Put(Wanting("mid", "1", priority: 10));
        Assert.Equal("n", Next().Nomination);
        Place("high", "n", "1", priority: 100);
        Delete("low-n");
        var again = _state.TryNext(_now);
        Assert.Equal(("mid", "m"), (again!.Pod.Key.Name, again.Nomination));
    }

    [Fact]
    public void Whoever_was_to_have_the_room_is_told_when_somebody_more_important_is_to_have_it()
    {
        Put(Given.NodeJson("n", cpu: "1"));
        Place("low", "n", "1", priority: 1);
        Put(Wanting("mid", "1", priority: 10));
        Assert.Equal("n", Next().Nomination);
        Put(Wanting("high", "1", priority: 100));
        Assert.Equal(["mid"], Next().Displaced.Select(pod => pod.Key.Name));
    }

    [Fact]
    public void A_more_important_pod_takes_the_room_that_was_being_made()
    {
        Put(Given.NodeJson("n", cpu: "1"));
        Place("low", "n", "1", priority: 1);
        Put(Wanting("mid", "1", priority: 10));
        Assert.Equal("n", Next().Nomination);
        Put(Wanting("high", "1", priority: 100));
        Delete("low");
        var next = Next();
        Assert.Equal(("high", "n"), (next.Pod.Key.Name, next.NodeName));
    }

    private Attempt Next()
    {
        _now += TimeSpan.FromMinutes(1);
        var attempt = _state.TryNext(_now);
        Assert.NotNull(attempt);
        return attempt;
    }

    private void Place(string name, string node, string cpu, int priority, string labels = "{}")
    {
        var pod = Wanting(name, cpu, priority, spec => spec["nodeName"] = node);
        pod["metadata"]!["labels"] = Given.Parse(labels);
        Put(pod);
    }

    private static JsonObject Wanting(string name, string cpu, int priority, Action<JsonObject>? spec = null) => Given.PodJson(name, cpu: cpu, spec: json =>
    {
        json["priority"] = priority;
        spec?.Invoke(json);
    });

    private void Delete(string name) => Apply(FactVerb.Deleted, Given.Stored(ResourceTypes.Pods, Given.PodJson(name)));

    private void Put(JsonObject obj, ResourceType? type = null) =>
        Apply(FactVerb.Updated, Given.Stored(type ?? ((string)obj["kind"]! == "Node" ? ResourceTypes.Nodes : ResourceTypes.Pods), obj));

    private void Apply(FactVerb verb, StoredObject stored) => _state.Apply(new Fact(verb, stored, new Provenance("t", _now, "t", Revision.None), null), _now);
}
