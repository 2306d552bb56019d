using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.OpenApi;

namespace ActorOrchestrator.Host.Tests.OpenApi;

public class OpenApiDocumentsTests
{
    private static readonly OpenApiDocuments Documents = new(ResourceCatalog.BuiltIn);

    private static JsonObject Read(string path) => JsonNode.Parse(Documents.Find(path, "application/json")!.Body)!.AsObject();

    [Fact]
    public void Version_2_defines_every_kind_with_what_merging_needs()
    {
        var definitions = Read("/openapi/v2")["definitions"]!;
        var deployment = definitions["io.k8s.api.apps.v1.Deployment"]!;
        Assert.Equal("""[{"group":"apps","kind":"Deployment","version":"v1"}]""", deployment["x-kubernetes-group-version-kind"]!.ToJsonString());
        var containers = definitions["io.k8s.api.core.v1.PodSpec"]!["properties"]!["containers"]!;
        Assert.Equal("merge", (string?)containers["x-kubernetes-patch-strategy"]);
        Assert.Equal("name", (string?)containers["x-kubernetes-patch-merge-key"]);
        Assert.Equal("map", (string?)containers["x-kubernetes-list-type"]);
        Assert.Equal("#/definitions/io.k8s.api.core.v1.Container", (string?)containers["items"]!["$ref"]);
        Assert.StartsWith("List of containers belonging to the pod.", (string?)containers["description"]);
        Assert.Equal("""["containers"]""", definitions["io.k8s.api.core.v1.PodSpec"]!["required"]!.ToJsonString());
    }

    [Theory]
    [InlineData("/openapi/v2", "#/definitions/", "definitions")]
    [InlineData("/openapi/v3/api/v1", "#/components/schemas/", "components/schemas")]
    [InlineData("/openapi/v3/apis/apps/v1", "#/components/schemas/", "components/schemas")]
    [InlineData("/openapi/v3/apis/apiextensions.k8s.io/v1", "#/components/schemas/", "components/schemas")]
    public void Every_reference_leads_somewhere(string path, string prefix, string place)
    {
        JsonNode document = Read(path);
        var definitions = place.Split('/').Aggregate(document, (node, step) => node[step]!).AsObject();
        var references = References(document).Distinct().ToArray();
        Assert.NotEmpty(references);
        Assert.All(references, reference => Assert.True(definitions.ContainsKey(reference[prefix.Length..]), reference));
    }

    [Fact]
    public void Every_operation_has_an_id_of_its_own()
    {
        var ids = Read("/openapi/v2")["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject())
            .Where(item => item.Value is JsonObject).Select(item => (string)item.Value!["operationId"]!).ToArray();
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Contains("readCoreV1NamespacedPod", ids);
        Assert.Contains("patchAppsV1NamespacedDeploymentScale", ids);
        Assert.Contains("deleteCoreV1CollectionNamespacedPod", ids);
    }

    [Fact]
    public void Patches_say_that_they_can_be_tried_and_checked_by_the_server()
    {
        var patch = Read("/openapi/v3/apis/apps/v1")["paths"]!["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]!["patch"]!;
        var parameters = patch["parameters"]!.AsArray().Select(parameter => (string)parameter!["name"]!).ToArray();
        Assert.Contains("dryRun", parameters);
        Assert.Contains("fieldValidation", parameters);
    }

    [Fact]
    public void The_index_of_version_3_points_to_hashed_documents()
    {
        var paths = Read("/openapi/v3")["paths"]!;
        var url = (string)paths["apis/apps/v1"]!["serverRelativeURL"]!;
        Assert.Equal($"/openapi/v3/apis/apps/v1?hash={Documents.Find("/openapi/v3/apis/apps/v1", null)!.Hash}", url);
    }

    [Theory]
    [InlineData("application/com.github.proto-openapi.spec.v2@v1.0+protobuf")]
    [InlineData("application/com.github.proto-openapi.spec.v2.v1.0+protobuf")]
    public void Version_2_is_protobuf_for_clients_that_ask_for_it(string accept)
    {
        var document = Documents.Find("/openapi/v2", accept)!;
        Assert.Equal("application/com.github.proto-openapi.spec.v2.v1.0+protobuf", document.ContentType);
        // Field 1, length-delimited, three bytes: swagger is "2.0".
        Assert.Equal([0x0a, 0x03, .. "2.0"u8], document.Body.AsSpan(0, 5).ToArray());
        Assert.Contains("io.k8s.api.apps.v1.DeploymentList", Encoding.UTF8.GetString(document.Body));
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject obj => obj.SelectMany(property => property is { Key: "$ref", Value: JsonValue value } ? [value.GetValue<string>()] : References(property.Value)),
        JsonArray array => array.SelectMany(References),
        _ => [],
    };
}
