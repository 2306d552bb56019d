using System.Runtime.Serialization;
using System.Text;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Contracts.Nodes;
using Akka.Actor;
using Akka.Serialization;

namespace ActorOrchestrator.Actors.Cluster;

/// <summary>What nodes tell the leader, and who follows it, as bytes. A manifest is never given a second meaning.</summary>
public sealed class NodeMessageSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>Part of the wire between hosts of different versions: never change it, never give it to another.</summary>
    public const int Id = 4102;

    public const string HeartbeatManifest = "heartbeat.v1";
    public const string UsageManifest = "usage.v1";
    public const string FollowUsageManifest = "follow-usage.v1";

    public override int Identifier => Id;

    public override string Manifest(object o) => o switch
    {
        NodeMessages.Heartbeat => HeartbeatManifest,
        UsageReport => UsageManifest,
        FollowUsage => FollowUsageManifest,
        _ => throw new SerializationException($"{o.GetType()} is not a message of a node."),
    };

    public override byte[] ToBinary(object obj) => obj switch
    {
        NodeMessages.Heartbeat heartbeat => Encoding.UTF8.GetBytes(heartbeat.NodeName),
        UsageReport report => UsageReportFormat.Write(report),
        FollowUsage => [],
        _ => throw new SerializationException($"{obj.GetType()} is not a message of a node."),
    };

    public override object FromBinary(byte[] bytes, string manifest) => manifest switch
    {
        HeartbeatManifest => new NodeMessages.Heartbeat(Encoding.UTF8.GetString(bytes)),
        UsageManifest => UsageReportFormat.Read(bytes),
        FollowUsageManifest => FollowUsage.Instance,
        _ => throw new SerializationException($"No message of a node has the manifest \"{manifest}\"."),
    };
}
