namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>Patches that can be applied and leave what cannot be written.</summary>
[Collection("api")]
public sealed class PatchOutcomeTests(ApiHost api)
{
    [Theory]
    [InlineData("json", """[{"op":"add","path":"/data/a","value":1}]""", "\"data\":{\"a\":1}", "json: cannot unmarshal number")]
    [InlineData("merge", """{"data":{"a":1}}""", "\"data\":{\"a\":1}", "json: cannot unmarshal number")]
    [InlineData("strategic-merge", """{"data":{"a":1},"immutable":null}""", "\"map[data:map[a:1] immutable:<nil>]\"", "json: cannot unmarshal number")]
    [InlineData("merge", """{"kind":"Secret"}""", "\"kind\":\"Secret\"", "no conversion of")]
    public async Task What_is_no_object_of_the_kind_any_more_is_shown(string kind, string patch, string shown, string problem)
    {
        var path = await MakeAsync();
        var refused = await api.PatchAsync(path, patch, kind);
        Assert.Equal((422, "Invalid"), (refused.Code, refused.Reason));
        Assert.StartsWith(" \"\" is invalid: patch: Invalid value: \"", refused.Message, StringComparison.Ordinal);
        Assert.Contains(shown.Replace("\"", kind == "strategic-merge" ? "\"" : "\\\"", StringComparison.Ordinal), refused.Message);
        Assert.Contains($": {problem}", refused.Message);
        Assert.Equal("patch", (string)Assert.Single(refused["details"]!["causes"]!.AsArray())!["field"]!);
    }

    [Theory]
    [InlineData("json", """[{"op":"add","path":"/foo","value":1,"why":2}]""", "json patch unknown field \"[0].why\", unknown field \"foo\"")]
    [InlineData("merge", """{"foo":1,"data":{"a":"1","a":"2"}}""", "duplicate field \"data.a\", unknown field \"foo\"")]
    [InlineData("strategic-merge", """{"foo":1,"data":{"a":"1","a":"2"}}""", "duplicate field \"data.a\", unknown field \"foo\"")]
    [InlineData("merge", """{"foo":1}""", "unknown field \"foo\"")]
    [InlineData("merge", """{"data":{"a":"1","a":"2"}}""", "duplicate field \"data.a\"")]
    public async Task Findings_refuse_a_strict_patch_and_warn_of_another(string kind, string patch, string findings)
    {
        var path = await MakeAsync();
        var refused = await api.PatchAsync($"{path}?fieldValidation=Strict", patch, kind);
        Assert.Equal(422, refused.Code);
        Assert.StartsWith(" \"\" is invalid: patch: Invalid value: \"", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith($": strict decoding error: {findings}", refused.Message, StringComparison.Ordinal);

        var warned = await api.PatchAsync(path, patch, kind);
        Assert.Equal(200, warned.Code);
        Assert.Equal(findings.Split(", ").Order(), warned.Warnings.Select(warning => warning[7..^1].Replace("\\\"", "\"", StringComparison.Ordinal)).Order());
        Assert.Empty((await api.PatchAsync($"{path}?fieldValidation=Ignore", patch, kind)).Warnings);
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"b"}}""", 400, "the name of the object (b) does not match the name on the URL (a)")]
    [InlineData("""{"metadata":{"name":null}}""", 400, "the name of the object (a based on URL) was undeterminable: name must be provided")]
    [InlineData("""{"metadata":{"namespace":"b"}}""", 400, "the namespace of the provided object does not match the namespace sent on the request")]
    [InlineData("""{"metadata":{"uid":"b"}}""", 422, "ConfigMap \"a\" is invalid: metadata.uid: Invalid value: \"b\": field is immutable")]
    public async Task A_patch_makes_no_other_object_of_one(string patch, int code, string message)
    {
        var path = await MakeAsync();
        foreach (var kind in new[] { "merge", "strategic-merge" })
        {
            var refused = await api.PatchAsync(path, patch, kind);
            Assert.Equal((code, message), (refused.Code, refused.Message));
        }
    }

    [Fact]
    public async Task An_apply_that_says_a_member_twice_is_told_so_in_the_words_of_YAML()
    {
        var path = await MakeAsync();
        var refused = await api.SendAsync(
            HttpMethod.Patch, $"{path}?fieldManager=m&force=true&fieldValidation=Strict", "apiVersion: v1\nkind: ConfigMap\ndata: {a: '1', a: '2'}\n", "application/apply-patch+yaml");
        Assert.Equal(400, refused.Code);
        Assert.StartsWith("error strict decoding YAML: error converting YAML to JSON: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Subresources_take_their_own_kind_and_name()
    {
        var ns = await api.NamespaceAsync();
        await api.PostAsync($"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}""");
        await api.PostAsync($"/apis/apps/v1/namespaces/{ns}/replicasets", """{"metadata":{"name":"r"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""");
        const string Pod = """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"}}""";
        var scale = $"/apis/apps/v1/namespaces/{ns}/replicasets/r/scale";
        Assert.Equal(
            (400, "Pod in version \"v1\" cannot be handled as a Eviction: the kind in the data does not match the kind of the resource"),
            Told(await api.PostAsync($"/api/v1/namespaces/{ns}/pods/p/eviction", Pod)));
        Assert.Equal(400, (await api.PostAsync($"/api/v1/namespaces/{ns}/pods/p/binding", Pod)).Code);
        Assert.Equal(400, (await api.PutAsync(scale, Pod)).Code);
        Assert.Equal(
            (400, "the name of the object (r based on URL) was undeterminable: name must be provided"), Told(await api.PutAsync(scale, """{"spec":{"replicas":2}}""")));
        var mistyped = await api.PatchAsync(scale, """{"spec":{"replicas":"x"}}""", "merge");
        Assert.Equal(422, mistyped.Code);
        Assert.StartsWith(" \"\" is invalid: patch: Invalid value: \"{\\\"kind\\\":\\\"Scale\\\"", mistyped.Message, StringComparison.Ordinal);
        Assert.Equal(200, (await api.PutAsync(scale, """{"metadata":{"name":"r"},"spec":{"replicas":2}}""")).Code);

        static (int, string) Told(Answer answer) => (answer.Code, answer.Message);
    }

    private async Task<string> MakeAsync()
    {
        var ns = await api.NamespaceAsync();
        await api.PostAsync($"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"a"},"data":{"a":"0"}}""");
        return $"/api/v1/namespaces/{ns}/configmaps/a";
    }
}
