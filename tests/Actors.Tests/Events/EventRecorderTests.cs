using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.TestSupport;
using ActorOrchestrator.TestSupport.Ledger;

namespace ActorOrchestrator.Actors.Tests.Events;

public sealed class EventRecorderTests : PatientTestKit
{
    private readonly ManualTime _time = new();
    private readonly DirectLedger _ledger;
    private readonly ResourceStore _store;

    public EventRecorderTests()
    {
        _ledger = new DirectLedger(_time);
        _store = new ResourceStore(_ledger, _ledger.View, ResourceCatalog.BuiltIn, _time);
    }

    private JsonObject[] Events => [.. _ledger.View.Current.All(ResourceTypes.Events).Select(stored => stored.ToJson())];

    private EventRecorder Start(string component, string host = "") =>
        EventRecorder.Start(Sys, _store, ResourceCatalog.BuiltIn, _time, new EventSettings(), component, host);

    private async Task<StoredObject> CreateAsync(ResourceType type, string @namespace, JsonObject obj)
    {
        var result = await _store.CreateAsync(type, @namespace, obj, new WriteOptions("tester", "test"));
        Assert.True(result.Ok, result.Failure?.Message);
        return result.Object!;
    }

    private async Task<StoredObject> ConfigMapAsync()
    {
        await CreateAsync(ResourceTypes.Namespaces, "", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "default" } });
        await CreateAsync(ResourceTypes.Namespaces, "", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "guestbook" } });
        return await CreateAsync(ResourceTypes.ConfigMaps, "guestbook", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "web" } });
    }

    [Fact]
    public async Task An_event_stands_beside_its_object_and_says_what_who_and_when()
    {
        var about = await ConfigMapAsync();
        Start("kubelet", "n1").Record(about, warning: true, "BackOff", "Back-off restarting failed container", "spec.containers{web}");
        await AwaitConditionAsync(() => Task.FromResult(Events.Length == 1));
        var obj = Events[0];
        Assert.Matches("^web\\.[0-9a-f]{16}$", obj["metadata"].Text("name"));
        Assert.Equal("guestbook", obj["metadata"].Text("namespace"));
        Assert.Equal(("Warning", "BackOff", "Back-off restarting failed container"), (obj.Text("type"), obj.Text("reason"), obj.Text("message")));
        Assert.Equal(("kubelet", "n1"), (obj["source"].Text("component"), obj["source"].Text("host")));
        var involved = obj["involvedObject"];
        Assert.Equal(("v1", "ConfigMap", "guestbook", "web", about.Uid), (involved.Text("apiVersion"), involved.Text("kind"), involved.Text("namespace"), involved.Text("name"), involved.Text("uid")));
        Assert.Equal("spec.containers{web}", involved.Text("fieldPath"));
        Assert.Equal(1, obj.Number("count"));
        Assert.Equal(("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"), (obj.Text("firstTimestamp"), obj.Text("lastTimestamp")));
    }

    [Fact]
    public async Task The_same_again_raises_the_count_and_the_last_time()
    {
        var about = await ConfigMapAsync();
        var recorder = Start("kubelet");
        recorder.Record(about, warning: false, "Pulled", "Image is there");
        await AwaitConditionAsync(() => Task.FromResult(Events.Length == 1));
        _time.Advance(TimeSpan.FromMinutes(1));
        for (var i = 0; i < 9; i++)
        {
            recorder.Record(about, warning: false, "Pulled", "Image is there");
        }

        await AwaitConditionAsync(() => Task.FromResult(Events.Single().Number("count") == 10));
        Assert.Equal(("2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"), (Events[0].Text("firstTimestamp"), Events[0].Text("lastTimestamp")));
    }

    [Fact]
    public async Task Many_that_are_alike_end_in_one_event_that_says_the_latest()
    {
        var about = await ConfigMapAsync();
        var recorder = Start("kubelet");
        for (var i = 1; i <= 20; i++)
        {
            recorder.Record(about, warning: false, "Scaled", $"to {i}");
        }

        await AwaitConditionAsync(() => Task.FromResult(Events.Any(obj => obj.Text("message") == "(combined from similar events): to 20")));
        Assert.Equal(11, Events.Length);
        Assert.Equal(10, Events.Single(obj => obj.Text("message").StartsWith('(')).Number("count"));
    }

    [Fact]
    public async Task An_event_that_was_deleted_is_written_anew_with_its_count()
    {
        var about = await ConfigMapAsync();
        var recorder = Start("kubelet");
        recorder.Record(about, warning: false, "Pulled", "Image is there");
        await AwaitConditionAsync(() => Task.FromResult(Events.Length == 1));
        await _store.DeleteAsync(_ledger.View.Current.All(ResourceTypes.Events).Single().Key, new DeleteRequest(), new WriteOptions("tester", "delete"));
        recorder.Record(about, warning: false, "Pulled", "Image is there");
        await AwaitConditionAsync(() => Task.FromResult(Events.Length == 1 && Events[0].Number("count") == 2));
    }

    [Fact]
    public async Task What_is_in_no_namespace_has_its_events_in_default_and_components_share_one_recorder()
    {
        await ConfigMapAsync();
        var node = await CreateAsync(ResourceTypes.Nodes, "", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "n1" } });
        IEventRecorder recorder = Start("first");
        recorder.From("node-controller").Record(node, warning: false, "NodeNotReady", "Node n1 status is now: NodeNotReady");
        await AwaitConditionAsync(() => Task.FromResult(Events.Length == 1));
        Assert.Equal(("default", "node-controller"), (Events[0]["metadata"].Text("namespace"), Events[0]["source"].Text("component")));
    }

    [Fact]
    public async Task An_event_that_cannot_be_written_is_given_up_and_the_next_one_is_written()
    {
        var about = await ConfigMapAsync();
        var recorder = Start("kubelet");
        _ledger.IsDown = true;
        await EventFilter.Warning(contains: "was not recorded").ExpectOneAsync(() =>
        {
            recorder.Record(about, warning: false, "Lost", "while the ledger is down");
            return Task.CompletedTask;
        });
        _ledger.IsDown = false;
        recorder.Record(about, warning: false, "Kept", "now it is up");
        await AwaitConditionAsync(() => Task.FromResult(Events.Length == 1 && Events[0].Text("reason") == "Kept"));
    }
}
