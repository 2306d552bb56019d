namespace ActorOrchestrator.Host.Tests.Api;

[Collection("api")]
public sealed class ResourceTests(ApiHost api)
{
    private const string ConfigMap = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings","labels":{"app":"web"}},"data":{"a":"1"}}""";

    [Fact]
    public async Task An_object_that_was_created_is_read_back_with_what_the_server_adds()
    {
        var ns = await api.NamespaceAsync();
        var created = await api.PostAsync($"/api/v1/namespaces/{ns}/configmaps", ConfigMap);
        Assert.Equal(201, created.Code);
        var metadata = created["metadata"]!;
        Assert.NotEqual("", (string)metadata["uid"]!);
        Assert.EndsWith("Z", (string)metadata["creationTimestamp"]!);
        Assert.True(long.Parse(created.Revision) > 0);
        Assert.Equal(ns, (string)metadata["namespace"]!);
        var read = await api.GetAsync($"/api/v1/namespaces/{ns}/configmaps/settings");
        Assert.Equal(200, read.Code);
        Assert.Equal(created.Text, read.Text);
    }

    [Fact]
    public async Task Creating_twice_is_AlreadyExists()
    {
        var ns = await api.NamespaceAsync();
        await api.PostAsync($"/api/v1/namespaces/{ns}/configmaps", ConfigMap);
        var second = await api.PostAsync($"/api/v1/namespaces/{ns}/configmaps", ConfigMap);
        Assert.Equal((409, "AlreadyExists", "configmaps \"settings\" already exists"), (second.Code, second.Reason, second.Message));
    }

    [Fact]
    public async Task Creating_in_a_namespace_that_does_not_exist_is_NotFound()
    {
        var answer = await api.PostAsync("/api/v1/namespaces/nowhere/configmaps", ConfigMap);
        Assert.Equal((404, "NotFound", "namespaces \"nowhere\" not found"), (answer.Code, answer.Reason, answer.Message));
    }

    [Fact]
    public async Task A_stale_update_is_a_Conflict_and_an_update_without_a_revision_is_not()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps/settings";
        var first = await api.PostAsync($"/api/v1/namespaces/{ns}/configmaps", ConfigMap);
        var changed = first.Json;
        changed["data"]!["a"] = "2";
        var second = await api.PutAsync(path, changed.ToJsonString());
        Assert.Equal(200, second.Code);
        Assert.NotEqual(first.Revision, second.Revision);
        changed["data"]!["a"] = "3";
        var stale = await api.PutAsync(path, changed.ToJsonString());
        Assert.Equal((409, "Conflict"), (stale.Code, stale.Reason));
        changed["metadata"]!.AsObject().Remove("resourceVersion");
        Assert.Equal(200, (await api.PutAsync(path, changed.ToJsonString())).Code);
    }

    [Fact]
    public async Task An_update_that_changes_nothing_makes_no_revision()
    {
        var ns = await api.NamespaceAsync();
        var first = await api.PostAsync($"/api/v1/namespaces/{ns}/configmaps", ConfigMap);
        var again = await api.PutAsync($"/api/v1/namespaces/{ns}/configmaps/settings", first.Text);
        Assert.Equal(first.Text, again.Text);
    }

    [Fact]
    public async Task A_list_in_pieces_shows_one_revision_while_writes_go_on()
    {
        var ns = await api.NamespaceAsync();
        foreach (var name in new[] { "a", "b", "c", "d", "e" })
        {
            await api.PostAsync($"/api/v1/namespaces/{ns}/configmaps", ConfigMap.Replace("settings", name));
        }

        var path = $"/api/v1/namespaces/{ns}/configmaps";
        var first = await api.GetAsync($"{path}?limit=2");
        Assert.Equal(3, (long)first["metadata"]!["remainingItemCount"]!);
        await api.DeleteAsync($"{path}/c");
        await api.PostAsync(path, ConfigMap.Replace("settings", "cc"));
        var names = Names(first);
        var next = first;
        while (next["metadata"]!["continue"] is { } token)
        {
            next = await api.GetAsync($"{path}?limit=2&continue={Uri.EscapeDataString((string)token!)}");
            Assert.Equal(first.Revision, next.Revision);
            names.AddRange(Names(next));
        }

        Assert.Equal(["a", "b", "c", "d", "e"], names);
        Assert.Equal(400, (await api.GetAsync($"{path}?limit=2&continue=bogus")).Code);
    }

    [Theory]
    [InlineData("labelSelector=app%3Dweb", "settings")]
    [InlineData("labelSelector=app+in+(web,api)", "settings,other")]
    [InlineData("labelSelector=app+notin+(web)", "kube-root,other")]
    [InlineData("labelSelector=!app", "kube-root")]
    [InlineData("fieldSelector=metadata.name%3Dother", "other")]
    [InlineData("fieldSelector=metadata.name!%3Dother", "kube-root,settings")]
    public async Task Selectors_choose(string query, string expected)
    {
        var ns = await api.NamespaceAsync();
        await api.PostAsync($"/api/v1/namespaces/{ns}/configmaps", ConfigMap);
        await api.PostAsync($"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"other","labels":{"app":"api"}}}""");
        await api.PostAsync($"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"kube-root"}}""");
        var list = await api.GetAsync($"/api/v1/namespaces/{ns}/configmaps?{query}");
        Assert.Equal(expected.Split(',').Order(), Names(list).Order());
    }

    [Theory]
    [InlineData("GET", "/api/v1/nothings", null, null, 404, "NotFound")]
    [InlineData("GET", "/apis/none/v1/pods", null, null, 404, "NotFound")]
    [InlineData("GET", "/api/v1/pods/x/y/z", null, null, 404, "NotFound")]
    [InlineData("GET", "/api/v1/namespaces/default/pods/x/nothing", null, null, 404, "NotFound")]
    [InlineData("PUT", "/api/v1/namespaces/default/pods", "{}", "application/json", 405, "MethodNotAllowed")]
    [InlineData("POST", "/api/v1/pods", "{}", "application/json", 405, "MethodNotAllowed")]
    [InlineData("POST", "/api/v1/namespaces/default/configmaps", "{", "application/json", 400, "BadRequest")]
    [InlineData("POST", "/api/v1/namespaces/default/configmaps", "[]", "application/json", 400, "BadRequest")]
    [InlineData("POST", "/api/v1/namespaces/default/configmaps", "", "application/json", 400, "BadRequest")]
    [InlineData("POST", "/api/v1/namespaces/default/configmaps", "{\"metadata\":{\"name\":\"\\ud800\"}}", "application/json", 400, "BadRequest")]
    [InlineData("POST", "/api/v1/namespaces/default/configmaps", "a: [", "application/yaml", 400, "BadRequest")]
    [InlineData("POST", "/api/v1/namespaces/default/configmaps", "{}", "text/html", 415, "UnsupportedMediaType")]
    [InlineData("POST", "/api/v1/namespaces/default/configmaps", "{\"metadata\":{\"name\":\"A_b\"}}", "application/json", 422, "Invalid")]
    [InlineData("POST", "/api/v1/namespaces/default/configmaps", "{\"metadata\":{}}", "application/json", 422, "Invalid")]
    [InlineData("POST", "/api/v1/namespaces/default/configmaps", "{\"metadata\":5}", "application/json", 400, "BadRequest")]
    [InlineData("POST", "/api/v1/namespaces/default/configmaps", "{\"metadata\":{\"name\":\"x\"},\"data\":{\"a\":5}}", "application/json", 400, "BadRequest")]
    [InlineData("POST", "/api/v1/namespaces/default/configmaps", "{\"kind\":\"Pod\"}", "application/json", 400, "BadRequest")]
    [InlineData("POST", "/api/v1/namespaces/default/configmaps?dryRun=Some", "{}", "application/json", 422, "Invalid")]
    [InlineData("PATCH", "/api/v1/namespaces/default/configmaps/x", "{}", "application/json", 415, "UnsupportedMediaType")]
    [InlineData("GET", "/api/v1/pods?labelSelector=a+b+c", null, null, 400, "BadRequest")]
    [InlineData("GET", "/api/v1/pods?fieldSelector=spec.nothing%3Dx", null, null, 400, "BadRequest")]
    [InlineData("GET", "/api/v1/pods?resourceVersion=abc", null, null, 400, "BadRequest")]
    [InlineData("GET", "/api/v1/pods?limit=abc", null, null, 400, "BadRequest")]
    [InlineData("GET", "/api/v1/pods?resourceVersionMatch=Exact", null, null, 422, "Invalid")]
    [InlineData("GET", "/api/v1/pods?resourceVersion=999999999", null, null, 504, "Timeout")]
    [InlineData("DELETE", "/api/v1/namespaces/default/configmaps/x", "{\"propagationPolicy\":\"Never\"}", "application/json", 422, "Invalid")]
    [InlineData("DELETE", "/api/v1/namespaces/kube-system", null, null, 403, "Forbidden")]
    [InlineData("GET", "/api/v1/namespaces/default/pods/x/exec", null, null, 404, "NotFound")]
    public async Task What_cannot_be_done_is_a_Status(string method, string path, string? body, string? contentType, int code, string reason)
    {
        var answer = await api.SendAsync(new HttpMethod(method), path, body, contentType);
        Assert.Equal((code, reason), (answer.Code, answer.Reason));
        Assert.Equal("Status", (string?)answer["kind"]);
        Assert.Equal("Failure", (string?)answer["status"]);
        Assert.Equal(code, (int)answer["code"]!);
        Assert.NotEqual("", answer.Message);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_413()
    {
        var answer = await api.PostAsync("/api/v1/namespaces/default/configmaps", new string('x', (3 * 1024 * 1024) + 1));
        Assert.Equal((413, "RequestEntityTooLarge"), (answer.Code, answer.Reason));
    }

    [Fact]
    public async Task Nobody_is_refused_and_a_stranger_is_told_what_they_may_not()
    {
        var nobody = await api.GetAsync("/api/v1/pods", user: "anonymous");
        Assert.Equal((401, "Unauthorized"), (nobody.Code, nobody.Reason));
        var stranger = await api.GetAsync("/api/v1/namespaces/default/pods", user: "bob");
        Assert.Equal(403, stranger.Code);
        Assert.Equal("pods is forbidden: User \"bob\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"", stranger.Message);
        Assert.Equal(200, (await api.GetAsync("/api/v1/pods", user: "system:node:n1, system:nodes")).Code);
        Assert.Equal(403, (await api.GetAsync("/api/v1/secrets", user: "system:node:n1, system:nodes")).Code);
    }

    [Fact]
    public async Task Yaml_goes_in_and_out()
    {
        var ns = await api.NamespaceAsync();
        var created = await api.PostAsync(
            $"/api/v1/namespaces/{ns}/configmaps",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: y\ndata:\n  text: |\n    one\n    two\n  flag: \"true\"\n",
            "application/yaml");
        Assert.Equal(201, created.Code);
        Assert.Equal("one\ntwo\n", (string)created["data"]!["text"]!);
        var yaml = await api.GetAsync($"/api/v1/namespaces/{ns}/configmaps/y", "application/yaml");
        Assert.Equal("application/yaml", yaml.MediaType);
        Assert.Contains("  flag: \"true\"\n", yaml.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_and_repeated_fields_warn_or_refuse_as_asked()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        const string Body = """{"metadata":{"name":"w"},"dta":{},"data":{"a":"1","a":"2"}}""";
        var strict = await api.PostAsync($"{path}?fieldValidation=Strict", Body);
        Assert.Equal(400, strict.Code);
        var warned = await api.PostAsync($"{path}?fieldValidation=Warn", Body);
        Assert.Equal(201, warned.Code);
        Assert.Equal(["299 - \"duplicate field \\\"data.a\\\"\"", "299 - \"unknown field \\\"dta\\\"\""], warned.Warnings);
        Assert.Null(warned["dta"]);
        Assert.Equal("2", (string)warned["data"]!["a"]!);
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"s"},"dta":{},"data":{"a":"1","a":"2"}}""", "application/json", "unknown field \"dta\", duplicate field \"data.a\"")]
    [InlineData("""{"metadata":{"name":"s","name":"s"},"dta":{}}""", "application/json", "duplicate field \"metadata.name\", unknown field \"dta\"")]
    [InlineData("metadata:\n  name: s\ndta: {}\ndata:\n  a: b\n  a: c\n", "application/yaml", "yaml: unmarshal errors:\n  line 6: key \"a\" already set in map, unknown field \"dta\"")]
    public async Task Strictness_names_unknown_and_repeated_fields_in_the_order_in_which_they_are_met(string body, string form, string findings)
    {
        var ns = await api.NamespaceAsync();
        var refused = await api.PostAsync($"/api/v1/namespaces/{ns}/configmaps?fieldValidation=Strict", body, form);
        Assert.Equal((400, $"ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: {findings}"), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task A_key_that_is_applied_twice_is_told_with_its_line()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps/twice?fieldManager=m&fieldValidation=Strict";
        var refused = await api.SendAsync(HttpMethod.Patch, path, "\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: twice\ndata:\n  a: b\n  a: c\n", "application/apply-patch+yaml");
        Assert.Equal((400, "error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 8: key \"a\" already set in map"), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task A_dry_run_shows_what_would_be_and_changes_nothing()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        var dry = await api.PostAsync($"{path}?dryRun=All", ConfigMap);
        Assert.Equal(201, dry.Code);
        Assert.Null(dry["metadata"]!["resourceVersion"]);
        Assert.Equal(404, (await api.GetAsync($"{path}/settings")).Code);
    }

    [Theory]
    [InlineData("application/json;as=Table;v=v1;g=meta.k8s.io,application/json", 200, "Table")]
    [InlineData("application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", 200, "PartialObjectMetadataList")]
    [InlineData("application/json;q=0.5,application/json;as=Table;v=v1;g=meta.k8s.io;q=0.4", 200, "ConfigMapList")]
    [InlineData("application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io,application/json", 200, "ConfigMapList")]
    [InlineData("application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io", 406, "Status")]
    [InlineData("application/json;as=Status;v=v1;g=meta.k8s.io", 406, "Status")]
    [InlineData("application/cbor", 406, "Status")]
    [InlineData("text/html,*/*;q=0.8", 200, "ConfigMapList")]
    public async Task The_client_gets_the_form_that_it_takes(string accept, int code, string kind)
    {
        var ns = await api.NamespaceAsync();
        await api.PostAsync($"/api/v1/namespaces/{ns}/configmaps", ConfigMap);
        var answer = await api.GetAsync($"/api/v1/namespaces/{ns}/configmaps", accept);
        Assert.Equal((code, kind), (answer.Code, (string?)answer["kind"]));
    }

    [Fact]
    public async Task The_source_of_an_event_is_who_reports_it_where_it_names_none()
    {
        var ns = await api.NamespaceAsync();
        var created = await api.PostAsync($"/apis/events.k8s.io/v1/namespaces/{ns}/events", $$$"""
            {"metadata":{"name":"e"},"eventTime":"2026-01-01T12:00:00.000000Z","reportingController":"tester","reportingInstance":"t-1","action":"Test","reason":"Test","type":"Normal",
             "regarding":{"kind":"Pod","name":"p","namespace":"{{{ns}}}"}}
            """);
        Assert.Equal(201, created.Code);
        Assert.Equal(["e"], Names(await api.GetAsync($"/api/v1/namespaces/{ns}/events?fieldSelector=source%3Dtester")));
        Assert.Empty(Names(await api.GetAsync($"/api/v1/namespaces/{ns}/events?fieldSelector=source%3Dother")));
    }

    [Theory]
    [InlineData("application/json;as=Table;v=v1;g=meta.k8s.io", 406, "Status")]
    [InlineData("application/json;as=Table;v=v1;g=meta.k8s.io,application/json", 201, "SelfSubjectAccessReview")]
    public async Task A_review_has_no_columns_to_print(string accept, int code, string kind)
    {
        var answer = await api.SendAsync(
            HttpMethod.Post, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", """{"spec":{"nonResourceAttributes":{"path":"/","verb":"get"}}}""", "application/json", accept);
        Assert.Equal((code, kind), (answer.Code, (string?)answer["kind"]));
    }

    [Fact]
    public async Task Deleting_a_collection_deletes_what_the_selector_chooses()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        await api.PostAsync(path, ConfigMap);
        await api.PostAsync(path, """{"metadata":{"name":"other"}}""");
        var deleted = await api.DeleteAsync($"{path}?labelSelector=app%3Dweb");
        Assert.Equal(["settings"], Names(deleted));
        Assert.Equal(["other"], Names(await api.GetAsync(path)));
        var gone = await api.DeleteAsync($"{path}/other");
        Assert.Equal(("Status", "Success"), ((string?)gone["kind"], (string?)gone["status"]));
    }

    [Fact]
    public async Task Health_is_told_to_everybody()
    {
        Assert.Equal("ok", (await api.GetAsync("/readyz", user: "anonymous")).Text);
        Assert.Equal("[+]ping ok\n[+]ledger ok\nreadyz check passed\n", (await api.GetAsync("/readyz?verbose", user: "anonymous")).Text);
    }

    private static List<string> Names(Answer list) => [.. list["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!)];
}
