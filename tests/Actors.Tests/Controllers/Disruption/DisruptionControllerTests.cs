using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Disruption;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Tests.Controllers.Disruption;

/// <summary>The cases are upstream's (disruption_test.go), on objects that nobody else looks at.</summary>
public sealed class DisruptionControllerTests
{
    private readonly PlanWorld _world = new();
    private readonly DisruptionBudgetReconciler _reconciler = new(ResourceCatalog.BuiltIn);
    private ObjectKey _budget;
    private List<RecordEvent> _events = [];

    private (int Allowed, int Healthy, int Desired, int Expected) Status =>
        DisruptionBudgetView.Of(_world.Cluster.Find(_budget)!).Status is var status ? (status.DisruptionsAllowed, status.CurrentHealthy, status.DesiredHealthy, status.ExpectedPods) : default;

    private JsonNode Written => _world.Cluster.Find(_budget)!.ToJson()["status"]!;

    private void Budget(string spec, string selector = """{"matchLabels":{"foo":"bar"}}""", string status = "{}") => _budget = _world.Put(
        ResourceTypes.PodDisruptionBudgets,
        $$$"""{"metadata":{"name":"pdb","namespace":"default","generation":7},"spec":{{{{spec}}},"selector":{{{selector}}} },"status":{{{status}}} }""");

    private void Pod(string name, ObjectKey? owner = null, bool ready = true, string more = "")
    {
        var by = owner is { } key
            ? $$$"""[{"apiVersion":"{{{(key.Type.Group.Length == 0 ? "v1" : key.Type.Group + "/v1")}}}","kind":"{{{KindOf(key)}}}","name":"{{{key.Name}}}","uid":"{{{_world.Cluster.Find(key)?.Uid ?? "gone"}}}","controller":true}]"""
            : "[]";
        _world.Put(
            ResourceTypes.Pods,
            $$$"""
            {"metadata":{"name":"{{{name}}}","namespace":"default","labels":{"foo":"bar"},"ownerReferences":{{{by}}}{{{more}}} },
             "status":{"phase":"Running","conditions":[{"type":"Ready","status":"{{{(ready ? "True" : "False")}}}"}]}}
            """);
    }

    private static string KindOf(ObjectKey key) => ResourceCatalog.BuiltIn.Find(key.Type)!.Kind;

    private ObjectKey Owner(ResourceType type, string name, int replicas) =>
        _world.Put(type, $$$"""{"metadata":{"name":"{{{name}}}","namespace":"default"},"spec":{"replicas":{{{replicas}}} }}""");

    private void Sync()
    {
        var plan = _reconciler.Reconcile(Observed.At(_budget, _world.Cluster), _world.Now);
        _events = [.. plan.Steps.SelectMany(step => step.Actions).OfType<RecordEvent>()];
        _world.Carry(plan);
    }

    [Fact]
    public void An_empty_selector_selects_every_pod_of_the_namespace()
    {
        Budget(""" "minAvailable":3""", "{}");
        Sync();
        Assert.Equal((0, 0, 3, 0), Status);
        Pod("yo-yo-yo");
        Sync();
        Assert.Equal((0, 1, 3, 1), Status);
    }

    [Fact]
    public void Counts_go_up_with_pods_and_down_with_their_readiness()
    {
        Budget(""" "minAvailable":3""");
        Sync();
        Assert.Equal(("NoPods", "No matching pods found"), (Assert.Single(_events).Reason, _events[0].Message));
        for (var count = 0; count < 4; count++)
        {
            Assert.Equal((0, count, 3, count), Status);
            Pod($"yo-{count}");
            Sync();
        }

        Assert.Equal((1, 4, 3, 4), Status);
        Assert.Equal("""{"type":"DisruptionAllowed","lastTransitionTime":"2026-01-01T12:00:00Z","status":"True","reason":"SufficientPods","message":"","observedGeneration":7}""", Written["conditions"]![0]!.ToJsonString());
        Assert.Equal(7, (int)Written["observedGeneration"]!);
        Pod("yo-0", ready: false);
        Sync();
        Assert.Equal((0, 3, 3, 4), Status);
        Assert.Equal(("False", "InsufficientPods"), ((string?)Written["conditions"]![0]!["status"], (string?)Written["conditions"]![0]!["reason"]));
    }

    [Theory]
    [InlineData(""" "maxUnavailable":2""", 7, 5, 5, 3)]
    [InlineData(""" "maxUnavailable":"30%" """, 7, 4, 3, 2)]
    [InlineData(""" "minAvailable":"20%" """, 10, 2, 5, 1)]
    [InlineData(""" "minAvailable":"28%" """, 11, 4, 22, 7)]
    public void A_share_is_one_of_the_scale_and_follows_it(string spec, int scale, int desired, int later, int desiredLater)
    {
        Budget(spec);
        var set = Owner(ResourceTypes.ReplicaSets, "rs", scale);
        Pod("pod", set);
        Sync();
        Assert.Equal((0, 1, desired, scale), Status);
        var uid = _world.Cluster.Find(set)!.Uid;
        _world.Put(ResourceTypes.ReplicaSets, $$$"""{"metadata":{"name":"rs","namespace":"default","uid":"{{{uid}}}"},"spec":{"replicas":{{{later}}} }}""");
        Sync();
        Assert.Equal((Math.Max(0, 1 - desiredLater), 1, desiredLater, later), Status);
    }

    [Theory]
    [InlineData(""" "maxUnavailable":1""")]
    [InlineData(""" "minAvailable":"28%" """)]
    public void Pods_that_nothing_controls_allow_nothing_and_are_told_of(string spec)
    {
        Budget(spec);
        Sync();
        Assert.Equal(0, Status.Allowed);
        Pod("naked");
        Sync();
        Assert.Equal((0, 1, 0, 0), Status);
        Assert.Equal(
            "Pods selected by this PodDisruptionBudget (selector: &LabelSelector{MatchLabels:map[string]string{foo: bar,},MatchExpressions:[]LabelSelectorRequirement{},}) were found to be unmanaged. "
            + "As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. "
            + "To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer value.",
            Assert.Single(_events, told => told.Reason == "UnmanagedPods").Message);
    }

    [Fact]
    public void Every_kind_with_a_scale_counts_once_however_many_pods_it_has()
    {
        Budget(""" "maxUnavailable":5""");
        var deployment = Owner(ResourceTypes.Deployments, "web", 4);
        ObjectKey[] owners =
        [
            Owner(ResourceTypes.ReplicationControllers, "rc", 3), Owner(ResourceTypes.StatefulSets, "db", 2),
            _world.Put(ResourceTypes.ReplicaSets, $$$"""{"metadata":{"name":"web-1","namespace":"default","ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"web","uid":"{{{_world.Cluster.Find(deployment)!.Uid}}}","controller":true}]},"spec":{"replicas":1}}"""),
            _world.Put(ResourceTypes.ReplicaSets, $$$"""{"metadata":{"name":"web-2","namespace":"default","ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"web","uid":"{{{_world.Cluster.Find(deployment)!.Uid}}}","controller":true}]},"spec":{"replicas":3}}"""),
        ];
        foreach (var (index, owner) in owners.Index())
        {
            Pod($"a{index}", owner);
            Pod($"b{index}", owner);
        }

        Sync();
        Assert.Equal((4, 8, 4, 9), Status);
    }

    [Theory]
    [InlineData("jobs", "batch", "jobs.batch does not implement the scale subresource", false)]
    [InlineData("replicasets", "apps", "found no controllers for pod \"pod\"", true)]
    public void What_cannot_be_calculated_allows_nothing_and_says_why(string plural, string group, string problem, bool gone)
    {
        Budget(""" "maxUnavailable":1""", status: """{"disruptionsAllowed":3,"currentHealthy":4,"desiredHealthy":1,"expectedPods":4,"observedGeneration":6}""");
        var type = new ResourceType(group, plural);
        var owner = Owner(type, "o", 1);
        Pod("pod", owner);
        if (gone)
        {
            _world.Remove(owner);
        }

        Sync();
        Assert.Equal((0, 4, 1, 4), Status);
        var condition = Written["conditions"]![0]!;
        Assert.Equal(("False", "SyncFailed", problem, 6), ((string?)condition["status"], (string?)condition["reason"], (string?)condition["message"], (int)condition["observedGeneration"]!));
        Assert.Equal($"Failed to calculate the number of expected pods: {problem}", Assert.Single(_events, told => told.Reason == "CalculateExpectedPodCountFailed").Message);
        Assert.Equal(gone ? 1 : 0, _events.Count(told => told.Reason == "NoControllers" && told.Message == problem));
        Sync();
        Assert.Empty(_events);
    }

    [Fact]
    public void Of_pods_that_were_granted_only_those_that_may_yet_go_stay_written_down()
    {
        var now = _world.Now;
        string At(TimeSpan ago) => Actors.Resources.JsonNodes.Time(now - ago);
        Budget(""" "minAvailable":1""", status: $$$"""{"disruptedPods":{"p1":"{{{At(TimeSpan.Zero)}}}","p2":"{{{At(TimeSpan.FromMinutes(5))}}}","p3":"{{{At(TimeSpan.Zero)}}}","notthere":"{{{At(TimeSpan.Zero)}}}"}}""");
        Pod("p1", more: ""","deletionTimestamp":"2026-01-01T12:00:00Z" """);
        Pod("p2");
        Pod("p3");
        Sync();
        Assert.Equal((0, 1, 1, 3), Status);
        Assert.Equal(["p3"], Written["disruptedPods"]!.AsObject().Select(pod => pod.Key));
        Assert.Equal("Pod was expected by PDB default/pdb to be deleted but it wasn't", Assert.Single(_events, told => told.Reason == "NotDeleted").Message);
    }

    [Fact]
    public void A_pod_that_was_to_be_disrupted_and_still_is_there_takes_it_back()
    {
        void Said(string more, string reason = "EvictionByEvictionAPI", string phase = "Running") => _world.Put(
            ResourceTypes.Pods,
            $$$"""{"metadata":{"name":"p","namespace":"default","uid":"p"{{{more}}} },"status":{"phase":"{{{phase}}}","conditions":[{"type":"DisruptionTarget","status":"True","reason":"{{{reason}}}","message":"m","lastTransitionTime":"2026-01-01T12:00:00Z"}]}}""");
        var key = new ObjectKey(ResourceTypes.Pods, "default", "p");
        Plan Look() => StaleDisruptionReconciler.Definition.Reconcile(Observed.At(key, _world.Cluster), _world.Now);
        var begun = _world.Now;
        Said("");
        Assert.Equal(begun.AddMinutes(2), Look().RequeueAt);
        _world.Now = begun.AddMinutes(2);
        Said(""","deletionTimestamp":"2026-01-01T12:00:30Z" """);
        Assert.True(Look().IsNothing);
        Said("", "TerminationByKubelet");
        Assert.True(Look().IsNothing);
        Said("", phase: "Failed");
        Assert.True(Look().IsNothing);
        Said("");
        _world.Settle(StaleDisruptionReconciler.Definition, key);
        Assert.Equal("""{"type":"DisruptionTarget","status":"False","lastTransitionTime":"2026-01-01T12:02:00Z"}""", _world.Cluster.Find(key)!.ToJson()["status"]!["conditions"]![0]!.ToJsonString());
    }
}
