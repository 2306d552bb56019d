using System.Net;
using System.Text.Json.Nodes;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>What is around the resources: paths, documents, caches, measures.</summary>
[Collection("api")]
public class SurfaceTests(ApiHost host)
{
    [Theory]
    [InlineData("/api/v1/namespaces/kept/configmaps/..")]
    [InlineData("/api/v1/namespaces/kept/configmaps/%2e%2e")]
    [InlineData("/api/v1/namespaces/kept/configmaps/.%2E")]
    [InlineData("/api/v1/namespaces/kept/./configmaps/x/..")]
    public async Task A_step_up_in_a_path_reaches_no_other_object(string path)
    {
        await host.SendAsync(HttpMethod.Post, "/api/v1/namespaces", """{"metadata":{"name":"kept"}}""", "application/json");
        var before = host.Ledger.View.Current.Revision;
        using var request = new HttpRequestMessage(HttpMethod.Delete, new Uri(host.Client.BaseAddress!.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        using var response = await host.Client.SendAsync(request);
        var status = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.StartsWith("Name parameter invalid: \".", (string)status["message"]!, StringComparison.Ordinal);
        Assert.Equal(before, host.Ledger.View.Current.Revision);
    }

    [Fact]
    public async Task A_schema_that_is_asked_for_by_its_hash_is_kept_for_ever_and_an_old_hash_leads_to_the_new_one()
    {
        var url = (string)(await host.GetAsync("/openapi/v3"))["paths"]!["apis/coordination.k8s.io/v1"]!["serverRelativeURL"]!;
        using (var kept = await host.Client.GetAsync(new Uri(url, UriKind.Relative)))
        {
            Assert.Equal("public, immutable", kept.Headers.NonValidated["Cache-Control"].ToString());
            Assert.True(kept.Content.Headers.Expires > kept.Headers.Date!.Value.AddDays(360));
        }

        using var direct = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = host.Client.BaseAddress };
        direct.DefaultRequestHeaders.Add("X-User", "admin,system:masters");
        using var moved = await direct.GetAsync(new Uri("/openapi/v3/apis/coordination.k8s.io/v1?hash=0", UriKind.Relative));
        Assert.Equal(HttpStatusCode.MovedPermanently, moved.StatusCode);
        Assert.Equal(url, moved.Headers.Location!.OriginalString);
    }

    [Theory]
    [InlineData("/openapi/v2", "text/html", 406)]
    [InlineData("/openapi/v3/api/v1", "application/com.github.proto-openapi.spec.v3.v1.0+protobuf", 406)]
    [InlineData("/openapi/v2", "text/html, */*", 200)]
    [InlineData("/openapi/v2", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf", 200)]
    [InlineData("/openapi/v3/api/v1", "application/json, */*", 200)]
    public async Task A_schema_comes_in_the_forms_that_it_has(string path, string accept, int code) => Assert.Equal(code, (await host.GetAsync(path, accept)).Code);

    [Fact]
    public async Task Answers_are_for_nobody_to_keep_but_the_client()
    {
        using var response = await host.Client.GetAsync(new Uri("/api/v1/namespaces/default", UriKind.Relative));
        Assert.Equal("no-cache, private", response.Headers.NonValidated["Cache-Control"].ToString());
    }

    [Fact]
    public async Task The_root_tells_the_paths_and_a_path_that_nobody_serves_is_a_Status_for_those_who_may_ask()
    {
        var paths = (await host.GetAsync("/"))["paths"]!.AsArray().Select(path => (string)path!).ToArray();
        Assert.Contains("/apis/apps/v1", paths);
        Assert.Contains("/readyz", paths);
        Assert.Equal(404, (await host.GetAsync("/nowhere")).Code);
        Assert.Equal("NotFound", (await host.GetAsync("/nowhere")).Reason);
        Assert.Equal(401, (await host.GetAsync("/nowhere", user: "anonymous")).Code);
        Assert.Equal("forbidden: User \"bob\" cannot get path \"/nowhere\"", (await host.GetAsync("/nowhere", user: "bob,system:authenticated")).Message);
        Assert.Equal(403, (await host.GetAsync("/", user: "bob,system:authenticated")).Code);
    }

    [Fact]
    public async Task What_is_on_its_way_out_says_so_whatever_is_asked_of_it()
    {
        var answer = await host.GetAsync("/api/v1/namespaces/default/endpoints");
        Assert.Equal(["299 - \"v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\""], answer.Warnings);
        Assert.Contains("apiserver_requested_deprecated_apis{group=\"\",removed_release=\"\",resource=\"endpoints\",subresource=\"\",version=\"v1\"} 1", (await host.GetAsync("/metrics")).Text, StringComparison.Ordinal);
        Assert.Empty((await host.GetAsync("/api/v1/namespaces/default/configmaps")).Warnings);
    }

    /// <summary>The stable metrics of an API server, with their labels: test/instrumentation/testdata/stable-metrics-list.yaml of kubernetes/kubernetes.</summary>
    [Fact]
    public async Task The_stable_metrics_are_there_with_their_labels()
    {
        await host.GetAsync("/readyz");
        await host.GetAsync("/api/v1/namespaces/default/endpoints");
        await host.PostAsync("/api/v1/namespaces/default/configmaps", """{"metadata":{"generateName":"measured-"}}""");
        var lines = (await host.GetAsync("/metrics")).Text.Split('\n');
        (string Name, string Labels)[] stable =
        [
            ("apiserver_admission_controller_admission_duration_seconds_count", "name,operation,rejected,type"),
            ("apiserver_admission_step_admission_duration_seconds_count", "operation,rejected,type"),
            ("apiserver_current_inflight_requests", "request_kind"),
            ("apiserver_request_duration_seconds_count", "component,dry_run,group,resource,scope,subresource,verb,version"),
            ("apiserver_request_total", "code,component,dry_run,group,resource,scope,subresource,verb,version"),
            ("apiserver_requested_deprecated_apis", "group,removed_release,resource,subresource,version"),
            ("apiserver_response_sizes_count", "component,group,resource,scope,subresource,verb,version"),
            ("apiserver_storage_objects", "resource"),
            ("kubernetes_healthcheck", "name,type"),
            ("kubernetes_healthchecks_total", "name,status,type"),
        ];
        foreach (var (name, labels) in stable)
        {
            var line = lines.First(line => line.StartsWith(name + "{", StringComparison.Ordinal));
            var found = line[(name.Length + 1)..line.LastIndexOf('}')].Split("\",").Select(pair => pair[..pair.IndexOf('=', StringComparison.Ordinal)]);
            Assert.Equal(labels, string.Join(',', found.Order(StringComparer.Ordinal)));
        }

        Assert.Contains("# TYPE apiserver_longrunning_requests gauge", lines);
        Assert.Contains("# TYPE apiserver_admission_webhook_admission_duration_seconds histogram", lines);
    }

    [Fact]
    public async Task A_list_is_refused_when_its_timeout_is_no_number() =>
        Assert.Equal(400, (await host.GetAsync("/api/v1/namespaces/default/configmaps?timeoutSeconds=x")).Code);

    [Fact]
    public async Task What_can_be_had_is_told_to_whoever_takes_none_of_it() =>
        Assert.Equal("only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf", (await host.GetAsync("/api/v1/namespaces/default/configmaps", "text/html")).Message);
}
