using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Disruption;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Tests.Controllers.Disruption;

public sealed class DisruptionBudgetTests
{
    private static readonly ObjectKey Budget = new(ResourceTypes.PodDisruptionBudgets, ControllerWorld.Namespace, "web");
    private static readonly WriteOptions User = new("tester", "evict");
    private readonly ControllerWorld _world = new();
    private readonly DisruptionBudgetReconciler _reconciler = new(ResourceCatalog.BuiltIn);

    private DisruptionBudgetStatus Status => DisruptionBudgetView.Of(_world.Ledger.View.Current.Find(Budget)!).Status;
    private PodEvictions Evictions => new(_world.Store, _world.Ledger.View, _world.Time);

    [Theory]
    [InlineData("minAvailable", 2, 4, 2, 2)]
    [InlineData("minAvailable", 6, 4, 6, 0)]
    [InlineData("minAvailable", "50%", 5, 3, 2)]
    [InlineData("minAvailable", "100%", 3, 3, 0)]
    [InlineData("maxUnavailable", 1, 3, 2, 1)]
    [InlineData("maxUnavailable", 0, 3, 3, 0)]
    [InlineData("maxUnavailable", 7, 3, 0, 3)]
    [InlineData("maxUnavailable", "30%", 4, 2, 2)]
    public async Task A_budget_says_how_many_pods_may_go(string field, object amount, int replicas, int desired, int allowed)
    {
        await BeginAsync(replicas, field, amount is int number ? number : (string)amount);

        Assert.Equal((replicas, replicas, desired, allowed), (Status.ExpectedPods, Status.CurrentHealthy, Status.DesiredHealthy, Status.DisruptionsAllowed));
        Assert.Equal(allowed > 0 ? "SufficientPods" : "InsufficientPods", Status.Reason);
        Assert.False(await LookAsync(), "a second look wrote again");
    }

    [Fact]
    public async Task A_pod_that_nothing_controls_allows_nothing_of_a_share_and_counts_for_a_number()
    {
        await CreateBudgetAsync("maxUnavailable", 1);
        await _world.CreateAsync(ResourceTypes.Pods, new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject { ["name"] = "bare", ["labels"] = new JsonObject { ["app"] = "web" } },
            ["spec"] = ControllerWorld.Template("web:1")["spec"]!.DeepClone(),
        });
        await _world.SetReadyAsync(_world.Pods.Single(), ready: true);
        await LookAsync();

        Assert.Equal((0, 1, 0), (Status.ExpectedPods, Status.CurrentHealthy, Status.DisruptionsAllowed));
        await _world.ChangeAsync(Budget, obj =>
        {
            obj["spec"]!.AsObject().Remove("maxUnavailable");
            obj["spec"]!["minAvailable"] = 0;
        });
        await LookAsync();

        Assert.Equal((1, 1), (Status.ExpectedPods, Status.DisruptionsAllowed));
    }

    [Fact]
    public async Task Evictions_at_once_are_granted_as_often_as_the_budget_has_it_and_refused_with_the_cause()
    {
        await BeginAsync(5, "minAvailable", 3);
        var results = await Task.WhenAll(_world.ActivePods.Select(pod => Task.Run(() => EvictAsync(pod))));

        Assert.Equal(2, results.Count(result => result.Ok));
        Assert.All(results.Where(result => !result.Ok), result =>
        {
            Assert.Equal((429, "TooManyRequests"), (result.Failure!.Code, result.Failure.Reason));
            Assert.Equal("DisruptionBudget", Assert.Single(result.Failure.Causes).Reason);
        });
        Assert.Equal(3, _world.ActivePods.Length);
        Assert.Equal((0, 2), (Status.DisruptionsAllowed, Status.DisruptedPods.Count));
        await LookAsync();
        Assert.Equal((3, 0, 0), (Status.CurrentHealthy, Status.DisruptionsAllowed, Status.DisruptedPods.Count));
        var refused = await EvictAsync(_world.ActivePods[0]);
        Assert.Equal("The disruption budget web needs 3 healthy pods and has 3 currently", refused.Failure!.Causes[0].Message);
    }

    [Fact]
    public async Task A_granted_pod_counts_as_gone_for_two_minutes_and_then_as_there()
    {
        await BeginAsync(3, "maxUnavailable", 1);
        var name = _world.ActivePods[0].Stored.Key.Name;
        await _world.ChangeAsync(
            Budget,
            obj =>
            {
                obj["status"]!["disruptionsAllowed"] = 0;
                obj["status"]!["disruptedPods"] = new JsonObject { [name] = JsonNodes.Time(_world.Time.GetUtcNow()) };
            },
            "status");
        await LookAsync();
        Assert.Equal((2, 0), (Status.CurrentHealthy, Status.DisruptionsAllowed));

        _world.Time.Advance(DisruptionBudgetReconciler.DeletionTimeout + TimeSpan.FromSeconds(1));
        await LookAsync();

        Assert.Equal((3, 1, 0), (Status.CurrentHealthy, Status.DisruptionsAllowed, Status.DisruptedPods.Count));
    }

    [Fact]
    public async Task A_dry_run_takes_nothing()
    {
        await BeginAsync(3, "maxUnavailable", 1);
        var result = await Evictions.EvictAsync(_world.ActivePods[0].Stored.Key, new DeleteRequest(), User with { DryRun = true }, CancellationToken.None);

        Assert.True(result.Ok, result.Failure?.Message);
        Assert.Equal((1, 0, 3), (Status.DisruptionsAllowed, Status.DisruptedPods.Count, _world.ActivePods.Length));
    }

    [Fact]
    public async Task An_evicted_pod_says_why_it_goes()
    {
        await BeginAsync(3, "maxUnavailable", 1);
        var pod = _world.ActivePods[0].Stored.Key;
        await _world.ChangeAsync(pod, obj => obj["metadata"]!["finalizers"] = new JsonArray("example.com/hold"));
        Assert.True((await Evictions.EvictAsync(pod, new DeleteRequest(0), User, CancellationToken.None)).Ok);

        var conditions = _world.Ledger.View.Current.Find(pod)!.ToJson()["status"]!["conditions"]!.AsArray();
        var target = Assert.Single(conditions, condition => (string?)condition!["type"] == "DisruptionTarget")!;
        Assert.Equal(("True", "EvictionByEvictionAPI", "Eviction API: evicting"), ((string?)target["status"], (string?)target["reason"], (string?)target["message"]));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("IfHealthyBudget", false)]
    [InlineData("AlwaysAllow", true)]
    public async Task What_is_not_ready_goes_from_an_unhealthy_set_only_where_the_budget_says_so(string? policy, bool goes)
    {
        await BeginAsync(3, "minAvailable", 3, policy);
        var sick = _world.ActivePods[0];
        await _world.SetReadyAsync(sick, ready: false);
        await LookAsync();

        Assert.Equal(goes, (await EvictAsync(_world.ActivePods.Single(pod => !pod.IsReady))).Ok);
        Assert.False((await EvictAsync(_world.ActivePods.First(pod => pod.IsReady))).Ok);
    }

    [Fact]
    public async Task Two_budgets_of_one_pod_are_an_error_and_a_pending_pod_asks_none()
    {
        await BeginAsync(2, "maxUnavailable", 0);
        await CreateBudgetAsync("maxUnavailable", 0, name: "other");
        var refused = await EvictAsync(_world.ActivePods[0]);
        Assert.Equal((500, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."), (refused.Failure!.Code, refused.Failure.Message));

        await _world.ChangeAsync(_world.ActivePods[0].Stored.Key, obj => obj["status"]!["phase"] = "Pending", "status");
        Assert.True((await EvictAsync(_world.ActivePods.Single(pod => pod.Phase == "Pending"))).Ok);
    }

    private async Task BeginAsync(int replicas, string field, JsonNode amount, string? policy = null)
    {
        await _world.CreateAsync(ResourceTypes.Deployments, ControllerWorld.NewDeployment(replicas));
        await _world.FinishAsync();
        await CreateBudgetAsync(field, amount, policy);
        await LookAsync();
    }

    private Task CreateBudgetAsync(string field, JsonNode amount, string? policy = null, string name = "web")
    {
        var spec = new JsonObject { [field] = amount, ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "web" } } };
        if (policy is not null)
        {
            spec["unhealthyPodEvictionPolicy"] = policy;
        }

        return _world.CreateAsync(ResourceTypes.PodDisruptionBudgets, new JsonObject
        {
            ["apiVersion"] = "policy/v1",
            ["kind"] = "PodDisruptionBudget",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = spec,
        });
    }

    private Task<bool> LookAsync() => _world.LookAsync(_reconciler.Definition, Budget);

    private Task<ResourceResult> EvictAsync(PodView pod) => Evictions.EvictAsync(pod.Stored.Key, new DeleteRequest(0), User, CancellationToken.None);
}
