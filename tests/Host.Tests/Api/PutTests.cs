using System.Text.Json.Nodes;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>PUT: of what is not there, and of what is there without saying at which revision.</summary>
[Collection("api")]
public sealed class PutTests(ApiHost api)
{
    private const string Lease = """{"metadata":{"name":"leader"},"spec":{"holderIdentity":"a"}}""";

    [Theory]
    [InlineData("/apis/coordination.k8s.io/v1/namespaces/NS/leases/leader", Lease)]
    [InlineData("/apis/rbac.authorization.k8s.io/v1/namespaces/NS/roles/leader", """{"metadata":{"name":"leader"},"rules":[]}""")]
    [InlineData("/api/v1/namespaces/NS/services/leader", """{"metadata":{"name":"leader"},"spec":{"ports":[{"port":80}]}}""")]
    [InlineData("/api/v1/namespaces/NS/endpoints/leader", """{"metadata":{"name":"leader"}}""")]
    [InlineData("/api/v1/namespaces/NS/limitranges/leader", """{"metadata":{"name":"leader"},"spec":{"limits":[]}}""")]
    public async Task A_put_makes_what_is_not_there_of_the_kinds_that_allow_it(string path, string body)
    {
        path = path.Replace("NS", await api.NamespaceAsync(), StringComparison.Ordinal);
        var made = await api.PutAsync(path, body);
        Assert.Equal(201, made.Code);
        Assert.Equal("leader", (string)made["metadata"]!["name"]!);
        Assert.NotEmpty((string)made["metadata"]!["uid"]!);
        Assert.Equal(200, (await api.PutAsync(path, made.Text)).Code);
    }

    [Fact]
    public async Task A_put_of_another_kind_that_is_not_there_is_not_found()
    {
        var ns = await api.NamespaceAsync();
        var answer = await api.PutAsync($"/api/v1/namespaces/{ns}/configmaps/c", """{"metadata":{"name":"c"}}""");
        Assert.Equal((404, "configmaps \"c\" not found"), (answer.Code, answer.Message));
    }

    [Fact]
    public async Task Making_by_put_needs_the_right_to_create()
    {
        var ns = await api.NamespaceAsync();
        var roles = $"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}";
        await api.PostAsync($"{roles}/roles", """{"metadata":{"name":"r"},"rules":[{"apiGroups":["coordination.k8s.io"],"resources":["leases"],"verbs":["update"]}]}""");
        await api.PostAsync($"{roles}/rolebindings", """{"metadata":{"name":"r"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"},"subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"putter"}]}""");
        var answer = await api.SendAsync(HttpMethod.Put, $"/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/leader", Lease, "application/json", user: "putter");
        Assert.Equal(403, answer.Code);
        Assert.StartsWith("leases.coordination.k8s.io \"leader\" is forbidden: User \"putter\" cannot create resource \"leases\"", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_gone_is_made_again_unless_its_uid_is_stated()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/leader";
        var first = await api.PutAsync(path, Lease);
        await api.DeleteAsync(path);
        var refused = await api.PutAsync(path, first.Text);
        Assert.Equal((409, "Conflict"), (refused.Code, refused.Reason));
        var known = first.Json;
        known["metadata"]!.AsObject().Remove("uid");
        var again = await api.PutAsync(path, known.ToJsonString());
        Assert.Equal(201, again.Code);
        Assert.NotEqual((string)first["metadata"]!["uid"]!, (string)again["metadata"]!["uid"]!);
    }

    [Fact]
    public async Task A_dry_run_makes_nothing()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/leader";
        Assert.Equal(201, (await api.PutAsync($"{path}?dryRun=All", Lease)).Code);
        Assert.Equal(404, (await api.GetAsync(path)).Code);
    }

    [Fact]
    public async Task Some_kinds_are_replaced_only_at_a_stated_revision()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/leader";
        var made = await api.PutAsync(path, Lease);
        var refused = await api.PutAsync(path, Lease);
        Assert.Equal(
            (422, "Invalid", "leases.coordination.k8s.io \"leader\" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update"),
            (refused.Code, refused.Reason, refused.Message));
        Assert.Equal("metadata.resourceVersion", (string)refused["details"]!["causes"]![0]!["field"]!);
        var patched = await api.PatchAsync(path, """{"spec":{"holderIdentity":"b"}}""", "merge");
        Assert.Equal(200, patched.Code);
        var stale = await api.PutAsync(path, made.Text);
        Assert.Equal(409, stale.Code);
        var applied = await api.SendAsync(
            HttpMethod.Patch, $"{path}?fieldManager=t&force=true",
            """{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"leader"},"spec":{"holderIdentity":"c"}}""", "application/apply-patch+yaml");
        Assert.Equal(200, applied.Code);
    }

    [Fact]
    public async Task Other_kinds_are_replaced_at_whatever_revision_they_are()
    {
        var ns = await api.NamespaceAsync();
        await api.PostAsync($"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"c"}}""");
        Assert.Equal(200, (await api.PutAsync($"/api/v1/namespaces/{ns}/configmaps/c", """{"metadata":{"name":"c"},"data":{"a":"b"}}""")).Code);
        var nameless = await api.PutAsync($"/api/v1/namespaces/{ns}/configmaps/c", """{"metadata":{}}""");
        Assert.Equal((400, "the name of the object (c based on URL) was undeterminable: name must be provided"), (nameless.Code, nameless.Message));
    }

    [Fact]
    public async Task Of_two_that_make_it_at_once_one_makes_it()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/limitranges/l";
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => api.PutAsync(path, """{"metadata":{"name":"l"},"spec":{"limits":[]}}""")));
        Assert.Single(answers, answer => answer.Code == 201);
        Assert.All(answers, answer => Assert.True(answer.Code is 200 or 201, answer.ToString()));
    }

    [Fact]
    public async Task An_event_is_told_of_under_the_group_in_which_it_was_asked_for()
    {
        var ns = await api.NamespaceAsync();
        foreach (var answer in new[] { await api.GetAsync($"/apis/events.k8s.io/v1/namespaces/{ns}/events/e"), await api.DeleteAsync($"/apis/events.k8s.io/v1/namespaces/{ns}/events/e") })
        {
            Assert.Equal((404, "events.events.k8s.io \"e\" not found", "events.k8s.io"), (answer.Code, answer.Message, (string)answer["details"]!["group"]!));
        }

        await api.PostAsync($"/api/v1/namespaces/{ns}/events", $"{{\"metadata\":{{\"name\":\"e\"}},\"involvedObject\":{{\"namespace\":\"{ns}\"}}}}");
        var event1 = (await api.GetAsync($"/apis/events.k8s.io/v1/namespaces/{ns}/events/e")).Json;
        event1["metadata"]!["resourceVersion"] = "1";
        var stale = await api.PutAsync($"/apis/events.k8s.io/v1/namespaces/{ns}/events/e", event1.ToJsonString());
        Assert.StartsWith("Operation cannot be fulfilled on events.events.k8s.io \"e\"", stale.Message, StringComparison.Ordinal);
        Assert.Equal("events \"e2\" not found", (await api.GetAsync($"/api/v1/namespaces/{ns}/events/e2")).Message);
    }

    [Fact]
    public async Task An_object_that_is_too_large_for_its_owners_gives_them_up()
    {
        var ns = await api.NamespaceAsync();
        var data = new JsonObject();
        for (var i = 0; i < 13_000; i++)
        {
            data[$"key-{i:00000}-{new string('k', 60)}"] = "v";
        }

        var body = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "wide" }, ["data"] = data };
        var made = await api.PostAsync($"/api/v1/namespaces/{ns}/configmaps", body.ToJsonString());
        Assert.Equal(201, made.Code);
        Assert.Null(made["metadata"]!["managedFields"]);
        var replaced = await api.PutAsync($"/api/v1/namespaces/{ns}/configmaps/wide", body.ToJsonString());
        Assert.Equal(200, replaced.Code);
        body["apiVersion"] = "v1";
        body["kind"] = "ConfigMap";
        var applied = await api.SendAsync(
            HttpMethod.Patch, $"/api/v1/namespaces/{ns}/configmaps/wide?fieldManager=t&force=true", body.ToJsonString(), "application/apply-patch+yaml");
        Assert.Equal((413, "RequestEntityTooLarge"), (applied.Code, applied.Reason));
    }
}
