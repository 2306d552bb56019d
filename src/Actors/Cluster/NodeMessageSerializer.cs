using System.Runtime.Serialization;
using System.Text;
using ActorOrchestrator.Contracts.Nodes;
using Akka.Actor;
using Akka.Serialization;

namespace ActorOrchestrator.Actors.Cluster;

/// <summary>What nodes tell the leader, as bytes. A manifest is never given a second meaning.</summary>
public sealed class NodeMessageSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>Part of the wire between hosts of different versions: never change it, never give it to another.</summary>
    public const int Id = 4102;

    public const string HeartbeatManifest = "heartbeat.v1";

    public override int Identifier => Id;

    public override string Manifest(object o) => o is NodeMessages.Heartbeat
        ? HeartbeatManifest
        : throw new SerializationException($"{o.GetType()} is not a message of a node.");

    public override byte[] ToBinary(object obj) => Encoding.UTF8.GetBytes(((NodeMessages.Heartbeat)obj).NodeName);

    public override object FromBinary(byte[] bytes, string manifest) => manifest == HeartbeatManifest
        ? new NodeMessages.Heartbeat(Encoding.UTF8.GetString(bytes))
        : throw new SerializationException($"No message of a node has the manifest \"{manifest}\".");
}
