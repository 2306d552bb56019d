using System.Text.Json.Nodes;

namespace ActorOrchestrator.Host.Tests.Api;

[Collection("api")]
public sealed class CustomResourceTests(ApiHost api)
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    [Fact]
    public async Task A_definition_is_established_and_its_kind_is_served_discovered_and_described_at_once()
    {
        var group = await DefineAsync("crons");
        var list = await api.GetAsync($"/apis/{group}/v1");
        Assert.Equal(["crons", "crons/status", "crons/scale"], list["resources"]!.AsArray().Select(resource => (string)resource!["name"]!));
        Assert.Equal("ct", (string)list["resources"]![0]!["shortNames"]![0]!);
        var groups = await api.GetAsync("/apis", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
        Assert.Contains(groups["items"]!.AsArray(), item => (string?)item!["metadata"]!["name"] == group);
        var v3 = await api.GetAsync($"/openapi/v3/apis/{group}/v1");
        var name = string.Join('.', group.Split('.').Reverse()) + ".v1.Cron";
        var schema = v3["components"]!["schemas"]![name]!;
        Assert.Equal("map", (string)schema["properties"]!["spec"]!["properties"]!["ports"]!["x-kubernetes-list-type"]!);
        Assert.NotNull(schema["properties"]!["metadata"]);
        Assert.Equal("""[{"fieldPath":"spec.image"}]""", schema["x-kubernetes-selectable-fields"]!.ToJsonString());
        var v2 = await api.GetAsync("/openapi/v2");
        Assert.NotNull(v2["definitions"]![name]);
        Assert.NotNull(v2["definitions"]![name + "List"]);
        Assert.Equal(200, (await api.GetAsync("/openapi/v2", "application/com.github.proto-openapi.spec.v2.v1.0+protobuf")).Code);
        var fields = v2["definitions"]![name]!["properties"]!;
        Assert.StartsWith("APIVersion defines", (string?)fields["apiVersion"]!["description"], StringComparison.Ordinal);
        Assert.StartsWith("Standard object's metadata", (string?)fields["metadata"]!["description"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_custom_object_is_pruned_defaulted_validated_and_its_generation_follows_its_spec()
    {
        var group = await DefineAsync("boxes");
        var path = $"/apis/{group}/v1/namespaces/default/boxes";
        var created = await api.PostAsync(path, Body(group, "Box", "b", """{"image":"x","odd":1}""", ""","status":{"replicas":9}"""));
        Assert.Equal(201, created.Code);
        Assert.Equal("""{"image":"x","replicas":1}""", created["spec"]!.ToJsonString());
        Assert.Null(created["status"]);
        Assert.Equal(1, (int)created["metadata"]!["generation"]!);
        Assert.Contains("unknown field \\\"spec.odd\\\"", Assert.Single(created.Warnings));

        var strict = await api.PostAsync(path + "?fieldValidation=Strict", Body(group, "Box", "c", """{"image":"x","odd":1}"""));
        Assert.Equal((400, $"Box in version \"v1\" cannot be handled as a Box: strict decoding error: unknown field \"spec.odd\""), (strict.Code, strict.Message));

        var nameless = await api.PostAsync(path, """{"metadata":{"name":"no-kind"}}""");
        Assert.Equal(
            (400, "the object provided is unrecognized (must be of type Box): Object 'Kind' is missing in '{\"metadata\":{\"name\":\"no-kind\"}}' ({\"metadata\":{\"name\":\"no-kind\"} ...)"),
            (nameless.Code, nameless.Message));
        Assert.Equal(400, (await api.PostAsync(path, """{"kind":"Box","metadata":{"name":"no-version"}}""")).Code);
        Assert.Equal(415, (await api.PostAsync(path, "k8s", "application/vnd.kubernetes.protobuf")).Code);

        var invalid = await api.PostAsync(path, Body(group, "Box", "d", """{"replicas":"many"}"""));
        Assert.Equal(422, invalid.Code);
        Assert.StartsWith($"Box.{group} \"d\" is invalid: [spec.replicas: Invalid value: \"string\": spec.replicas in body must be of type integer: \"string\", spec.image: Required value", invalid.Message);

        var status = await api.PatchAsync(path + "/b/status", """{"status":{"replicas":2,"selector":"a=b"},"spec":{"image":"y"}}""", "merge");
        Assert.Equal(("x", 2, 1), ((string)status["spec"]!["image"]!, (int)status["status"]!["replicas"]!, (int)status["metadata"]!["generation"]!));
        var spec = await api.PatchAsync(path + "/b", """{"spec":{"image":"y"},"status":{"replicas":7}}""", "merge");
        Assert.Equal(("y", 2, 2), ((string)spec["spec"]!["image"]!, (int)spec["status"]!["replicas"]!, (int)spec["metadata"]!["generation"]!));
    }

    [Fact]
    public async Task Scale_reads_and_writes_where_the_definition_says()
    {
        var group = await DefineAsync("sets");
        var path = $"/apis/{group}/v1/namespaces/default/sets";
        await api.PostAsync(path, Body(group, "Set", "s", """{"image":"x","replicas":3}"""));
        await api.PatchAsync(path + "/s/status", """{"status":{"replicas":2,"selector":"a=b"}}""", "merge");
        var scale = await api.GetAsync(path + "/s/scale");
        Assert.Equal((3, 2, "a=b"), ((int)scale["spec"]!["replicas"]!, (int)scale["status"]!["replicas"]!, (string)scale["status"]!["selector"]!));
        var table = await api.GetAsync(path + "/s/scale", "application/json;as=Table;v=v1;g=meta.k8s.io");
        Assert.Equal(["Name", "Desired", "Available", "Age"], table["columnDefinitions"]!.AsArray().Select(column => (string)column!["name"]!));
        Assert.StartsWith("[\"s\",3,2,", table["rows"]![0]!["cells"]!.ToJsonString(), StringComparison.Ordinal);
        var scaled = await api.PatchAsync(path + "/s/scale", """{"spec":{"replicas":5}}""", "merge");
        Assert.Equal(200, scaled.Code);
        Assert.Equal(5, (int)(await api.GetAsync(path + "/s"))["spec"]!["replicas"]!);
    }

    [Fact]
    public async Task A_table_has_the_definitions_columns_and_a_field_selector_its_fields()
    {
        var group = await DefineAsync("rows");
        var path = $"/apis/{group}/v1/namespaces/default/rows";
        await api.PostAsync(path, Body(group, "Row", "a", """{"image":"x"}"""));
        await api.PostAsync(path, Body(group, "Row", "b", """{"image":"y","ports":[{"port":80}]}"""));
        var table = await api.GetAsync(path, "application/json;as=Table;v=v1;g=meta.k8s.io");
        Assert.Equal(["Name", "Image", "Port", "Age"], table["columnDefinitions"]!.AsArray().Select(column => (string)column!["name"]!));
        Assert.Equal("""["a","x",null,""", table["rows"]![0]!["cells"]!.ToJsonString()[..14]);
        Assert.Equal(80, (int)table["rows"]![1]!["cells"]![2]!);
        var chosen = await api.GetAsync(path + "?fieldSelector=spec.image%3Dy");
        Assert.Equal("b", (string)Assert.Single(chosen["items"]!.AsArray())!["metadata"]!["name"]!);
        Assert.Equal((400, "field label not supported: spec.replicas"), ((await api.GetAsync(path + "?fieldSelector=spec.replicas%3D1")) is var refused ? (refused.Code, refused.Message) : default));
    }

    [Fact]
    public async Task A_name_that_is_taken_is_told_and_taken_over_when_it_is_free()
    {
        var group = await DefineAsync("firsts");
        var second = Definition(group, "seconds");
        await api.PostAsync(Definitions, second);
        var conflict = await UntilAsync($"{Definitions}/seconds.{group}", crd => Condition(crd, "NamesAccepted") is not null);
        Assert.Equal(("False", "ShortNamesConflict", "\"ct\" is already in use"), (
            (string)Condition(conflict, "NamesAccepted")!["status"]!, (string)Condition(conflict, "NamesAccepted")!["reason"]!, (string)Condition(conflict, "NamesAccepted")!["message"]!));
        Assert.Equal("NotAccepted", (string)Condition(conflict, "Established")!["reason"]!);
        Assert.Equal(404, (await api.GetAsync($"/apis/{group}/v1/seconds")).Code);
        await api.DeleteAsync($"{Definitions}/firsts.{group}");
        await UntilAsync($"{Definitions}/seconds.{group}", crd => (string?)Condition(crd, "Established")?["status"] == "True");
        Assert.Equal(200, (await api.GetAsync($"/apis/{group}/v1/seconds")).Code);
    }

    [Fact]
    public async Task A_deleted_definition_takes_its_objects_along()
    {
        var group = await DefineAsync("gones");
        var path = $"/apis/{group}/v1/namespaces/default/gones";
        await api.PostAsync(path, Body(group, "Gone", "held", """{"image":"x"}""", "", ""","finalizers":["example.com/hold"]"""));
        await api.PostAsync(path, Body(group, "Gone", "free", """{"image":"x"}"""));
        var deleted = await api.DeleteAsync($"{Definitions}/gones.{group}");
        Assert.Equal(200, deleted.Code);
        await UntilAsync(path, answer => answer["items"]?.AsArray().Count == 1);
        Assert.Equal("InstanceDeletionInProgress", (string)Condition(await api.GetAsync($"{Definitions}/gones.{group}"), "Terminating")!["reason"]!);
        var late = await api.PostAsync(path, Body(group, "Gone", "late", """{"image":"x"}"""));
        Assert.Equal((403, $"gones.{group} \"late\" is forbidden: create not allowed while custom resource definition is terminating"), (late.Code, late.Message));
        Assert.Equal(200, (await api.PatchAsync(path + "/held", """{"spec":{"image":"y"}}""", "merge")).Code);
        await api.SendAsync(HttpMethod.Patch, path + "/held", """{"metadata":{"finalizers":null}}""", "application/merge-patch+json");
        await UntilAsync($"{Definitions}/gones.{group}", answer => answer.Code == 404);
        Assert.Equal(404, (await api.GetAsync(path)).Code);
    }

    internal async Task<string> DefineAsync(string plural, Action<JsonObject>? change = null)
    {
        var group = $"{plural}.example.com";
        var definition = JsonNode.Parse(Definition(group, plural))!.AsObject();
        change?.Invoke(definition);
        var created = await api.PostAsync(Definitions, definition.ToJsonString());
        Assert.True(created.Code == 201, created.ToString());
        await UntilAsync($"{Definitions}/{plural}.{group}", crd => (string?)Condition(crd, "Established")?["status"] == "True");
        return group;
    }

    internal static JsonNode? Condition(Answer crd, string type) =>
        crd["status"]?["conditions"]?.AsArray().FirstOrDefault(condition => (string?)condition!["type"] == type);

    internal async Task<Answer> UntilAsync(string path, Func<Answer, bool> holds)
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

    internal static string Body(string group, string kind, string name, string spec, string more = "", string metadata = "") =>
        $$"""{"apiVersion":"{{group}}/v1","kind":"{{kind}}","metadata":{"name":"{{name}}"{{metadata}}},"spec":{{spec}}{{more}}}""";

    /// <summary>The kind is the plural without its s, capitalised (boxes: Box).</summary>
    internal static string Definition(string group, string plural)
    {
        var singular = plural.EndsWith("xes", StringComparison.Ordinal) ? plural[..^2] : plural[..^1];
        var kind = char.ToUpperInvariant(singular[0]) + singular[1..];
        return $$$"""
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"{{{plural}}}.{{{group}}}"},
             "spec":{"group":"{{{group}}}","scope":"Namespaced","names":{"plural":"{{{plural}}}","kind":"{{{kind}}}","shortNames":["ct"]},
              "versions":[{"name":"v1","served":true,"storage":true,
               "subresources":{"status":{},"scale":{"specReplicasPath":".spec.replicas","statusReplicasPath":".status.replicas","labelSelectorPath":".status.selector"} },
               "selectableFields":[{"jsonPath":".spec.image"}],
               "additionalPrinterColumns":[{"name":"Image","type":"string","jsonPath":".spec.image"},{"name":"Port","type":"integer","jsonPath":".spec.ports[0].port"},
                {"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}],
               "schema":{"openAPIV3Schema":{"type":"object","properties":{
                "spec":{"type":"object","required":["image"],"properties":{"image":{"type":"string"},"replicas":{"type":"integer","default":1},
                 "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["port"],"items":{"type":"object","required":["port"],"properties":{"port":{"type":"integer"} } } } } },
                "status":{"type":"object","properties":{"replicas":{"type":"integer"},"selector":{"type":"string"} } } } } } }]}}
            """;
    }
}
