using System.Runtime.Serialization;
using ActorOrchestrator.Actors.Cluster;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Contracts.Nodes;
using ActorOrchestrator.TestSupport;
using Akka.Actor;

namespace ActorOrchestrator.Actors.Tests.Metrics;

public sealed class UsageMessagesTests : PatientTestKit
{
    /// <summary>What the first version of this program sends. These bytes must be understood for ever.</summary>
    private const string Golden =
        "036E2D3180D0B5ADB3B0D2EF0880A3C347C0843D808080020104646174610464622D30017580D0B5ADB3B0D2EF0880C2D72F02027067C0C4073A0B6C6F672D736964656361720001";

    private readonly NodeMessageSerializer _serializer;

    public UsageMessagesTests() => _serializer = new NodeMessageSerializer((ExtendedActorSystem)Sys);

    [Fact]
    public void Every_message_comes_back_as_it_went()
    {
        var report = new UsageReport(
            new NodeUsage("n-1", new DateTimeOffset(2026, 11, 23, 17, 0, 0, TimeSpan.Zero), TimeSpan.FromSeconds(15.003), 1_234_567_890_123, 9_876_543_210),
            [new PodUsage("data", "db-0", "7c9e6679", new DateTimeOffset(2026, 11, 23, 17, 0, 1, TimeSpan.Zero), TimeSpan.FromSeconds(14.9), [new ContainerUsage("pg", 1, 2), new ContainerUsage("größe", 0, 0)])]);
        var back = (UsageReport)Return(report);
        Assert.Equal(report.Node, back.Node);
        Assert.Equal(report.Pods[0] with { Containers = [] }, back.Pods[0] with { Containers = [] });
        Assert.Equal(report.Pods[0].Containers.AsEnumerable(), back.Pods[0].Containers.AsEnumerable());
        Assert.Same(FollowUsage.Instance, Return(FollowUsage.Instance));
        Assert.Equal(new NodeMessages.Heartbeat("n-1"), Return(new NodeMessages.Heartbeat("n-1")));
    }

    [Fact]
    public void The_first_version_is_understood_and_written()
    {
        var report = new UsageReport(
            new NodeUsage("n-1", new DateTimeOffset(2026, 11, 23, 17, 0, 0, TimeSpan.Zero), TimeSpan.FromSeconds(15), 1_000_000, 1 << 22),
            [new PodUsage("data", "db-0", "u", new DateTimeOffset(2026, 11, 23, 17, 0, 0, TimeSpan.Zero), TimeSpan.FromSeconds(10), [new ContainerUsage("pg", 123_456, 58), new ContainerUsage("log-sidecar", 0, 1)])]);
        Assert.Equal(Golden, Convert.ToHexString(_serializer.ToBinary(report)));
        Assert.Equal("log-sidecar", ((UsageReport)_serializer.FromBinary(Convert.FromHexString(Golden), "usage.v1")).Pods[0].Containers[1].Name);
        Assert.Equal("follow-usage.v1", _serializer.Manifest(FollowUsage.Instance));
    }

    [Fact]
    public void Bytes_that_are_no_report_are_refused()
    {
        var whole = Convert.FromHexString(Golden);
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.Throws<FormatException>(() => _serializer.FromBinary(whole[..length], NodeMessageSerializer.UsageManifest));
        }

        Assert.Throws<SerializationException>(() => _serializer.FromBinary([], "usage.v0"));
    }

    private object Return(object message) => _serializer.FromBinary(_serializer.ToBinary(message), _serializer.Manifest(message));
}
