using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Tests.Resources.Admission;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Resources.Apply;

public class ManagedTimesTests
{
    [Theory]
    [InlineData("data")]
    [InlineData("metadata")]
    public async Task A_manager_who_changes_what_is_its_own_already_gets_a_new_time(string place)
    {
        var world = await WorldAsync();
        world.Time.Advance(TimeSpan.FromSeconds(10));
        await ChangeAsync(world, obj => (place == "data" ? obj["data"]! : obj["metadata"]!["labels"]!)["a"] = "2");
        Assert.Equal("2026-01-01T00:00:10Z", Time(world));
    }

    [Fact]
    public async Task A_write_that_changes_nothing_keeps_time_and_revision()
    {
        var world = await WorldAsync();
        var before = world.Get(ResourceTypes.ConfigMaps, "c");
        world.Time.Advance(TimeSpan.FromSeconds(10));
        await ChangeAsync(world, obj => obj["data"]!["a"] = "1");
        Assert.True(JsonNode.DeepEquals(before, world.Get(ResourceTypes.ConfigMaps, "c")));
    }

    private static async Task<AdmissionWorld> WorldAsync()
    {
        var world = await AdmissionWorld.StartAsync();
        await world.MustAsync(ResourceTypes.ConfigMaps, """{"metadata":{"name":"c","labels":{"a":"1"}},"data":{"a":"1"}}""");
        await ChangeAsync(world, obj => obj["data"]!["b"] = "1");
        return world;
    }

    private static async Task ChangeAsync(AdmissionWorld world, Action<JsonObject> change)
    {
        var result = await world.ChangeAsync(ResourceTypes.ConfigMaps, "c", change);
        Assert.True(result.Ok, result.Failure?.Message);
    }

    private static string? Time(AdmissionWorld world) => (string?)Assert.Single(world.Get(ResourceTypes.ConfigMaps, "c")["metadata"]!["managedFields"]!.AsArray())!["time"];
}
