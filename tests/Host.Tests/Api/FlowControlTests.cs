using ActorOrchestrator.Actors.Controllers.FlowControl;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>The priority levels and flow schemas that are there from the first second.</summary>
public sealed class FlowControlTests : IAsyncLifetime
{
    private const string Root = "/apis/flowcontrol.apiserver.k8s.io/v1";
    private readonly ApiHost _api = new() { Controllers = [FlowControlReconciler.Definition] };

    public Task InitializeAsync() => _api.InitializeAsync();

    public Task DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task The_defaults_are_there_as_upstream_has_them_and_stay()
    {
        await UntilAsync($"{Root}/flowschemas", list => list["items"]!.AsArray().Count == 11 && list["items"]!.AsArray().All(schema => (string?)schema!["status"]?["conditions"]?[0]?["status"] == "False"));
        var levels = await UntilAsync($"{Root}/prioritylevelconfigurations", list => list["items"]!.AsArray().Count == 8);
        Assert.Equal(
            ["catch-all", "exempt", "global-default", "leader-election", "node-high", "system", "workload-high", "workload-low"],
            levels["items"]!.AsArray().Select(level => (string)level!["metadata"]!["name"]!));
        var probes = await _api.GetAsync($"{Root}/flowschemas/probes");
        Assert.Equal(2, (int)probes["spec"]!["matchingPrecedence"]!);
        Assert.Equal("This FlowSchema references the PriorityLevelConfiguration object named \"exempt\" and it exists", (string)probes["status"]!["conditions"]![0]!["message"]!);
        var still = _api.Ledger.View.Current.Revision;

        // What is deleted comes back; what is mandatory is put right; what was taken over is left alone.
        await _api.DeleteAsync($"{Root}/flowschemas/service-accounts");
        await UntilAsync($"{Root}/flowschemas/service-accounts", answer => answer.Code == 200);
        await _api.PatchAsync($"{Root}/flowschemas/global-default", """{"spec":{"matchingPrecedence":9800}}""", "merge");
        await UntilAsync($"{Root}/flowschemas/global-default", answer => (int)answer["spec"]!["matchingPrecedence"]! == 9900);
        await _api.PatchAsync($"{Root}/flowschemas/global-default", """{"metadata":{"annotations":{"apf.kubernetes.io/autoupdate-spec":"false"}},"spec":{"matchingPrecedence":9800}}""", "merge");
        await _api.PostAsync($"{Root}/flowschemas", """{"metadata":{"name":"mine"},"spec":{"priorityLevelConfiguration":{"name":"nowhere"},"rules":[{"subjects":[{"kind":"User","user":{"name":"u"}}],"nonResourceRules":[{"verbs":["*"],"nonResourceURLs":["*"]}]}]}}""");
        var mine = await UntilAsync($"{Root}/flowschemas/mine", answer => answer["status"]?["conditions"] is not null);
        Assert.Equal(("True", "NotFound"), ((string)mine["status"]!["conditions"]![0]!["status"]!, (string)mine["status"]!["conditions"]![0]!["reason"]!));
        Assert.Equal(9800, (int)(await _api.GetAsync($"{Root}/flowschemas/global-default"))["spec"]!["matchingPrecedence"]!);
        Assert.True(_api.Ledger.View.Current.Revision > still);
    }

    [Fact]
    public async Task Answers_name_the_schema_and_the_level_by_which_the_request_was_treated()
    {
        await UntilAsync($"{Root}/flowschemas", list => list["items"]!.AsArray().Count == 11);
        await UntilAsync($"{Root}/prioritylevelconfigurations", list => list["items"]!.AsArray().Count == 8);
        Assert.Equal(("exempt", "exempt"), await TreatedAsync("/api/v1/nodes", null));
        Assert.Equal(("global-default", "global-default"), await TreatedAsync("/api/v1/nodes", "somebody,system:authenticated"));
        Assert.Equal(("service-accounts", "workload-low"), await TreatedAsync("/api/v1/pods", "system:serviceaccount:default:robot,system:serviceaccounts,system:authenticated"));
        Assert.Equal(("kube-system-service-accounts", "workload-high"), await TreatedAsync("/api/v1/pods?watch=1&timeoutSeconds=1", "system:serviceaccount:kube-system:robot,system:serviceaccounts,system:authenticated"));
        Assert.Equal(("probes", "exempt"), await TreatedAsync("/livez", "somebody,system:authenticated"));
        Assert.Equal(("global-default", "global-default"), await TreatedAsync("/apis", "somebody,system:authenticated"));

        // A new schema counts from the moment that it is there.
        await _api.PostAsync($"{Root}/prioritylevelconfigurations", """{"metadata":{"name":"slow"},"spec":{"type":"Limited","limited":{"nominalConcurrencyShares":1,"limitResponse":{"type":"Reject"}}}}""");
        await _api.PostAsync($"{Root}/flowschemas", """{"metadata":{"name":"mine"},"spec":{"matchingPrecedence":300,"priorityLevelConfiguration":{"name":"slow"},"rules":[{"subjects":[{"kind":"User","user":{"name":"somebody"}}],"resourceRules":[{"verbs":["list"],"apiGroups":[""],"resources":["nodes"],"clusterScope":true}]}]}}""");
        Assert.Equal(("mine", "slow"), await TreatedAsync("/api/v1/nodes", "somebody,system:authenticated"));
        Assert.Contains("apiserver_flowcontrol_nominal_limit_seats{priority_level=\"slow\"} 3", await _api.Client.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    private async Task<(string Schema, string Level)> TreatedAsync(string path, string? user)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (user is not null)
        {
            request.Headers.Add("X-User", user);
        }

        using var response = await _api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var snapshot = _api.Ledger.View.Current;
        string Named(ResourceType type, string header) => response.Headers.TryGetValues(header, out var ids)
            ? snapshot.All(type).Single(obj => obj.Uid == ids.Single()).Key.Name
            : "";
        return (Named(ResourceTypes.FlowSchemas, "X-Kubernetes-PF-FlowSchema-UID"), Named(ResourceTypes.PriorityLevelConfigurations, "X-Kubernetes-PF-PriorityLevel-UID"));
    }

    private async Task<Answer> UntilAsync(string path, Func<Answer, bool> holds)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var i = 0; ; i++)
        {
            var answer = await _api.GetAsync(path);
            if (holds(answer))
            {
                return answer;
            }

            Assert.True(i < 300, answer.ToString());
            await pause.WaitForNextTickAsync();
        }
    }
}
