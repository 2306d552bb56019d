using System.Text.Json.Nodes;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>What upstream's own tests of custom resources ask for beside the common path.</summary>
[Collection("api")]
public sealed class CustomKindRulesTests(ApiHost api)
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    private readonly CustomResourceTests _customs = new(api);

    [Fact]
    public async Task A_cluster_wide_object_loses_the_namespace_that_it_names()
    {
        var group = await _customs.DefineAsync("wides", crd => crd["spec"]!["scope"] = "Cluster");
        var path = $"/apis/{group}/v1/wides";

        var created = await api.PostAsync(path, CustomResourceTests.Body(group, "Wide", "w", """{"image":"x"}""", "", ""","namespace":"elsewhere" """));

        Assert.Equal(201, created.Code);
        Assert.Null(created["metadata"]!["namespace"]);
        var update = created.Json;
        update["metadata"]!["namespace"] = "elsewhere";
        Assert.Equal(200, (await api.SendAsync(HttpMethod.Put, path + "/w", update.ToJsonString(), "application/json")).Code);
    }

    [Theory]
    [InlineData("POST", "v1/namespaces/default/scopeds")]
    [InlineData("PUT", "v1/namespaces/default/scopeds/s")]
    [InlineData("DELETE", "v1/namespaces/default/scopeds/s/status")]
    [InlineData("POST", "v0/scopeds")]
    [InlineData("POST", "v1/unknowns")]
    public async Task What_is_not_served_is_not_found_whatever_is_done_with_it(string method, string path)
    {
        if ((await api.GetAsync("/apis/scopeds.example.com/v1/scopeds")).Code == 404)
        {
            await _customs.DefineAsync("scopeds", crd => crd["spec"]!["scope"] = "Cluster");
        }

        var answer = await api.SendAsync(new HttpMethod(method), "/apis/scopeds.example.com/" + path, "{}", "application/json");

        Assert.Equal(404, answer.Code);
    }

    [Fact]
    public async Task A_namespaced_kind_is_not_found_where_it_would_be_made_in_no_namespace()
    {
        var group = await _customs.DefineAsync("placeds");

        Assert.Equal(404, (await api.PostAsync($"/apis/{group}/v1/placeds", CustomResourceTests.Body(group, "Placed", "p", """{"image":"x"}"""))).Code);
        Assert.Equal(404, (await api.DeleteAsync($"/apis/{group}/v1/placeds")).Code);
        Assert.Equal(200, (await api.GetAsync($"/apis/{group}/v1/placeds")).Code);
    }

    [Fact]
    public async Task Another_kind_in_the_body_is_told_by_the_validation()
    {
        var group = await _customs.DefineAsync("kinds");

        var answer = await api.PostAsync($"/apis/{group}/v1/namespaces/default/kinds", CustomResourceTests.Body(group, "Other", "o", """{"image":"x"}"""));

        Assert.Equal((422, $"Other.{group} \"o\" is invalid: kind: Invalid value: \"Other\": must be Kind"), (answer.Code, answer.Message));
    }

    [Fact]
    public async Task No_view_of_a_custom_object_takes_a_strategic_patch()
    {
        var group = await _customs.DefineAsync("views");
        var path = $"/apis/{group}/v1/namespaces/default/views";
        await api.PostAsync(path, CustomResourceTests.Body(group, "View", "v", """{"image":"x"}"""));

        foreach (var view in new[] { "", "/status", "/scale" })
        {
            Assert.Equal(415, (await api.PatchAsync($"{path}/v{view}", "{}", "strategic-merge")).Code);
        }
    }

    [Fact]
    public async Task A_deprecated_version_names_the_one_to_use()
    {
        var group = await _customs.DefineAsync("olds", crd =>
        {
            var versions = crd["spec"]!["versions"]!.AsArray();
            foreach (var name in new[] { "v1alpha1", "v1beta1", "v1beta2" })
            {
                var version = versions[0]!.DeepClone();
                (version["name"], version["storage"]) = (name, false);
                versions.Add(version);
            }

            versions[0]!["served"] = false;
            versions[1]!["deprecated"] = true;
        });

        var list = await api.GetAsync($"/apis/{group}/v1alpha1/olds");

        Assert.Contains($"{group}/v1alpha1 Old is deprecated; use {group}/v1beta2 Old", Assert.Single(list.Warnings));
    }

    [Fact]
    public async Task A_definition_whose_webhook_has_an_unreadable_authority_is_not_established()
    {
        const string group = "bundles.example.com";
        var definition = JsonNode.Parse(CustomResourceTests.Definition(group, "bundles"))!;
        definition["spec"]!["conversion"] = JsonNode.Parse(
            """{"strategy":"Webhook","webhook":{"conversionReviewVersions":["v1"],"clientConfig":{"caBundle":"bm8gUEVN","service":{"namespace":"default","name":"hook"}}}}""");
        Assert.Equal(201, (await api.PostAsync(Definitions, definition.ToJsonString())).Code);

        var crd = await _customs.UntilAsync($"{Definitions}/bundles.{group}", found => CustomResourceTests.Condition(found, "Established") is not null);

        var established = CustomResourceTests.Condition(crd, "Established")!;
        Assert.Equal(("False", "InvalidCABundle"), ((string)established["status"]!, (string)established["reason"]!));
    }

    [Fact]
    public async Task The_watches_of_a_kind_end_when_its_definition_changes()
    {
        var group = await _customs.DefineAsync("watches");
        await using var watch = await WatchReader.OpenAsync(api, $"/apis/{group}/v1/watches?watch=true");

        var changed = await api.PatchAsync($"{Definitions}/watches.{group}", """[{"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/description","value":"new"}]""", "json");

        Assert.Equal(200, changed.Code);
        await Assert.ThrowsAsync<EndOfStreamException>(watch.NextEventAsync);
    }

    [Fact]
    public async Task Embedded_metadata_of_a_wrong_type_is_named_and_that_of_a_default_is_pruned()
    {
        var group = await _customs.DefineAsync("embeds", crd => crd["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["template"] = JsonNode.Parse(
            """
            {"type":"object","x-kubernetes-embedded-resource":true,"properties":{"metadata":{"type":"object","default":{"name":"given","odd":"gone"}},
             "kind":{"type":"string","default":"Foo"},"apiVersion":{"type":"string","default":"foos/v1"}}}
            """));
        var path = $"/apis/{group}/v1/namespaces/default/embeds";

        var wrong = await api.PostAsync(path, CustomResourceTests.Body(group, "Embed", "w", """{"image":"x"}""", ""","template":{"apiVersion":"v1","kind":"Pod","metadata":{"namespace":42}}"""));
        Assert.Equal(400, wrong.Code);
        Assert.Contains("template.metadata: Invalid value: ", wrong.Message, StringComparison.Ordinal);

        var created = await api.PostAsync(path, CustomResourceTests.Body(group, "Embed", "d", """{"image":"x"}""", ""","template":{}"""));
        Assert.Equal(201, created.Code);
        Assert.Equal("""{"name":"given"}""", created["template"]!["metadata"]!.ToJsonString());
    }

    [Fact]
    public async Task Documents_come_in_YAML_to_who_asks_for_it()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/apis/apps/v1");
        request.Headers.Add("Accept", "application/yaml");

        using var response = await api.Client.SendAsync(request);

        Assert.Equal("application/yaml", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("groupVersion: apps/v1", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
