using ActorOrchestrator.Actors.Cluster;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Contracts.Nodes;
using ActorOrchestrator.Host.Composition;
using Akka.Actor;
using Akka.Configuration;

namespace ActorOrchestrator.Host.Tests.Composition;

public sealed class NodeMessagesTests
{
    [Fact]
    public async Task What_nodes_tell_the_leader_goes_over_the_wire_by_its_own_serializer()
    {
        var alone = ConfigurationFactory.ParseString("akka { loglevel = WARNING, actor.provider = local, extensions = [], loggers = [\"Akka.Event.DefaultLogger\"] }");
        var system = ActorSystem.Create("wire", alone.WithFallback(HostConfig.Load(null).Clustered));
        object[] messages =
        [
            new NodeMessages.Heartbeat("n1"), FollowUsage.Instance,
            new UsageReport(new NodeUsage("n1", DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(15), 1, 2), []),
        ];
        Assert.All(messages, message => Assert.Equal(NodeMessageSerializer.Id, system.Serialization.FindSerializerFor(message).Identifier));
        await system.Terminate();
    }
}
