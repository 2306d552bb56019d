using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Ledger.Wire;

/// <summary>The leader's stream to its replicas.</summary>
internal static class ReplicationForms
{
    public static readonly WireForm<ReplicationMessages.Follow> Follow = new(
        "follow.v1",
        follow => Numbers(follow.Have.Value, follow.Attempt),
        bytes =>
        {
            var reader = new WireReader(bytes);
            return new ReplicationMessages.Follow(reader.Revision(), reader.Number());
        });

    public static readonly WireForm<ReplicationMessages.Facts> Facts = new(
        "replicated-facts.v1",
        facts =>
        {
            using var writer = new WireWriter(JournalForms.SizeOf(facts.Items));
            writer.Number(facts.Attempt);
            writer.Number(facts.Number);
            JournalForms.WriteFacts(writer, facts.Items);
            return writer.ToArray();
        },
        bytes =>
        {
            var reader = new WireReader(bytes);
            return new ReplicationMessages.Facts(reader.Number(), reader.Number(), JournalForms.ReadFacts(ref reader));
        });

    public static readonly WireForm<ReplicationMessages.State> State = new("replicated-state.v1", WriteState, ReadState);

    public static readonly WireForm<ReplicationMessages.Received> Received = new(
        "received.v1",
        received => Numbers(received.Attempt, received.Number),
        bytes =>
        {
            var reader = new WireReader(bytes);
            return new ReplicationMessages.Received(reader.Number(), reader.Number());
        });

    public static readonly WireForm<ReplicationMessages.Ended> Ended = new(
        "ended.v1",
        ended => Numbers(ended.Attempt),
        bytes => new ReplicationMessages.Ended(new WireReader(bytes).Number()));

    private static byte[] Numbers(params ReadOnlySpan<long> numbers)
    {
        using var writer = new WireWriter(20);
        foreach (var number in numbers)
        {
            writer.Number(number);
        }

        return writer.ToArray();
    }

    private static byte[] WriteState(ReplicationMessages.State state)
    {
        using var writer = new WireWriter(64 + state.Objects.Sum(obj => obj.Utf8.Length + 128));
        writer.Number(state.Attempt);
        writer.Number(state.Number);
        writer.Number(state.Revision.Value);
        writer.Byte(state.Last ? (byte)1 : (byte)0);
        writer.Number(state.Objects.Length);
        foreach (var obj in state.Objects)
        {
            writer.Object(obj);
        }

        return writer.ToArray();
    }

    private static ReplicationMessages.State ReadState(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        var attempt = reader.Number();
        var number = reader.Number();
        var revision = reader.Revision();
        var last = reader.Byte() != 0;
        var objects = ImmutableArray.CreateBuilder<StoredObject>(reader.Count());
        for (var left = objects.Capacity; left > 0; left--)
        {
            objects.Add(reader.Object());
        }

        return new ReplicationMessages.State(attempt, number, revision, objects.MoveToImmutable(), last);
    }
}
