using ActorOrchestrator.Contracts.Ledger.Wire;
using Akka.Actor;
using Akka.Serialization;

namespace ActorOrchestrator.Actors.Ledger;

/// <summary>The ledger's forms for Akka: the same bytes in the journal, in snapshots and between hosts.</summary>
public sealed class LedgerSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>Kept in every journal row: never change it, never give it to another.</summary>
    public const int Id = 4101;

    public override int Identifier => Id;

    public override string Manifest(object o) => LedgerCodec.ManifestOf(o);

    public override byte[] ToBinary(object obj) => LedgerCodec.Write(obj);

    public override object FromBinary(byte[] bytes, string manifest) => LedgerCodec.Read(manifest, bytes);
}
