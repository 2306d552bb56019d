using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Aggregation;
using ActorOrchestrator.Contracts.Resources;
using Microsoft.AspNetCore.Http;

namespace ActorOrchestrator.Host.Tests.Api;

[Collection("api")]
public sealed class AggregationTests(ApiHost api) : IAsyncLifetime
{
    private const string Services = "/apis/apiregistration.k8s.io/v1/apiservices";
    private readonly TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HttpsBackend _server = null!;

    [Fact]
    public async Task A_group_that_a_service_answers_for_is_proxied_with_its_user_and_found_in_discovery()
    {
        await api.PostAsync("/api/v1/namespaces/default/services", """{"metadata":{"name":"weather"},"spec":{"type":"ExternalName","externalName":"localhost"}}""");
        var created = await api.PostAsync(Services, $$$"""
            {"metadata":{"name":"v1.weather.example.com"},"spec":{"group":"weather.example.com","version":"v1","groupPriorityMinimum":100,"versionPriority":10,
             "caBundle":"{{{_server.CaBundle}}}","service":{"namespace":"default","name":"weather","port":{{{_server.Port}}} } } }
            """);
        Assert.True(created.Code == 201, created.ToString());
        var available = await UntilAsync($"{Services}/v1.weather.example.com", answer => (string?)CustomResourceTests.Condition(answer, "Available")?["status"] == "True");
        Assert.Equal("Passed", (string)CustomResourceTests.Condition(available, "Available")!["reason"]!);

        var answer = await api.GetAsync("/apis/weather.example.com/v1/namespaces/default/winds?limit=5");
        Assert.Equal((200, "/apis/weather.example.com/v1/namespaces/default/winds?limit=5", "admin", "system:masters", false), (
            answer.Code, (string)answer["path"]!, (string)answer["user"]!, (string)answer["groups"]![0]!, (bool)answer["authorization"]!));
        var grouped = await api.GetAsync("/apis/weather.example.com/v1/namespaces/default/winds", user: "admin,system:masters,dev");
        Assert.Contains("system:masters", grouped["groups"]!.AsArray().Select(group => (string?)group));
        Assert.Contains("dev", grouped["groups"]!.AsArray().Select(group => (string?)group));
        Assert.Equal(201, (await api.PostAsync("/apis/weather.example.com/v1/namespaces/default/winds", """{"a":1}""")).Code);

        var groups = await api.GetAsync("/apis");
        Assert.Contains(groups["groups"]!.AsArray(), group => (string)group!["name"]! == "weather.example.com");
        var all = await api.GetAsync("/apis", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
        var item = all["items"]!.AsArray().Single(group => (string?)group!["metadata"]!["name"] == "weather.example.com")!;
        Assert.Equal("winds", (string)item["versions"]![0]!["resources"]![0]!["resource"]!);
        Assert.Equal("status", (string)item["versions"]![0]!["resources"]![0]!["subresources"]![0]!["subresource"]!);
        Assert.Equal(200, (await api.GetAsync("/apis/weather.example.com")).Code);
        Assert.NotNull((await api.GetAsync("/openapi/v3"))["paths"]!["apis/weather.example.com/v1"]);
        var schemas = await api.GetAsync("/openapi/v2");
        Assert.NotNull(schemas["paths"]!["/apis/weather.example.com/v1/winds"]);
        Assert.Null(schemas["paths"]!["/apis/other.example.com/v1/winds"]);
        Assert.NotNull(schemas["definitions"]!["com.example.weather.v1.Wind"]);
        Assert.Equal("knots", (string)schemas["definitions"]!["io.k8s.apimachinery.pkg.apis.meta.v1.Status_v2"]!["description"]!);
        Assert.Equal("#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.Status_v2", (string)schemas["definitions"]!["com.example.weather.v1.Wind"]!["properties"]!["status"]!["$ref"]!);
        Assert.Equal(200, (await api.GetAsync("/openapi/v2", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf")).Code);
        await using (var streamed = await WatchReader.OpenAsync(api, "/apis/weather.example.com/v1/winds?watch=1"))
        {
            Assert.Equal("first", (string)(await streamed.NextEventAsync())["type"]!);
            _more.SetResult();
            Assert.Equal("second", (string)(await streamed.NextEventAsync())["type"]!);
        }

        var table = await api.GetAsync(Services, "application/json;as=Table;v=v1;g=meta.k8s.io");
        Assert.Contains(table["rows"]!.AsArray(), row => row!["cells"]!.ToJsonString().StartsWith("""["v1.weather.example.com","default/weather","True",""", StringComparison.Ordinal));

        await api.DeleteAsync("/api/v1/namespaces/default/services/weather");
        var gone = await UntilAsync($"{Services}/v1.weather.example.com", answer => (string?)CustomResourceTests.Condition(answer, "Available")?["status"] == "False");
        Assert.Equal(("ServiceNotFound", "service/weather in \"default\" is not present"), (
            (string)CustomResourceTests.Condition(gone, "Available")!["reason"]!, (string)CustomResourceTests.Condition(gone, "Available")!["message"]!));
        Assert.Equal((503, "service unavailable"), ((await api.GetAsync("/apis/weather.example.com/v1/winds")) is var refused ? (refused.Code, refused.Message) : default));
        await api.DeleteAsync($"{Services}/v1.weather.example.com");
        Assert.Equal(404, (await api.GetAsync("/apis/weather.example.com/v1/winds")).Code);
    }

    [Fact]
    public async Task A_service_is_reached_through_its_endpoint_slices_and_ports()
    {
        await api.PostAsync("/api/v1/namespaces/default/services", """{"metadata":{"name":"breeze"},"spec":{"ports":[{"name":"https","port":443,"targetPort":8443},{"name":"other","port":80}]}}""");
        await api.PostAsync(Services, """
            {"metadata":{"name":"v1.breeze.example.com"},"spec":{"group":"breeze.example.com","version":"v1","groupPriorityMinimum":100,"versionPriority":10,
             "insecureSkipTLSVerify":true,"service":{"namespace":"default","name":"breeze","port":443} } }
            """);
        await UntilAsync($"{Services}/v1.breeze.example.com", answer => (string?)CustomResourceTests.Condition(answer, "Available")?["reason"] is "EndpointsNotFound" or "MissingEndpoints");
        Assert.Equal(503, (await api.GetAsync("/apis/breeze.example.com/v1/winds")).Code);

        // The API takes no endpoints on the loopback, where this test's server is; the ledger does.
        var slice = await api.Ledger.CreateAsync(ResourceTypes.EndpointSlices, JsonNode.Parse($$$"""
            {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"breeze-1","namespace":"default","labels":{"kubernetes.io/service-name":"breeze"} },"addressType":"IPv4",
             "ports":[{"name":"other","port":1,"protocol":"TCP"},{"name":"https","port":{{{_server.Port}}},"protocol":"TCP"}],
             "endpoints":[{"addresses":["127.0.0.9"],"conditions":{"ready":false} },{"addresses":["127.0.0.1"],"conditions":{"ready":true} }]}
            """)!.AsObject());
        await UntilAsync($"{Services}/v1.breeze.example.com", answer => (string?)CustomResourceTests.Condition(answer, "Available")?["status"] == "True");
        var answered = await api.GetAsync("/apis/breeze.example.com/v1/winds");
        Assert.Equal((200, "/apis/breeze.example.com/v1/winds"), (answered.Code, (string)answered["path"]!));

        await api.Ledger.ReplaceAsync(slice.Key, obj => obj["endpoints"] = new JsonArray());
        await UntilAsync($"{Services}/v1.breeze.example.com", answer => (string?)CustomResourceTests.Condition(answer, "Available")?["reason"] == "MissingEndpoints");
        Assert.Equal((503, "service unavailable"), ((await api.GetAsync("/apis/breeze.example.com/v1/winds")) is var refused ? (refused.Code, refused.Message) : default));
        await api.DeleteAsync($"{Services}/v1.breeze.example.com");
    }

    [Fact]
    public async Task What_a_server_keeps_in_a_namespace_is_deleted_before_the_namespace_goes()
    {
        var winds = new HashSet<string> { "north", "south" };
        var calls = new List<string>();
        await using var server = await HttpsBackend.StartAsync("storms.default.svc", async context =>
        {
            var (method, path) = (context.Request.Method, context.Request.Path.Value!);
            calls.Add($"{method} {path}");
            if (path == "/apis/storms.example.com/v1")
            {
                await context.Response.WriteAsync("""
                    {"kind":"APIResourceList","groupVersion":"storms.example.com/v1","resources":[
                     {"name":"winds","namespaced":true,"verbs":["delete","list"]},{"name":"rains","namespaced":true,"verbs":["delete","deletecollection","list"]},
                     {"name":"seas","namespaced":false,"verbs":["delete","list"]},{"name":"winds/status","namespaced":true,"verbs":["get"]},{"name":"reports","namespaced":true,"verbs":["list"]}]}
                    """);
            }
            else if (HttpMethods.IsDelete(method))
            {
                winds.Remove(path.Split('/')[^1]);
                await context.Response.WriteAsync("{}");
            }
            else
            {
                var items = path.EndsWith("/winds", StringComparison.Ordinal) ? winds : [];
                await context.Response.WriteAsync($$"""{"items":[{{string.Join(',', items.Select(name => $"{{\"metadata\":{{\"name\":\"{name}\"}}}}"))}}]}""");
            }
        });
        await api.PostAsync("/api/v1/namespaces/default/services", """{"metadata":{"name":"storms"},"spec":{"type":"ExternalName","externalName":"localhost"}}""");
        await api.PostAsync(Services, $$$"""
            {"metadata":{"name":"v1.storms.example.com"},"spec":{"group":"storms.example.com","version":"v1","groupPriorityMinimum":100,"versionPriority":10,
             "caBundle":"{{{server.CaBundle}}}","service":{"namespace":"default","name":"storms","port":{{{server.Port}}} } } }
            """);
        var service = RemoteApiService.Read(api.Ledger.View.Current.Find(new ObjectKey(ResourceTypes.ApiServices, "", "v1.storms.example.com"))!)!;
        var content = new AggregatedContent(new ApiServiceTransport(api.Ledger.View, null), TimeSpan.FromSeconds(10));
        calls.Clear();

        Assert.Null(await content.EmptyAsync(service, "shop", CancellationToken.None));

        Assert.Empty(winds);
        var root = "/apis/storms.example.com/v1/namespaces/shop";
        Assert.Contains($"DELETE {root}/rains", calls);
        Assert.Contains($"DELETE {root}/winds/north", calls);
        Assert.DoesNotContain(calls, call => call.Contains("seas", StringComparison.Ordinal) || call.Contains("reports", StringComparison.Ordinal));
        await api.DeleteAsync($"{Services}/v1.storms.example.com");
    }

    [Fact]
    public async Task A_group_that_is_served_here_is_listed_as_local()
    {
        var apps = await UntilAsync($"{Services}/v1.apps", answer => answer.Code == 200);
        Assert.Equal((17800, "Local"), ((int)apps["spec"]!["groupPriorityMinimum"]!, (string)CustomResourceTests.Condition(apps, "Available")!["reason"]!));
        var core = await UntilAsync($"{Services}/v1.", answer => answer.Code == 200);
        Assert.Equal(18000, (int)core["spec"]!["groupPriorityMinimum"]!);
    }

    private async Task<Answer> UntilAsync(string path, Func<Answer, bool> holds)
    {
        for (var i = 0; ; i++)
        {
            var answer = await api.GetAsync(path);
            if (holds(answer))
            {
                return answer;
            }

            Assert.True(i < 3000, answer.ToString());
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            await pause.WaitForNextTickAsync();
        }
    }

    public async Task InitializeAsync() => _server = await HttpsBackend.StartAsync("weather.default.svc", AnswerAsync);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Query.ContainsKey("watch"))
        {
            await context.Response.WriteAsync("{\"type\":\"first\"}\n");
            await context.Response.Body.FlushAsync();
            await _more.Task;
            await context.Response.WriteAsync("{\"type\":\"second\"}\n");
            return;
        }

        if (request.Path == "/openapi/v2")
        {
            await context.Response.WriteAsync("""
                {"swagger":"2.0","info":{"title":"Weather","version":"1"},"paths":{
                 "/apis/weather.example.com/v1/winds":{"get":{"responses":{"200":{"schema":{"$ref":"#/definitions/com.example.weather.v1.Wind"}}}}},
                 "/apis/other.example.com/v1/winds":{"get":{"responses":{}}}},
                 "definitions":{"com.example.weather.v1.Wind":{"type":"object","properties":{"status":{"$ref":"#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.Status"}}},
                  "io.k8s.apimachinery.pkg.apis.meta.v1.Status":{"description":"knots","type":"object"},"com.example.unused":{"type":"object"}}}
                """);
            return;
        }

        if (request.Path == "/apis/weather.example.com/v1" || request.Path == "/apis/breeze.example.com/v1")
        {
            await context.Response.WriteAsync("""
                {"kind":"APIResourceList","apiVersion":"v1","groupVersion":"weather.example.com/v1","resources":[
                 {"name":"winds","singularName":"wind","namespaced":true,"kind":"Wind","verbs":["get","list"]},
                 {"name":"winds/status","singularName":"","namespaced":true,"kind":"Wind","verbs":["get"]}]}
                """);
            return;
        }

        context.Response.StatusCode = HttpMethods.IsPost(request.Method) ? 201 : 200;
        await context.Response.WriteAsync(new JsonObject
        {
            ["path"] = request.Path + request.QueryString.Value,
            ["user"] = request.Headers["X-Remote-User"].ToString(),
            ["groups"] = new JsonArray([.. request.Headers["X-Remote-Group"].Select(group => (JsonNode?)group)]),
            ["authorization"] = request.Headers.ContainsKey("Authorization"),
        }.ToJsonString());
    }
}
