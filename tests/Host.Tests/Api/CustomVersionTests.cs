using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace ActorOrchestrator.Host.Tests.Api;

[Collection("api")]
public sealed class CustomVersionTests(ApiHost api) : IAsyncLifetime
{
    private readonly CustomResourceTests _kinds = new(api);
    private HttpsBackend _webhook = null!;
    private Func<JsonObject, JsonObject> _convert = obj => obj;
    private int _calls;

    [Fact]
    public async Task An_object_is_stored_in_one_version_and_read_and_written_in_both()
    {
        _convert = obj =>
        {
            // v1 has one endpoint as host:port, v2 (which is stored) has the two apart.
            var spec = obj["spec"]!.AsObject();
            if ((string)obj["apiVersion"]! == "pairs.example.com/v1")
            {
                var parts = ((string)spec["endpoint"]!).Split(':');
                obj["spec"] = new JsonObject { ["host"] = parts[0], ["port"] = parts[1] };
                obj["apiVersion"] = "pairs.example.com/v2";
            }
            else
            {
                obj["spec"] = new JsonObject { ["endpoint"] = $"{spec["host"]}:{spec["port"]}" };
                obj["apiVersion"] = "pairs.example.com/v1";
            }

            return obj;
        };
        await _kinds.DefineAsync("pairs", TwoVersions);
        var created = await api.PostAsync("/apis/pairs.example.com/v1/namespaces/default/pairs", CustomResourceTests.Body("pairs.example.com", "Pair", "a", """{"endpoint":"web:80"}"""));
        Assert.Equal((201, "web:80"), (created.Code, (string?)created["spec"]?["endpoint"]));
        var stored = await api.GetAsync("/apis/pairs.example.com/v2/namespaces/default/pairs/a");
        Assert.Equal(("pairs.example.com/v2", "web", "80"), ((string)stored["apiVersion"]!, (string)stored["spec"]!["host"]!, (string)stored["spec"]!["port"]!));
        await api.PostAsync("/apis/pairs.example.com/v2/namespaces/default/pairs", CustomResourceTests.Body("pairs.example.com", "Pair", "b", """{"host":"db","port":"5432"}""").Replace("/v1", "/v2"));
        _calls = 0;
        var list = await api.GetAsync("/apis/pairs.example.com/v1/namespaces/default/pairs");
        Assert.Equal(["web:80", "db:5432"], list["items"]!.AsArray().Select(item => (string)item!["spec"]!["endpoint"]!));
        Assert.Equal(1, _calls);
        var patched = await api.PatchAsync("/apis/pairs.example.com/v1/namespaces/default/pairs/b", """{"spec":{"endpoint":"db:5433"}}""", "merge");
        Assert.Equal((200, 2), (patched.Code, (int)patched["metadata"]!["generation"]!));
        Assert.Equal("5433", (string)(await api.GetAsync("/apis/pairs.example.com/v2/namespaces/default/pairs/b"))["spec"]!["port"]!);
        var invalid = await api.PatchAsync("/apis/pairs.example.com/v1/namespaces/default/pairs/b", """{"spec":{"endpoint":5}}""", "merge");
        Assert.StartsWith("Pair.pairs.example.com \"b\" is invalid: spec.endpoint: Invalid value: \"integer\"", invalid.Message);

        _convert = obj =>
        {
            obj["metadata"]!["name"] = "other";
            obj["apiVersion"] = "pairs.example.com/v1";
            return obj;
        };
        var cheated = await api.GetAsync("/apis/pairs.example.com/v1/namespaces/default/pairs/b");
        Assert.Equal((500, "conversion webhook for pairs.example.com/v2, Kind=Pair returned invalid object: must have the same name: b != other"), (cheated.Code, cheated.Message));

        // What cannot be had in a version cannot be deleted through it.
        Assert.Equal(500, (await api.DeleteAsync("/apis/pairs.example.com/v1/namespaces/default/pairs/b")).Code);
        Assert.Equal(500, (await api.DeleteAsync("/apis/pairs.example.com/v1/namespaces/default/pairs")).Code);
        Assert.Equal(2, (await api.GetAsync("/apis/pairs.example.com/v2/namespaces/default/pairs"))["items"]!.AsArray().Count);
        Assert.Equal(200, (await api.DeleteAsync("/apis/pairs.example.com/v2/namespaces/default/pairs/b")).Code);
    }

    [Fact]
    public async Task Rules_are_compiled_with_the_definition_and_judge_values_and_transitions()
    {
        var group = await _kinds.DefineAsync("ruled", crd => Schema(crd, """
            {"type":"object","properties":{"spec":{"type":"object",
              "x-kubernetes-validations":[
                {"rule":"self.min <= self.max","messageExpression":"'min %d is over max %d'.format([self.min, self.max])","fieldPath":".min"},
                {"rule":"!has(oldSelf.name) || self.name == oldSelf.name","message":"name is immutable","reason":"FieldValueForbidden"}],
              "properties":{"min":{"type":"integer"},"max":{"type":"integer"},"name":{"type":"string"}}}}}
            """));
        var path = $"/apis/{group}/v1/namespaces/default/ruled";
        var wrong = await api.PostAsync(path, CustomResourceTests.Body(group, "Rule", "a", """{"min":5,"max":3}"""));
        Assert.Equal((422, $"Rule.{group} \"a\" is invalid: spec.min: Invalid value: min 5 is over max 3"), (wrong.Code, wrong.Message));
        Assert.Equal(201, (await api.PostAsync(path, CustomResourceTests.Body(group, "Rule", "a", """{"min":1,"max":3,"name":"x"}"""))).Code);
        var renamed = await api.PatchAsync(path + "/a", """{"spec":{"name":"y"}}""", "merge");
        Assert.Equal((422, $"Rule.{group} \"a\" is invalid: spec: Forbidden: name is immutable"), (renamed.Code, renamed.Message));

        var definition = (await api.GetAsync($"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/ruled.{group}")).Json;
        definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!["x-kubernetes-validations"]![0]!["rule"] = "self.nothing > 1";
        var refused = await api.PutAsync($"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/ruled.{group}", definition.ToJsonString());
        Assert.Equal(422, refused.Code);
        Assert.Contains("spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value:", refused.Message);
        Assert.Contains("undefined field 'nothing'", refused.Message);
    }

    [Fact]
    public async Task Apply_merges_lists_by_the_keys_of_the_definition_and_a_strategic_patch_is_refused()
    {
        var group = await _kinds.DefineAsync("applied");
        var path = $"/apis/{group}/v1/namespaces/default/applied/a";
        var kind = "Applie";
        await ApplyAsync(path, group, kind, "one", """{"image":"x","ports":[{"port":80}]}""");
        var second = await ApplyAsync(path, group, kind, "two", """{"ports":[{"port":81}]}""");
        Assert.Equal([80, 81], second["spec"]!["ports"]!.AsArray().Select(port => (int)port!["port"]!));
        var conflict = await ApplyAsync(path, group, kind, "two", """{"image":"y"}""");
        Assert.Equal(409, conflict.Code);
        var strategic = await api.PatchAsync(path, """{"spec":{"image":"z"}}""", "strategic-merge");
        Assert.Equal(415, strategic.Code);
    }

    private Task<Answer> ApplyAsync(string path, string group, string kind, string manager, string spec) => api.SendAsync(
        HttpMethod.Patch, $"{path}?fieldManager={manager}", CustomResourceTests.Body(group, kind, "a", spec), "application/apply-patch+yaml");

    private void TwoVersions(JsonObject crd)
    {
        Schema(crd, """{"type":"object","properties":{"spec":{"type":"object","properties":{"endpoint":{"type":"string"}}}}}""");
        var spec = crd["spec"]!;
        spec["versions"]![0]!["storage"] = false;
        spec["versions"]!.AsArray().Add(JsonNode.Parse("""
            {"name":"v2","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","required":["host"],
              "properties":{"host":{"type":"string"},"port":{"type":"string"}}}}}}}
            """));
        spec["conversion"] = new JsonObject
        {
            ["strategy"] = "Webhook",
            ["webhook"] = new JsonObject
            {
                ["conversionReviewVersions"] = new JsonArray("v1"),
                ["clientConfig"] = new JsonObject { ["url"] = $"https://localhost:{_webhook.Port}/convert", ["caBundle"] = _webhook.CaBundle },
            },
        };
    }

    private static void Schema(JsonObject crd, string schema)
    {
        var version = crd["spec"]!["versions"]![0]!.AsObject();
        version["schema"] = new JsonObject { ["openAPIV3Schema"] = JsonNode.Parse(schema) };
        version.Remove("selectableFields");
        version.Remove("subresources");
        version.Remove("additionalPrinterColumns");
    }

    public async Task InitializeAsync() => _webhook = await HttpsBackend.StartAsync("localhost", ReviewAsync);

    public async Task DisposeAsync() => await _webhook.DisposeAsync();

    private async Task ReviewAsync(HttpContext context)
    {
        Interlocked.Increment(ref _calls);
        var review = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
        var request = review["request"]!;
        var answer = new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "ConversionReview",
            ["response"] = new JsonObject
            {
                ["uid"] = (string?)request["uid"],
                ["result"] = new JsonObject { ["status"] = "Success" },
                ["convertedObjects"] = new JsonArray([.. request["objects"]!.AsArray().Select(obj => _convert(obj!.DeepClone().AsObject()))]),
            },
        };
        await context.Response.WriteAsync(answer.ToJsonString());
    }
}
