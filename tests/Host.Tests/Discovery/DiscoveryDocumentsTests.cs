using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Discovery;

namespace ActorOrchestrator.Host.Tests.Discovery;

public class DiscoveryDocumentsTests
{
    private const string Kubectl132 =
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

    private readonly DiscoveryDocuments _documents = new(ResourceCatalog.BuiltIn, "127.0.0.1:6443");

    private JsonNode Read(string path, string accept = "application/json, */*") =>
        JsonNode.Parse(_documents.Find(path, accept)!.Body)!;

    [Theory]
    [InlineData("application/json, */*", null)]
    [InlineData("", null)]
    [InlineData(Kubectl132, "v2")]
    [InlineData("application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json", "v2beta1")]
    [InlineData("application/vnd.kubernetes.protobuf,application/json", null)]
    public void The_client_chooses_the_form(string accept, string? version) => Assert.Equal(version, DiscoveryDocuments.AggregatedVersion(accept));

    [Fact]
    public void The_plain_form_is_a_document_a_path()
    {
        Assert.Equal("v1", (string?)Read("/api")["versions"]![0]);
        Assert.Equal("127.0.0.1:6443", (string?)Read("/api")["serverAddressByClientCIDRs"]![0]!["serverAddress"]);
        Assert.Equal(["apiregistration.k8s.io", "apps", "events.k8s.io"], Read("/apis")["groups"]!.AsArray().Select(group => (string?)group!["name"]).Take(3));
        Assert.Equal("autoscaling/v2", (string?)Read("/apis/autoscaling")["preferredVersion"]!["groupVersion"]);
        Assert.Equal("apps/v1", (string?)Read("/apis/apps")["preferredVersion"]!["groupVersion"]);
        var pods = Read("/api/v1")["resources"]!.AsArray().Single(resource => (string?)resource!["name"] == "pods")!;
        Assert.Equal("""{"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod","verbs":["create","delete","deletecollection","get","list","patch","update","watch"],"shortNames":["po"],"categories":["all"]}""", pods.ToJsonString());
        var scale = Read("/apis/apps/v1")["resources"]!.AsArray().Single(resource => (string?)resource!["name"] == "deployments/scale")!;
        Assert.Equal("""{"name":"deployments/scale","singularName":"","namespaced":true,"group":"autoscaling","version":"v1","kind":"Scale","verbs":["get","patch","update"]}""", scale.ToJsonString());
        Assert.Equal("1", (string?)Read("/version")["major"]);
    }

    [Fact]
    public void The_aggregated_form_has_everything_at_once()
    {
        var found = _documents.Find("/apis", Kubectl132)!;
        Assert.Equal("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", found.ContentType);
        var apps = JsonNode.Parse(found.Body)!["items"]!.AsArray().Single(group => (string?)group!["metadata"]!["name"] == "apps")!;
        var deployments = apps["versions"]![0]!["resources"]!.AsArray().Single(resource => (string?)resource!["resource"] == "deployments")!;
        Assert.Equal("Deployment", (string?)deployments["responseKind"]!["kind"]);
        Assert.Equal("Namespaced", (string?)deployments["scope"]);
        Assert.Equal("scale", (string?)deployments["subresources"]![0]!["subresource"]);
        Assert.Null(Read("/api", Kubectl132)["items"]![0]!["metadata"]!["name"]);
    }

    [Fact]
    public void What_is_not_served_is_not_found()
    {
        Assert.Null(_documents.Find("/apis/nothing", null));
        Assert.Null(_documents.Find("/apis/apps/v2", null));
        Assert.Null(_documents.Find("/api/v2", null));
    }

    [Fact]
    public void A_document_is_rendered_once_and_revalidated_by_its_tag()
    {
        var first = _documents.Find("/apis", null)!;
        Assert.Same(first, _documents.Find("/apis", null));
        Assert.True(first.Matches(first.ETag));
        Assert.True(first.Matches($"\"other\", W/{first.ETag}"));
        Assert.False(first.Matches("\"other\""));
        Assert.False(first.Matches(null));
    }
}
