using System.Text.Json.Nodes;
using ActorOrchestrator.Host.Tests.Api;

namespace ActorOrchestrator.Host.Tests.Admission;

/// <summary>Admission webhooks over real HTTPS, behind the real API.</summary>
public sealed class WebhookTests : IAsyncLifetime
{
    private const string Validating = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
    private const string Mutating = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";

    private readonly ApiHost _api = new();
    private WebhookServer _server = null!;

    public async Task InitializeAsync()
    {
        await _api.InitializeAsync();
        _server = await WebhookServer.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task A_refusal_has_the_webhooks_words_and_code_and_warnings_reach_the_client()
    {
        _server.Answers["/deny"] = _ => WebhookServer.Deny("not today");
        _server.Answers["/warn"] = _ => WebhookServer.Allow(response => response["warnings"] = new JsonArray("mind the gap"));
        await RegisterAsync(Validating, "a", Hook("/warn"));
        var allowed = await CreateAsync("one");
        Assert.Equal(201, allowed.Code);
        Assert.Equal(["299 - \"mind the gap\""], allowed.Warnings);

        await RegisterAsync(Validating, "b", Hook("/deny"));
        var denied = await CreateAsync("two");
        Assert.Equal((403, "Forbidden", "admission webhook \"b.example.com\" denied the request: not today"), (denied.Code, denied.Reason, denied.Message));
        var request = _server.Requests[^1];
        Assert.Equal("CREATE", (string?)request["operation"]);
        Assert.Equal("two", (string?)request["object"]!["metadata"]!["name"]);
        Assert.Equal("admin", (string?)request["userInfo"]!["username"]);
        Assert.Equal("configmaps", (string?)request["resource"]!["resource"]);

        // Who may not create may still take the webhook away.
        Assert.Equal(200, (await _api.DeleteAsync($"{Validating}/b")).Code);
        Assert.Equal(201, (await CreateAsync("two")).Code);
    }

    [Fact]
    public async Task Patches_are_applied_in_order_and_earlier_webhooks_are_asked_again_when_they_wish()
    {
        _server.Answers["/first"] = request => request["object"]!["data"]?["second"] is null
            ? WebhookServer.Patch("""[{"op":"add","path":"/data","value":{"first":"1"}}]""")
            : WebhookServer.Patch("""[{"op":"add","path":"/data/again","value":"1"}]""");
        _server.Answers["/second"] = _ => WebhookServer.Patch("""[{"op":"add","path":"/data/second","value":"2"},{"op":"add","path":"/unknown","value":1}]""");
        await RegisterAsync(Mutating, "a", Hook("/first", "\"reinvocationPolicy\":\"IfNeeded\","));
        await RegisterAsync(Mutating, "b", Hook("/second"));
        var created = await CreateAsync("patched", "");
        Assert.Equal(201, created.Code);
        Assert.Equal("""{"first":"1","second":"2","again":"1"}""", created["data"]!.ToJsonString());
        Assert.Null(created["unknown"]);
    }

    [Fact]
    public async Task What_cannot_be_called_fails_the_request_or_is_ignored_as_the_policy_says()
    {
        await RegisterAsync(Validating, "a", Hook("/missing"));
        var failed = await CreateAsync("one");
        Assert.Equal(500, failed.Code);
        Assert.Equal("Internal error occurred: failed calling webhook \"a.example.com\": failed to call webhook: the server could not find the requested resource", failed.Message);
        await RegisterAsync(Validating, "a", Hook("/missing", "\"failurePolicy\":\"Ignore\","), replace: true);
        Assert.Equal(201, (await CreateAsync("one")).Code);

        _server.Answers["/slow"] = _ => WebhookServer.Allow();
        await RegisterAsync(Validating, "a", Hook("/slow", "\"timeoutSeconds\":1,"), replace: true);
        Assert.Contains("/slow?timeout=1s\": context deadline exceeded", (await CreateAsync("two")).Message);

        await RegisterAsync(Validating, "a", Hook("/slow").Replace(_server.CaBundle, await OtherAuthorityAsync(), StringComparison.Ordinal), replace: true);
        Assert.Contains("tls: failed to verify certificate", (await CreateAsync("two")).Message);

        _server.Answers["/uid"] = _ => WebhookServer.Allow(response => response["uid"] = "wrong");
        await RegisterAsync(Validating, "a", Hook("/uid"), replace: true);
        Assert.Contains("received invalid webhook response: expected response.uid=", (await CreateAsync("two")).Message);
    }

    [Fact]
    public async Task Conditions_selectors_and_dry_runs_decide_whether_it_is_asked()
    {
        _server.Answers["/deny"] = _ => WebhookServer.Deny("no");
        await RegisterAsync(
            Validating,
            "a",
            Hook("/deny", """ "matchConditions":[{"name":"x","expression":"!object.metadata.name.startsWith('free')"}],"objectSelector":{"matchLabels":{"judge":"me"}},"sideEffects":"NoneOnDryRun", """));
        Assert.Equal(201, (await CreateAsync("unlabelled")).Code);
        Assert.Equal(201, (await CreateAsync("free-one", """ "labels":{"judge":"me"} """)).Code);
        Assert.Equal(403, (await CreateAsync("bound", """ "labels":{"judge":"me"} """)).Code);

        var broken = """ "matchConditions":[{"name":"x","expression":"object.nothing.there == 1"}],"objectSelector":{"matchLabels":{"judge":"me"}}, """;
        await RegisterAsync(Validating, "a", Hook("/deny", broken), replace: true);
        var unclear = await CreateAsync("bound", """ "labels":{"judge":"me"} """);
        Assert.Equal("configmaps \"bound\" is forbidden: expression 'object.nothing.there == 1' resulted in error: no such key: nothing", unclear.Message);
    }

    [Fact]
    public async Task A_service_is_reached_without_the_service_proxy()
    {
        _server.Answers["/allow"] = _ => WebhookServer.Allow();
        var service = """{"metadata":{"name":"hook"},"spec":{"type":"ExternalName","externalName":"localhost"}}""";
        Assert.Equal(201, (await _api.PostAsync("/api/v1/namespaces/default/services", service)).Code);
        var hook = Hook("/allow").Replace(
            $"\"url\":\"https://127.0.0.1:{_server.Port}/allow\"", $"\"service\":{{\"name\":\"hook\",\"namespace\":\"default\",\"path\":\"/allow\",\"port\":{_server.Port}}}", StringComparison.Ordinal);
        await RegisterAsync(Validating, "a", hook);
        Assert.Equal(201, (await CreateAsync("one")).Code);
        Assert.Single(_server.Requests);

        await RegisterAsync(Validating, "a", hook.Replace("\"name\":\"hook\"", "\"name\":\"gone\"", StringComparison.Ordinal), replace: true);
        Assert.EndsWith($"failed to call webhook: Post \"https://gone.default.svc:{_server.Port}/allow?timeout=10s\": service \"gone\" not found", (await CreateAsync("two")).Message);
    }

    [Theory]
    [InlineData("""{"op":"add","path":"/metadata/namespace","value":"elsewhere"}""", 400, "the namespace of the provided object does not match the namespace sent on the request")]
    [InlineData("""{"op":"replace","path":"/kind","value":"Secret"}""", 500, "Internal error occurred: admission made an object of kind Secret of a ConfigMap")]
    [InlineData("""{"op":"remove","path":"/nope"}""", 500, "nope")]
    [InlineData("""{"op":"add","path":"/metadata/deletionTimestamp","value":"2001-01-01T00:00:00Z"}""", 201, "")]
    [InlineData("""{"op":"add","path":"/metadata/creationTimestamp","value":"2001-01-01T00:00:00Z"}""", 201, "")]
    [InlineData("""{"op":"add","path":"/metadata/uid","value":"mine"}""", 201, "")]
    [InlineData("""{"op":"add","path":"/metadata/generation","value":7}""", 201, "")]
    public async Task What_is_the_servers_own_of_an_object_no_webhook_changes(string operation, int code, string message)
    {
        _server.Answers["/meddle"] = _ => WebhookServer.Patch($"[{operation}]");
        await RegisterAsync(Mutating, "a", Hook("/meddle"));
        var created = await CreateAsync("one");
        Assert.True(created.Code == code, created.ToString());
        if (code != 201)
        {
            Assert.Contains(message, created.Message, StringComparison.Ordinal);
            return;
        }

        var metadata = created["metadata"]!.AsObject();
        Assert.False(metadata.ContainsKey("deletionTimestamp") || metadata.ContainsKey("generation"), created.Text);
        Assert.NotEqual("mine", (string?)metadata["uid"]);
        Assert.False(((string)metadata["creationTimestamp"]!).StartsWith("2001", StringComparison.Ordinal), created.Text);
    }

    [Fact]
    public async Task No_webhook_ends_the_life_of_an_object_that_is_updated()
    {
        await CreateAsync("lives");
        _server.Answers["/end"] = _ => WebhookServer.Patch("""[{"op":"add","path":"/metadata/deletionTimestamp","value":"2001-01-01T00:00:00Z"}]""");
        await RegisterAsync(Mutating, "a", Hook("/end").Replace("\"CREATE\"", "\"UPDATE\"", StringComparison.Ordinal));
        var updated = await _api.PatchAsync("/api/v1/namespaces/default/configmaps/lives", """{"data":{"a":"1"}}""", "merge");
        Assert.Equal((422, "ConfigMap \"lives\" is invalid: metadata.deletionTimestamp: Invalid value: \"2001-01-01T00:00:00Z\": field is immutable"), (updated.Code, updated.Message));
    }

    [Fact]
    public async Task Owners_that_a_webhook_spoils_are_restored_with_a_warning()
    {
        _server.Answers["/spoil"] = _ => WebhookServer.Patch("""[{"op":"replace","path":"/metadata/managedFields/0/fieldsType","value":"mine"},{"op":"add","path":"/data","value":{"a":"1"}}]""");
        await RegisterAsync(Mutating, "a", Hook("/spoil"));
        var created = await CreateAsync("one", """ "labels":{"x":"y"} """);
        Assert.True(created.Code == 201, created.ToString());
        Assert.Equal("1", (string?)created["data"]!["a"]);
        Assert.Equal("FieldsV1", (string?)created["metadata"]!["managedFields"]![0]!["fieldsType"]);
        var warning = Assert.Single(created.Warnings);
        Assert.Contains(".metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: invalid fieldsType", warning);
    }

    [Fact]
    public async Task What_admission_does_is_measured_under_upstreams_names()
    {
        _server.Answers["/deny"] = _ => WebhookServer.Deny("no");
        _server.Answers["/patch"] = _ => WebhookServer.Patch("""[{"op":"add","path":"/data","value":{"a":"1"}}]""");
        await RegisterAsync(Mutating, "m", Hook("/patch"));
        await RegisterAsync(Validating, "v", Hook("/deny", """ "matchConditions":[{"name":"x","expression":"object.metadata.name != 'free'"}], """));
        await RegisterAsync(Validating, "w", Hook("/missing", "\"failurePolicy\":\"Ignore\","));
        Assert.Equal(403, (await CreateAsync("one")).Code);
        Assert.Equal(201, (await CreateAsync("free")).Code);
        var metrics = await _api.Client.GetStringAsync("/metrics");
        foreach (var sample in (string[])
        [
            "apiserver_admission_webhook_request_total{code=\"200\",name=\"m.example.com\",operation=\"CREATE\",rejected=\"false\",type=\"admit\"} 2",
            "apiserver_admission_webhook_request_total{code=\"403\",name=\"v.example.com\",operation=\"CREATE\",rejected=\"true\",type=\"validating\"} 1",
            "apiserver_admission_webhook_rejection_count{error_type=\"no_error\",name=\"v.example.com\",operation=\"CREATE\",rejection_code=\"403\",type=\"validating\"} 1",
            "apiserver_admission_webhook_fail_open_count{name=\"w.example.com\",type=\"validating\"} 2",
            "apiserver_admission_match_condition_exclusions_total{kind=\"webhook\",name=\"v.example.com\",operation=\"CREATE\",type=\"validating\"} 1",
            "apiserver_admission_webhook_admission_duration_seconds_count{name=\"m.example.com\",operation=\"CREATE\",rejected=\"false\",type=\"admit\"} 2",
            "apiserver_admission_controller_admission_duration_seconds_count{name=\"ValidatingAdmissionWebhook\",operation=\"CREATE\",rejected=\"true\",type=\"validate\"} 1",
            "apiserver_admission_step_admission_duration_seconds_count{operation=\"CREATE\",rejected=\"true\",type=\"validate\"} 1",
        ])
        {
            Assert.Contains(sample + "\n", metrics);
        }

        Assert.DoesNotContain("name=\"NamespaceLifecycle\",operation=\"CREATE\",rejected=\"false\",type=\"admit\"", metrics);
    }

    [Fact]
    public async Task Connections_are_asked_about_before_anything_is_looked_for()
    {
        _server.Answers["/deny"] = _ => WebhookServer.Deny("attaching to pod is not allowed");
        var hook = Hook("/deny").Replace("\"configmaps\"", "\"pods/attach\",\"pods/exec\",\"services/proxy\",\"nodes/proxy\"", StringComparison.Ordinal).Replace("\"*\"", "\"CONNECT\"", StringComparison.Ordinal);
        await RegisterAsync(Validating, "a", hook);
        var denied = await _api.PostAsync("/api/v1/namespaces/default/pods/web/attach?container=main&stdout=1&stderr=true&tty=false", "");
        Assert.Equal((403, "admission webhook \"a.example.com\" denied the request: attaching to pod is not allowed"), (denied.Code, denied.Message));
        var request = _server.Requests[^1];
        Assert.Equal("CONNECT", (string?)request["operation"]);
        Assert.Equal("attach", (string?)request["subResource"]);
        Assert.Equal("""{"group":"","version":"v1","kind":"PodAttachOptions"}""", request["kind"]!.ToJsonString());
        Assert.Equal("""{"kind":"PodAttachOptions","apiVersion":"v1","stdout":true,"stderr":true,"container":"main"}""", request["object"]!.ToJsonString());
        Assert.Null(request["oldObject"]);
        Assert.Null(request["options"]);

        Assert.Equal(403, (await _api.GetAsync("/api/v1/namespaces/default/pods/web/exec?command=ls&command=-l")).Code);
        Assert.Equal("""["ls","-l"]""", _server.Requests[^1]["object"]!["command"]!.ToJsonString());
        Assert.Equal(403, (await _api.DeleteAsync("/api/v1/namespaces/default/services/web/proxy/a/b?dryRun=mine")).Code);
        Assert.Equal("/a/b", (string?)_server.Requests[^1]["object"]!["path"]);
        Assert.Equal(403, (await _api.GetAsync("/api/v1/nodes/n/proxy/stats")).Code);

        // What is not asked about goes its way.
        Assert.Equal(404, (await _api.PostAsync("/api/v1/namespaces/default/pods/web/portforward?ports=80", "")).Code);
    }

    private static async Task<string> OtherAuthorityAsync()
    {
        await using var other = await WebhookServer.StartAsync();
        return other.CaBundle;
    }

    private string Hook(string path, string more = "")
    {
        var sideEffects = more.Contains("sideEffects", StringComparison.Ordinal) ? "" : "\"sideEffects\":\"None\",";
        return $$"""
            {"name":"NAME.example.com",{{more}}{{sideEffects}}"admissionReviewVersions":["v1"],
             "clientConfig":{"url":"https://127.0.0.1:{{_server.Port}}{{path}}","caBundle":"{{_server.CaBundle}}"},
             "rules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["*"],"resources":["configmaps"]}]}
            """;
    }

    private async Task RegisterAsync(string collection, string name, string hook, bool replace = false)
    {
        var body = $$"""{"metadata":{"name":"{{name}}"},"webhooks":[{{hook.Replace("NAME", name, StringComparison.Ordinal)}}]}""";
        var answer = replace ? await _api.PatchAsync($"{collection}/{name}", body, "merge") : await _api.PostAsync(collection, body);
        Assert.True(answer.Code < 300, answer.ToString());
    }

    private Task<Answer> CreateAsync(string name, string metadata = "") => _api.PostAsync(
        "/api/v1/namespaces/default/configmaps", "{\"metadata\":{\"name\":\"" + name + "\"" + (metadata.Trim().Length > 0 ? "," + metadata : "") + "}}");
}
