using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.TestSupport.Ledger;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>Reads and watches of what is no longer in memory.</summary>
public sealed class HistoryTests : IAsyncLifetime
{
    private readonly ApiHost _api = new() { Settings = TestLedger.DefaultSettings with { WindowFacts = 16, SnapshotFacts = 24, SnapshotBytes = 1 } };

    public Task InitializeAsync() => _api.InitializeAsync();

    public Task DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Exact_reads_continue_tokens_and_watches_reach_back_behind_the_window()
    {
        var ns = await _api.NamespaceAsync();
        var configs = $"/api/v1/namespaces/{ns}/configmaps";
        foreach (var name in new[] { "a", "b", "c" })
        {
            await _api.PostAsync(configs, $"{{\"metadata\":{{\"name\":\"{name}\"}}}}");
        }

        var first = await _api.GetAsync($"{configs}?limit=1");
        var token = (string)first["metadata"]!["continue"]!;
        await _api.DeleteAsync($"{configs}/b");
        for (var i = 0; i < 60; i++)
        {
            await _api.PatchAsync($"{configs}/a", $"{{\"data\":{{\"i\":\"{i}\"}}}}", "merge");
        }

        Assert.True(_api.Ledger.View.OldestWatchable.Value > long.Parse(first.Revision));
        var exact = await _api.GetAsync($"{configs}?resourceVersion={first.Revision}&resourceVersionMatch=Exact");
        Assert.Equal((200, first.Revision), (exact.Code, exact.Revision));
        Assert.Equal(["a", "b", "c"], Names(exact));
        var rest = await _api.GetAsync($"{configs}?limit=5&continue={token}");
        Assert.Equal(["b", "c"], Names(rest));
        Assert.Equal(first.Revision, rest.Revision);

        await using var watch = await WatchReader.OpenAsync(_api, $"{configs}?watch=1&resourceVersion={first.Revision}");
        var deleted = await watch.NextEventAsync();
        Assert.Equal(("DELETED", "b"), ((string)deleted["type"]!, (string)deleted["object"]!["metadata"]!["name"]!));
        for (var i = 0; i < 60; i++)
        {
            var changed = await watch.NextEventAsync();
            Assert.Equal(("MODIFIED", $"{i}"), ((string)changed["type"]!, (string)changed["object"]!["data"]!["i"]!));
        }

        await _api.DeleteAsync($"{configs}/c");
        Assert.Equal("DELETED", (string)(await watch.NextEventAsync())["type"]!);
    }

    [Fact]
    public async Task What_the_retention_has_dropped_is_410_and_a_page_may_go_on_inconsistently()
    {
        var settings = TestLedger.DefaultSettings with { WindowFacts = 16, SnapshotFacts = 24, SnapshotBytes = 1, Retention = new LedgerRetention(TimeSpan.FromDays(1), 50, 1 << 30, TimeSpan.FromMilliseconds(20)) };
        var host = new ApiHost { Settings = settings };
        await host.InitializeAsync();
        try
        {
            var ns = await host.NamespaceAsync();
            var configs = $"/api/v1/namespaces/{ns}/configmaps";
            foreach (var name in new[] { "a", "b", "c" })
            {
                await host.PostAsync(configs, $"{{\"metadata\":{{\"name\":\"{name}\"}}}}");
            }

            var first = await host.GetAsync($"{configs}?limit=1");
            var next = $"{configs}?limit=5&continue={first["metadata"]!["continue"]}";
            await host.DeleteAsync($"{configs}/b");
            for (var i = 0; host.Ledger.View.History!.Bases[0].Revision.Value <= long.Parse(first.Revision) + 1; i++)
            {
                Assert.True(i < 3000, "nothing was ever dropped");
                await host.PatchAsync($"{configs}/a", $"{{\"data\":{{\"i\":\"{i}\"}}}}", "merge");
            }

            var rest = await host.GetAsync(next);
            Assert.Equal((410, "Expired"), (rest.Code, (string)rest["reason"]!));
            Assert.StartsWith("The provided continue parameter is too old to display a consistent list result.", (string)rest["message"]!, StringComparison.Ordinal);
            var onwards = await host.GetAsync($"{configs}?limit=5&continue={rest["metadata"]!["continue"]}");
            Assert.Equal(["c"], Names(onwards));
            var exact = await host.GetAsync($"{configs}?resourceVersion={first.Revision}&resourceVersionMatch=Exact");
            Assert.Equal((410, "Expired"), (exact.Code, (string)exact["reason"]!));
            await using var watch = await WatchReader.OpenAsync(host, $"{configs}?watch=1&resourceVersion={first.Revision}");
            var error = await watch.NextEventAsync();
            Assert.Equal(("ERROR", 410, "Expired"), ((string)error["type"]!, (int)error["object"]!["code"]!, (string)error["object"]!["reason"]!));
        }
        finally
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_selector_sees_from_the_past_what_it_would_have_seen_then()
    {
        var ns = await _api.NamespaceAsync();
        var configs = $"/api/v1/namespaces/{ns}/configmaps";
        var made = await _api.PostAsync(configs, """{"metadata":{"name":"a","labels":{"in":"yes"}}}""");
        await _api.PatchAsync($"{configs}/a", """{"metadata":{"labels":{"in":"no"}}}""", "merge");
        await _api.PatchAsync($"{configs}/a", """{"metadata":{"labels":{"in":"yes"}}}""", "merge");
        for (var i = 0; i < 60; i++)
        {
            await _api.PatchAsync($"{configs}/a", $"{{\"data\":{{\"i\":\"{i}\"}}}}", "merge");
        }

        await using var watch = await WatchReader.OpenAsync(_api, $"{configs}?watch=1&labelSelector=in%3Dyes&resourceVersion={made.Revision}");
        Assert.Equal("DELETED", (string)(await watch.NextEventAsync())["type"]!);
        Assert.Equal("ADDED", (string)(await watch.NextEventAsync())["type"]!);
        Assert.Equal("MODIFIED", (string)(await watch.NextEventAsync())["type"]!);
    }

    private static IEnumerable<string> Names(Answer list) => list["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!);
}
