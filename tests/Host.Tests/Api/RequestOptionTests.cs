using System.Text;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>What a query and a DeleteOptions may say, and how upstream words what they may not.</summary>
[Collection("api")]
public sealed class RequestOptionTests(ApiHost api)
{
    private const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io";

    [Theory]
    [InlineData("dryRun=some", """CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["some"]: supported values: "All"  """)]
    [InlineData("fieldValidation=Loose", """CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Loose": supported values: "", "Ignore", "Strict", "Warn"  """)]
    [InlineData("fieldManager=a%01", """CreateOptions.meta.k8s.io "" is invalid: fieldManager: Invalid value: "a\u0001": invalid character U+0001 (at position 1)""")]
    [InlineData("fieldValidation=Loose&dryRun=some&dryRun=All", """CreateOptions.meta.k8s.io "" is invalid: [dryRun: Unsupported value: ["some","All"]: supported values: "All", fieldValidation: Unsupported value: "Loose": supported values: "", "Ignore", "Strict", "Warn"]""")]
    public async Task Options_of_a_creation_are_refused_with_everything_that_is_wrong(string query, string message)
    {
        var refused = await api.PostAsync($"/api/v1/namespaces/default/configmaps?{query}", """{"metadata":{"name":"never"}}""");
        Assert.Equal((422, "Invalid", message.Trim()), (refused.Code, refused.Reason, refused.Message));
        Assert.Equal(("meta.k8s.io", "CreateOptions"), ((string)refused["details"]!["group"]!, (string)refused["details"]!["kind"]!));
    }

    [Fact]
    public async Task Options_are_named_after_the_verb()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps/a";
        await api.PostAsync($"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"a"}}""");
        Assert.StartsWith("UpdateOptions.meta", (await api.PutAsync($"{path}?dryRun=x", """{"metadata":{"name":"a"}}""")).Message, StringComparison.Ordinal);
        Assert.StartsWith("PatchOptions.meta", (await api.PatchAsync($"{path}?dryRun=x", "{}", "merge")).Message, StringComparison.Ordinal);
        Assert.StartsWith("DeleteOptions.meta", (await api.DeleteAsync($"{path}?dryRun=x")).Message, StringComparison.Ordinal);
        Assert.StartsWith("DeleteOptions.meta", (await api.DeleteAsync(path, """{"dryRun":["x"]}""")).Message, StringComparison.Ordinal);
        var both = await api.DeleteAsync($"{path}?orphanDependents=true&propagationPolicy=Never");
        Assert.Equal(2, both["details"]!["causes"]!.AsArray().Count);
    }

    [Fact]
    public async Task An_apply_without_a_manager_tells_what_else_is_wrong_too()
    {
        var refused = await api.SendAsync(HttpMethod.Patch, "/api/v1/namespaces/default/configmaps/a?dryRun=x", "{}", "application/apply-patch+yaml");
        Assert.Equal(
            """PatchOptions.meta.k8s.io "" is invalid: [fieldManager: Required value: is required for apply patch, dryRun: Unsupported value: ["x"]: supported values: "All"]""",
            refused.Message);
    }

    [Fact]
    public async Task A_deletion_that_assumes_another_object_is_told_which_one_there_is()
    {
        var ns = await api.NamespaceAsync();
        var made = await api.PostAsync($"/apis/coordination.k8s.io/v1/namespaces/{ns}/leases", """{"metadata":{"name":"a"}}""");
        var path = $"/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/a";
        var uid = await api.DeleteAsync(path, """{"preconditions":{"uid":"other"}}""");
        Assert.Equal(
            (409, $"Operation cannot be fulfilled on Lease.coordination.k8s.io \"a\": the UID in the precondition (other) does not match the UID in record ({made["metadata"]!["uid"]}). The object might have been deleted and then recreated"),
            (uid.Code, uid.Message));
        Assert.Equal(("coordination.k8s.io", "Lease", "a"), ((string)uid["details"]!["group"]!, (string)uid["details"]!["kind"]!, (string)uid["details"]!["name"]!));
        var revision = await api.DeleteAsync(path, """{"preconditions":{"resourceVersion":"1"}}""");
        Assert.Equal(
            (409, $"Operation cannot be fulfilled on Lease.coordination.k8s.io \"a\": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record ({made.Revision}). The object might have been modified"),
            (revision.Code, revision.Message));
    }

    [Fact]
    public async Task A_collection_is_deleted_in_pieces_that_go_on_from_their_token()
    {
        var path = $"/api/v1/namespaces/{await api.NamespaceAsync()}/configmaps";
        foreach (var name in "abcde")
        {
            await api.PostAsync(path, $$$$"""{"metadata":{"name":"{{{{name}}}}","labels":{"l":"x"}}}""");
        }

        var first = await api.DeleteAsync($"{path}?limit=2&labelSelector=l");
        Assert.Equal(["a", "b"], Names(first));
        var token = (string)first["metadata"]!["continue"]!;
        var second = await api.DeleteAsync($"{path}?limit=2&labelSelector=l&continue={token}");
        Assert.Equal(["c", "d"], Names(second));
        Assert.Equal(["e"], Names(await api.GetAsync($"{path}?labelSelector=l")));
        var rows = await api.SendAsync(HttpMethod.Delete, $"{path}?labelSelector=l", null, null, Table);
        Assert.Equal(("Table", 1), ((string)rows["kind"]!, rows["rows"]!.AsArray().Count));
        Assert.Empty(Names(await api.GetAsync($"{path}?labelSelector=l")));
    }

    [Fact]
    public async Task What_a_collection_held_is_answered_as_it_was_before_its_deletion_began()
    {
        var path = $"/api/v1/namespaces/{await api.NamespaceAsync()}/configmaps";
        await api.PostAsync(path, """{"metadata":{"name":"held","finalizers":["a.io/b"]}}""");
        var listed = (await api.DeleteAsync($"{path}?fieldSelector=metadata.name%3Dheld"))["items"]!.AsArray();
        Assert.Null(Assert.Single(listed)!["metadata"]!["deletionTimestamp"]);
        Assert.NotNull((await api.GetAsync($"{path}/held"))["metadata"]!["deletionTimestamp"]);
        await api.PatchAsync($"{path}/held", """{"metadata":{"finalizers":null}}""", "merge");
    }

    [Theory]
    [InlineData("!", "invalid continue token: continue key is not valid: ")]
    [InlineData("""{"v":"meta.k8s.io/v9","rv":1,"start":"a"}""", "invalid continue token: continue key is not valid: server does not recognize this encoded version meta.k8s.io/v9")]
    [InlineData("""{"v":"meta.k8s.io/v1","rv":0,"start":"a"}""", "invalid continue token: continue key is not valid: incorrect encoded start")]
    public async Task A_broken_continue_token_is_named_as_one(string token, string message)
    {
        var encoded = token[0] == '{' ? Convert.ToBase64String(Encoding.UTF8.GetBytes(token)).TrimEnd('=') : token;
        var refused = await api.GetAsync($"/api/v1/configmaps?continue={Uri.EscapeDataString(encoded)}");
        Assert.Equal(400, refused.Code);
        Assert.StartsWith(message, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/configmaps?includeObject=Some")]
    [InlineData("/api/v1/namespaces/default?includeObject=Some")]
    [InlineData("/api/v1/configmaps?includeObject=Some&watch=true&timeoutSeconds=1")]
    public async Task A_table_has_no_other_objects_than_it_can(string path)
    {
        var refused = await api.GetAsync(path, Table);
        Assert.Equal(
            (400, "Unable to convert to Table as requested: includeObject: Invalid value: \"Some\": must be 'Metadata', 'Object', 'None', or empty"),
            (refused.Code, refused.Message));
    }

    [Fact]
    public async Task Pods_are_also_selected_by_what_clients_of_old_call_the_node()
    {
        var ns = await api.NamespaceAsync();
        await api.PostAsync($"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"a"},"spec":{"nodeName":"n","containers":[{"name":"c","image":"i"}]}}""");
        Assert.Equal(["a"], Names(await api.GetAsync($"/api/v1/namespaces/{ns}/pods?fieldSelector=spec.host%3Dn")));
        Assert.Empty(Names(await api.GetAsync($"/api/v1/namespaces/{ns}/pods?fieldSelector=status.podIPs%3D1.2.3.4")));
    }

    [Fact]
    public async Task An_update_cannot_begin_a_deletion()
    {
        var ns = await api.NamespaceAsync();
        await api.PostAsync($"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"a"}}""");
        var refused = await api.PatchAsync($"/api/v1/namespaces/{ns}/configmaps/a", """{"metadata":{"deletionTimestamp":"2020-01-01T00:00:00Z"}}""", "merge");
        Assert.Equal(
            (422, "ConfigMap \"a\" is invalid: metadata.deletionTimestamp: Invalid value: \"2020-01-01T00:00:00Z\": field is immutable"), (refused.Code, refused.Message));
    }

    [Theory]
    [InlineData("pods", "http:a:80")]
    [InlineData("pods", "a:80")]
    [InlineData("services", "https:s:")]
    [InlineData("services", "s:web")]
    public async Task What_is_proxied_to_is_named_with_its_port(string kind, string name)
    {
        var ns = await api.NamespaceAsync();
        await api.PostAsync($"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"a"},"spec":{"containers":[{"name":"c","image":"i"}]}}""");
        await api.PostAsync($"/api/v1/namespaces/{ns}/services", """{"metadata":{"name":"s"},"spec":{"ports":[{"name":"web","port":80}]}}""");
        Assert.NotEqual(404, (await api.GetAsync($"/api/v1/namespaces/{ns}/{kind}/{name}/proxy/x")).Code);
        Assert.Equal($"{kind} \"nobody\" not found", (await api.GetAsync($"/api/v1/namespaces/{ns}/{kind}/nobody:80/proxy/x")).Message);
    }

    [Fact]
    public async Task The_parts_of_the_host_come_in_every_form()
    {
        var metadata = await api.GetAsync("/api/v1/componentstatuses", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io");
        Assert.Equal(("PartialObjectMetadataList", "PartialObjectMetadata"), ((string)metadata["kind"]!, (string)metadata["items"]![0]!["kind"]!));
        Assert.StartsWith("k8s\0", (await api.GetAsync("/api/v1/componentstatuses", "application/vnd.kubernetes.protobuf")).Text, StringComparison.Ordinal);
        Assert.Null((await api.GetAsync("/api/v1/componentstatuses"))["metadata"]!["resourceVersion"]);
    }

    private static string[] Names(Answer list) => [.. list["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!)];
}
