using System.Text.Json.Nodes;

namespace ActorOrchestrator.Host.Tests.Api;

[Collection("api")]
public sealed class WatchTests(ApiHost api)
{
    [Fact]
    public async Task A_watch_sees_what_is_and_then_what_happens_in_order()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        await api.PostAsync(path, Body("a", "x"));
        await using var watch = await WatchAsync($"{path}?watch=true");
        Assert.Equal(("ADDED", "a"), await watch.NextAsync());
        await api.PostAsync(path, Body("b", "x"));
        await api.PatchAsync($"{path}/b", """{"data":{"k":"v"}}""", "merge");
        await api.DeleteAsync($"{path}/b");
        Assert.Equal([("ADDED", "b"), ("MODIFIED", "b"), ("DELETED", "b")], [await watch.NextAsync(), await watch.NextAsync(), await watch.NextAsync()]);
    }

    [Fact]
    public async Task A_watch_from_a_revision_sees_only_what_came_after()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        await api.PostAsync(path, Body("a", "x"));
        var list = await api.GetAsync(path);
        await api.PostAsync(path, Body("b", "x"));
        await using var watch = await WatchAsync($"{path}?watch=1&resourceVersion={list.Revision}");
        Assert.Equal(("ADDED", "b"), await watch.NextAsync());
    }

    [Fact]
    public async Task An_object_that_leaves_a_selector_is_DELETED_and_one_that_enters_is_ADDED()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        await api.PostAsync(path, Body("a", "x"));
        await using var watch = await WatchAsync($"{path}?watch=true&labelSelector=app%3Dx");
        Assert.Equal(("ADDED", "a"), await watch.NextAsync());
        await api.PatchAsync($"{path}/a", """{"metadata":{"labels":{"app":"y"}}}""", "merge");
        var left = await watch.NextEventAsync();
        Assert.Equal(("DELETED", "x"), ((string)left["type"]!, (string)left["object"]!["metadata"]!["labels"]!["app"]!));
        Assert.Equal((await api.GetAsync($"{path}/a")).Revision, (string)left["object"]!["metadata"]!["resourceVersion"]!);
        await api.PatchAsync($"{path}/a", """{"metadata":{"labels":{"app":"x"}}}""", "merge");
        Assert.Equal(("ADDED", "a"), await watch.NextAsync());
    }

    [Fact]
    public async Task A_streaming_list_ends_its_initial_events_with_a_bookmark()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        await api.PostAsync(path, Body("a", "x"));
        await using var watch = await WatchAsync($"{path}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
        Assert.Equal(("ADDED", "a"), await watch.NextAsync());
        var end = await watch.NextEventAsync();
        Assert.Equal(("BOOKMARK", "true"), ((string)end["type"]!, (string)end["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]!));
        Assert.Equal(422, (await api.GetAsync($"{path}?watch=true&sendInitialEvents=true")).Code);
    }

    [Fact]
    public async Task A_bookmark_tells_an_idle_watch_how_far_the_server_has_seen()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        await using var watch = await WatchAsync($"{path}?watch=true&allowWatchBookmarks=true");
        var other = await api.PostAsync("/api/v1/namespaces/default/configmaps", """{"metadata":{"generateName":"other-"}}""");
        JsonObject bookmark;
        do
        {
            bookmark = await watch.NextEventAsync();
            Assert.Equal("BOOKMARK", (string)bookmark["type"]!);
        }
        while (long.Parse((string)bookmark["object"]!["metadata"]!["resourceVersion"]!) < long.Parse(other.Revision));
    }

    [Fact]
    public async Task A_watch_ends_when_its_time_is_up()
    {
        var answer = await api.GetAsync("/api/v1/namespaces/kube-system/configmaps?watch=true&timeoutSeconds=1");
        Assert.Equal((200, ""), (answer.Code, answer.Text));
    }

    private static string Body(string name, string app) => $"{{\"metadata\":{{\"name\":\"{name}\",\"labels\":{{\"app\":\"{app}\"}}}}}}";

    private async Task<WatchStream> WatchAsync(string path)
    {
        var response = await api.Client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        Assert.True(response.IsSuccessStatusCode);
        return new WatchStream(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    private sealed class WatchStream(HttpResponseMessage response, StreamReader lines) : IAsyncDisposable
    {
        public async Task<JsonObject> NextEventAsync()
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            var line = await lines.ReadLineAsync(patience.Token);
            return JsonNode.Parse(line ?? throw new EndOfStreamException("the watch has ended"))!.AsObject();
        }

        public async Task<(string Type, string Name)> NextAsync()
        {
            var next = await NextEventAsync();
            return ((string)next["type"]!, (string)next["object"]!["metadata"]!["name"]!);
        }

        public ValueTask DisposeAsync()
        {
            lines.Dispose();
            response.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
