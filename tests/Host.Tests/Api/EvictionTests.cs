namespace ActorOrchestrator.Host.Tests.Api;

[Collection("api")]
public sealed class EvictionTests(ApiHost api)
{
    [Fact]
    public async Task A_budget_refuses_an_eviction_with_its_cause_and_grants_one_that_it_has()
    {
        var root = $"/api/v1/namespaces/{await api.NamespaceAsync()}/pods";
        var budgets = root.Replace("/api/v1", "/apis/policy/v1", StringComparison.Ordinal).Replace("/pods", "/poddisruptionbudgets", StringComparison.Ordinal);
        foreach (var name in (string[])["a", "b"])
        {
            Assert.Equal(201, (await api.PostAsync(root, $$$"""{"metadata":{"name":"{{{name}}}","labels":{"app":"x"}},"spec":{"containers":[{"name":"c","image":"c"}],"terminationGracePeriodSeconds":0}}""")).Code);
            Assert.Equal(200, (await api.PatchAsync($"{root}/{name}/status", """{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}""", "merge")).Code);
        }

        Assert.Equal(201, (await api.PostAsync(budgets, """{"metadata":{"name":"x"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"x"}}}}""")).Code);
        var young = await EvictAsync("a");
        Assert.Equal((429, "TooManyRequests"), (young.Code, young.Reason));
        Assert.Equal("The disruption budget x is still being processed by the server.", (string?)young["details"]!["causes"]![0]!["message"]);

        var status = """{"status":{"observedGeneration":1,"currentHealthy":2,"desiredHealthy":1,"expectedPods":2,"disruptionsAllowed":1}}""";
        Assert.Equal(200, (await api.PatchAsync($"{budgets}/x/status", status, "merge")).Code);
        Assert.Equal(201, (await EvictAsync("a", ""","deleteOptions":{"dryRun":["All"]}""")).Code);
        var granted = await EvictAsync("a");
        Assert.Equal((201, "Success"), (granted.Code, (string?)granted["status"]));
        var refused = await EvictAsync("b");
        Assert.Equal((429, "DisruptionBudget"), (refused.Code, (string?)refused["details"]!["causes"]![0]!["reason"]));
        Assert.Equal(404, (await EvictAsync("none")).Code);

        // Upstream's answer to two budgets: 201, and a Status that says that it failed.
        Assert.Equal(201, (await api.PostAsync(budgets, """{"metadata":{"name":"y"},"spec":{"minAvailable":1,"selector":{}}}""")).Code);
        var two = await EvictAsync("b");
        Assert.Equal(
            (201, """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.","code":500}"""),
            (two.Code, two.Text.Trim()));

        Task<Answer> EvictAsync(string pod, string more = "") =>
            api.PostAsync($"{root}/{pod}/eviction", $$$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{{pod}}}"}{{{more}}}}""");
    }
}
