using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>One life of one object of each kind through the API: create, read, list, print, patch, status, delete.</summary>
[Collection("api")]
public sealed class EveryKindTests(ApiHost api)
{
    /// <summary>Kinds that other tests cover, because creating them needs more than a body (a namespace's own life, a CRD's establishment).</summary>
    private static readonly string[] Elsewhere = ["namespaces", "customresourcedefinitions", "apiservices"];

    public static TheoryData<string> Kinds => [.. ResourceCatalog.BuiltIn.All
        .Where(descriptor => !descriptor.Virtual && !Elsewhere.Contains(descriptor.Plural)).Select(descriptor => $"{descriptor.ApiVersion} {descriptor.Kind}")];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_object_of_every_kind_lives_a_whole_life(string kind)
    {
        var descriptor = ResourceCatalog.BuiltIn.FindKind(kind.Split(' ')[0], kind.Split(' ')[1])!;
        var ns = descriptor.Namespaced ? await api.NamespaceAsync() : "";
        var body = KindSamples.Minimal(descriptor, ns);
        var name = (string)body["metadata"]!["name"]!;
        var collection = descriptor.PathOf(ns, "").TrimEnd('/');
        var path = descriptor.PathOf(ns, name);

        var created = await api.PostAsync(collection, body.ToJsonString());
        Assert.True(created.Code == 201, created.ToString());
        Assert.Equal((descriptor.ApiVersion, descriptor.Kind), ((string)created["apiVersion"]!, (string)created["kind"]!));
        Assert.Equal(409, (await api.PostAsync(collection, body.ToJsonString())).Code);
        Assert.Equal(name, (string)(await api.GetAsync(path))["metadata"]!["name"]!);

        var list = await api.GetAsync(collection);
        Assert.Equal(descriptor.ListKind, (string)list["kind"]!);
        Assert.Contains(list["items"]!.AsArray(), item => (string)item!["metadata"]!["name"]! == name);

        var table = await api.GetAsync($"{collection}?fieldSelector=metadata.name%3D{Uri.EscapeDataString(name)}", "application/json;as=Table;v=v1;g=meta.k8s.io");
        var row = table["rows"]!.AsArray().Single()!["cells"]!.AsArray();
        Assert.Equal(table["columnDefinitions"]!.AsArray().Count, row.Count);
        foreach (var (cell, column) in row.Zip(table["columnDefinitions"]!.AsArray()))
        {
            Assert.Equal((string)column!["name"]! + Form(cell, (string)column["type"]!), (string)column["name"]! + (string)column["type"]!);
        }

        var patched = await api.PatchAsync(path, """{"metadata":{"labels":{"tried":"yes"}}}""", "merge");
        Assert.True(patched.Code == 200, patched.ToString());
        Assert.Equal("yes", (string)patched["metadata"]!["labels"]!["tried"]!);

        if (descriptor.HasStatus)
        {
            var status = await api.PatchAsync($"{path}/status", """{"metadata":{"annotations":{"through":"status"}}}""", "merge");
            Assert.True(status.Code == 200, status.ToString());
        }

        var deleted = await api.DeleteAsync(path, """{"gracePeriodSeconds":0,"propagationPolicy":"Background"}""");
        Assert.True(deleted.Code == 200, deleted.ToString());
        if (KindSamples.IsHeldBack(descriptor) is { } release)
        {
            await api.PatchAsync(path, release, "merge");
        }

        Assert.Equal(404, (await api.GetAsync(path)).Code);
    }

    /// <summary>The type of a cell. Upstream prints a few counts into columns that it declares as strings, so a string column takes anything, and the words True and False into one of booleans.</summary>
    private static string Form(JsonNode? cell, string declared) => declared is "string" or "date" ? declared : cell?.GetValueKind() switch
    {
        JsonValueKind.Number => "integer",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.String when declared == "boolean" && (string)cell! is "True" or "False" => declared,
        _ => "string",
    };
}
