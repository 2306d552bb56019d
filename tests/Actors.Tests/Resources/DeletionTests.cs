using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Strategies;

namespace ActorOrchestrator.Actors.Tests.Resources;

public sealed class DeletionTests
{
    private static readonly DateTimeOffset Begun = DateTimeOffset.Parse("2026-01-01T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(5, 15, "00:00:15", 15)]
    [InlineData(20, 15, "00:00:20", 1)]
    [InlineData(20, 25, "00:00:25", 25)]
    [InlineData(20, 30, "00:00:30", 30)]
    [InlineData(20, 60, "00:00:30", 30)]
    public void A_shorter_grace_counts_from_the_first_request(int after, int grace, string due, long seconds)
    {
        var pod = JsonNode.Parse("""{"metadata":{"name":"a"},"spec":{"nodeName":"n","terminationGracePeriodSeconds":30},"status":{"phase":"Running"}}""")!.AsObject();
        Assert.Equal(DeletionStep.Mark, Deletion.Next(pod, new PodStrategy(), new DeleteRequest(), Begun));
        Deletion.Next(pod, new PodStrategy(), new DeleteRequest(grace), Begun.AddSeconds(after));
        Assert.Equal($"2026-01-01T{due}Z", (string)pod["metadata"]!["deletionTimestamp"]!);
        Assert.Equal(seconds, (long)pod["metadata"]!["deletionGracePeriodSeconds"]!);
    }
}
