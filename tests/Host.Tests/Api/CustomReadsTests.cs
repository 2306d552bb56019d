using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>Custom objects that are older than what their definition says now, and definitions that meet at one moment.</summary>
[Collection("api")]
public sealed class CustomReadsTests(ApiHost api)
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private readonly CustomResourceTests _kinds = new(api);

    [Fact]
    public async Task A_default_that_came_later_is_seen_in_objects_that_came_before()
    {
        var group = await _kinds.DefineAsync("lamps");
        var path = $"/apis/{group}/v1/namespaces/default/lamps";
        var made = await api.PostAsync(path, CustomResourceTests.Body(group, "Lamp", "old", """{"image":"x"}"""));
        await ChangeAsync("lamps", group, schema => schema["spec"]!["properties"]!["color"] = JsonNode.Parse("""{"type":"string","default":"red"}"""));
        await UntilAsync(async () => (string?)(await api.GetAsync($"{path}/old"))["spec"]!["color"] == "red");
        var read = await api.GetAsync($"{path}/old");
        Assert.Equal(made.Revision, read.Revision);
        Assert.Equal("red", (string)(await api.GetAsync(path))["items"]![0]!["spec"]!["color"]!);
        var table = await api.GetAsync(path, "application/json;as=Table;g=meta.k8s.io;v=v1");
        Assert.Equal("old", (string)table["rows"]![0]!["cells"]![0]!);
        await using (var watch = await WatchReader.OpenAsync(api, $"{path}?watch=1"))
        {
            Assert.Equal("red", (string)(await watch.NextEventAsync())["object"]!["spec"]!["color"]!);
        }

        // A patch sees what a reader sees, and what is written is complete.
        var tested = await api.PatchAsync($"{path}/old", """[{"op":"test","path":"/spec/color","value":"red"},{"op":"add","path":"/spec/replicas","value":2}]""", "json");
        Assert.Equal((200, "red"), (tested.Code, (string)tested["spec"]!["color"]!));
        Assert.NotEqual(made.Revision, tested.Revision);
    }

    [Fact]
    public async Task A_field_that_the_definition_has_no_more_is_hidden_from_who_reads_objects_that_have_it()
    {
        var group = await _kinds.DefineAsync("attics", crd =>
        {
            foreach (var keyword in (string[])["selectableFields", "additionalPrinterColumns"])
            {
                crd["spec"]!["versions"]![0]!.AsObject().Remove(keyword);
            }
        });
        var path = $"/apis/{group}/v1/namespaces/default/attics";
        var made = await api.PostAsync(path, CustomResourceTests.Body(group, "Attic", "old", """{"image":"x"}"""));
        Assert.Equal("x", (string?)made["spec"]!["image"]);
        await ChangeAsync("attics", group, schema => schema["spec"]!["properties"]!.AsObject().Remove("image"));
        await UntilAsync(async () => (await api.GetAsync($"{path}/old"))["spec"]!["image"] is null);
        var listed = await api.GetAsync(path);
        Assert.Null(listed["items"]![0]!["spec"]!["image"]);
        Assert.Equal(made.Revision, (string)listed["items"]![0]!["metadata"]!["resourceVersion"]!);
    }

    [Fact]
    public async Task Defaults_of_the_stored_version_are_for_readers_and_those_of_the_written_one_for_writers()
    {
        var group = await _kinds.DefineAsync("shades", crd =>
        {
            var versions = crd["spec"]!["versions"]!.AsArray();
            versions.Clear();
            foreach (var (name, storage) in new[] { ("v1", "true"), ("v2", "false") })
            {
                versions.Add(JsonNode.Parse($$$"""
                    {"name":"{{{name}}}","served":true,"storage":{{{storage}}},"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object",
                     "x-kubernetes-preserve-unknown-fields":true,"properties":{"{{{name}}}":{"type":"boolean","default":true} } } } } } }
                    """));
            }
        });
        string Path(string version) => $"/apis/{group}/{version}/namespaces/default/shades";
        string Spec(Answer answer) => string.Join(' ', answer["spec"]!.AsObject().Select(field => field.Key).Order());
        var second = CustomResourceTests.Body(group, "Shade", "second", "{}").Replace($"{group}/v1", $"{group}/v2");

        Assert.Equal("v1", Spec(await api.PostAsync(Path("v1"), CustomResourceTests.Body(group, "Shade", "first", "{}"))));
        Assert.Equal("v1", Spec(await api.GetAsync(Path("v2") + "/first")));
        Assert.Equal("v1 v2", Spec(await api.PostAsync(Path("v2"), second)));
        Assert.Equal("v1 v2", Spec(await api.GetAsync(Path("v1") + "/second")));
        Assert.Equal("v1 v2", Spec(await api.PatchAsync(Path("v2") + "/first", """{"metadata":{"labels":{"a":"b"}}}""", "merge")));
    }

    [Fact]
    public async Task Fields_are_selected_by_as_they_are_in_the_version_that_is_read()
    {
        var group = await _kinds.DefineAsync("doors");
        var path = $"/apis/{group}/v1/namespaces/default/doors";
        await api.PostAsync(path, CustomResourceTests.Body(group, "Door", "plain", """{"image":"x"}"""));
        await ChangeAsync("doors", group, schema => schema["spec"]!["properties"]!["color"] = JsonNode.Parse("""{"type":"string","default":"red"}"""), "color");
        await UntilAsync(async () => (await api.GetAsync($"{path}?fieldSelector=spec.color%3Dred")) is { Code: 200 } answer && answer["items"]!.AsArray().Count == 1);
        Assert.Empty((await api.GetAsync($"{path}?fieldSelector=spec.color%21%3Dred"))["items"]!.AsArray());
        await using var watch = await WatchReader.OpenAsync(api, $"{path}?watch=1&fieldSelector=spec.color%3Dred");
        Assert.Equal("ADDED", (string)(await watch.NextEventAsync())["type"]!);
        await api.PatchAsync($"{path}/plain", """{"spec":{"color":"blue"}}""", "merge");
        Assert.Equal("DELETED", (string)(await watch.NextEventAsync())["type"]!);
    }

    [Fact]
    public async Task A_format_that_nobody_checks_is_warned_of_once()
    {
        var group = "forms.example.com";
        var definition = JsonNode.Parse($$$"""
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"forms.{{{group}}}"},
             "spec":{"group":"{{{group}}}","scope":"Namespaced","names":{"plural":"forms","kind":"Form"},
              "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{
               "a":{"type":"string","format":"uuid"},"b":{"type":"integer","format":"int64"},"c":{"type":"array","items":{"type":"string","format":"nonsense"}} } } } }]}}
            """)!.AsObject();
        var made = await api.PostAsync(Definitions, definition.ToJsonString());
        Assert.Contains("unrecognized format \\\"nonsense\\\"", Assert.Single(made.Warnings), StringComparison.Ordinal);
        var labelled = await api.PatchAsync($"{Definitions}/forms.{group}", """{"metadata":{"labels":{"a":"b"}}}""", "merge");
        Assert.Equal(200, labelled.Code);
        Assert.Empty(labelled.Warnings);
    }

    [Fact]
    public async Task Of_definitions_that_reach_for_one_short_name_at_once_one_gets_it()
    {
        const string Group = "rivals.example.com";
        var plurals = Enumerable.Range(0, 6).Select(i => $"rival{(char)('a' + i)}s").ToArray();
        await Task.WhenAll(plurals.Select(plural => api.PostAsync(Definitions, $$$"""
            {"metadata":{"name":"{{{plural}}}.{{{Group}}}"},"spec":{"group":"{{{Group}}}","scope":"Cluster","names":{"plural":"{{{plural}}}","kind":"{{{plural}}}","shortNames":["rv"]},
             "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"} } }]} }
            """)));
        Answer[] answers = [];
        await UntilAsync(async () =>
        {
            answers = await Task.WhenAll(plurals.Select(plural => api.GetAsync($"{Definitions}/{plural}.{Group}")));
            return answers.All(answer => CustomResourceTests.Condition(answer, "NamesAccepted") is not null);
        });
        Assert.Single(answers, answer => answer["status"]!["acceptedNames"]!["shortNames"] is not null);
        Assert.Equal(5, answers.Count(answer => (string?)CustomResourceTests.Condition(answer, "NamesAccepted")!["reason"] == "ShortNamesConflict"));

        // Who had it goes, and another gets it.
        var winner = answers.Single(answer => answer["status"]!["acceptedNames"]!["shortNames"] is not null);
        await api.DeleteAsync($"{Definitions}/{(string)winner["metadata"]!["name"]!}");
        await UntilAsync(async () => (await Task.WhenAll(plurals.Select(plural => api.GetAsync($"{Definitions}/{plural}.{Group}"))))
            .Count(answer => answer.Code == 200 && answer["status"]!["acceptedNames"]?["shortNames"] is not null && CustomResourceTests.Condition(answer, "Terminating") is null) == 1);
    }

    [Fact]
    public async Task What_was_written_as_its_kind_went_goes_too()
    {
        var ghosts = new ResourceType("ghosts.example.com", "ghosts");
        var made = await api.Ledger.CreateAsync(ghosts, JsonNode.Parse("""{"kind":"Ghost","metadata":{"name":"g","namespace":"default"}}""")!.AsObject());
        await UntilAsync(() => Task.FromResult(api.Ledger.View.Current.Find(made.Key) is null));
    }

    [Fact]
    public async Task A_storage_version_goes_only_when_nothing_is_said_to_be_stored_in_it()
    {
        var group = await _kinds.DefineAsync("moves");
        var name = $"{Definitions}/moves.{group}";
        var definition = (await api.GetAsync(name)).Json;
        var versions = definition["spec"]!["versions"]!.AsArray();
        var second = versions[0]!.DeepClone();
        second["name"] = "v2";
        versions[0]!["storage"] = false;
        versions.Add(second);
        var both = await api.PutAsync(name, definition.ToJsonString());
        Assert.Equal(["v1", "v2"], both["status"]!["storedVersions"]!.AsArray().Select(version => (string)version!));
        var without = both.Json;
        without["spec"]!["versions"]!.AsArray().RemoveAt(0);
        var refused = await api.PutAsync(name, without.ToJsonString());
        Assert.Equal(422, refused.Code);
        Assert.Contains("v1 was previously a storage version, and must remain in spec.versions", refused.Message, StringComparison.Ordinal);
        Assert.Equal(422, (await api.PatchAsync($"{name}/status", """{"status":{"storedVersions":["v1"]}}""", "merge")).Code);
        Assert.Equal(200, (await api.PatchAsync($"{name}/status", """{"status":{"storedVersions":["v2"]}}""", "merge")).Code);
        without["metadata"]!.AsObject().Remove("resourceVersion");
        without["metadata"]!["resourceVersion"] = (await api.GetAsync(name)).Revision;
        Assert.Equal(200, (await api.PutAsync(name, without.ToJsonString())).Code);
    }

    private async Task ChangeAsync(string plural, string group, Action<JsonNode> change, string? selectable = null)
    {
        var definition = (await api.GetAsync($"{Definitions}/{plural}.{group}")).Json;
        var version = definition["spec"]!["versions"]![0]!;
        change(version["schema"]!["openAPIV3Schema"]!["properties"]!);
        if (selectable is not null)
        {
            version["selectableFields"] = new JsonArray(new JsonObject { ["jsonPath"] = $".spec.{selectable}" });
        }

        var changed = await api.PutAsync($"{Definitions}/{plural}.{group}", definition.ToJsonString());
        Assert.True(changed.Code == 200, changed.ToString());
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var i = 0; !await holds(); i++)
        {
            Assert.True(i < 400, "it never came to be");
            await pause.WaitForNextTickAsync();
        }
    }
}
