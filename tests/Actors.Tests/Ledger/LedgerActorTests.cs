using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.TestSupport.Ledger;
using Akka.TestKit.Xunit2;

namespace ActorOrchestrator.Actors.Tests.Ledger;

public sealed class LedgerActorTests : TestKit
{
    private static readonly ObjectKey Web = new(ResourceTypes.ConfigMaps, "default", "web");

    private static JsonObject ConfigMap(string name, string value = "v") => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["namespace"] = "default", ["name"] = name },
        ["data"] = new JsonObject { ["key"] = value },
    };

    [Fact]
    public async Task A_write_is_in_the_view_when_its_reply_arrives()
    {
        var ledger = new TestLedger(Sys);
        var created = await ledger.CreateAsync(ResourceTypes.ConfigMaps, ConfigMap("web"));
        Assert.Equal(1, created.Revision.Value);
        Assert.Same(created, ledger.View.Current.Find(Web));
        Assert.Equal("1", (string?)created.ToJson()["metadata"]!["resourceVersion"]);
    }

    [Fact]
    public async Task Everything_is_back_after_a_restart_and_no_revision_is_used_again_even_when_the_last_fact_was_a_removal()
    {
        var ledger = new TestLedger(Sys);
        await ledger.CreateAsync(ResourceTypes.ConfigMaps, ConfigMap("web"));
        await ledger.CreateAsync(ResourceTypes.ConfigMaps, ConfigMap("db"));
        await ledger.RemoveAsync(Web);
        await StopAsync(ledger);

        var again = new TestLedger(Sys);
        Assert.Equal(3, (await again.StartedAsync()).Value);
        Assert.Null(again.View.Current.Find(Web));
        var next = await again.CreateAsync(ResourceTypes.ConfigMaps, ConfigMap("web"));
        Assert.Equal(4, next.Revision.Value);
        Assert.NotNull(again.View.At(new Revision(1))!.Find(Web));
    }

    [Fact]
    public async Task A_feed_shows_every_fact_once_and_in_order()
    {
        var ledger = new TestLedger(Sys);
        await ledger.StartedAsync();
        using var feed = ledger.View.Watch(ResourceTypes.ConfigMaps, Revision.None)!;
        await Task.WhenAll(Enumerable.Range(0, 200).Select(n => ledger.CreateAsync(ResourceTypes.ConfigMaps, ConfigMap($"c{n}"))));
        var seen = new List<Fact>();
        while (seen.Count < 200)
        {
            seen.AddRange((await feed.NextAsync(TimeSpan.FromSeconds(3), CancellationToken.None)).Facts);
        }

        Assert.Equal(Enumerable.Range(1, 200).Select(n => (long)n), seen.Select(fact => fact.Revision.Value));
    }

    private async Task StopAsync(TestLedger ledger)
    {
        Watch(ledger.Actor);
        Sys.Stop(ledger.Actor);
        await ExpectTerminatedAsync(ledger.Actor);
    }
}
