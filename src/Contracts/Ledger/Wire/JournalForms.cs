using System.Buffers;
using System.Collections.Immutable;
using System.IO.Compression;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Ledger.Wire;

/// <summary>What is kept: journal rows and snapshots, both with a checksum.</summary>
internal static class JournalForms
{
    /// <summary>Objects are packed in blocks of about this size, so that neither side holds a second copy of the whole state.</summary>
    private const int BlockBytes = 1 << 20;

    /// <summary>A block ends with the object that fills it, and objects are far smaller than this.</summary>
    private const int LargestBlock = 256 << 20;

    public static readonly WireForm<FactBatch> Facts = new(
        "facts.v1",
        batch =>
        {
            using var writer = new WireWriter(SizeOf(batch.Facts));
            WriteFacts(writer, batch.Facts);
            return writer.ToSealedArray();
        },
        bytes =>
        {
            var reader = WireReader.OpenSealed(bytes);
            return new FactBatch(ReadFacts(ref reader));
        });

    public static readonly WireForm<LedgerSnapshot> Snapshot = new("ledger-snapshot.v1", WriteSnapshot, ReadSnapshot);

    public static int SizeOf(ImmutableArray<Fact> facts)
    {
        var size = 64;
        foreach (var fact in facts)
        {
            size += fact.Object.Utf8.Length + fact.Key.Name.Length + 96;
        }

        return size;
    }

    public static void WriteFacts(WireWriter writer, ImmutableArray<Fact> facts)
    {
        writer.Number(facts.Length);
        Provenance? last = null;
        foreach (var fact in facts)
        {
            writer.Byte((byte)fact.Verb);
            // Facts of one command share their provenance.
            var same = last is not null && (ReferenceEquals(last, fact.Provenance) || last == fact.Provenance);
            writer.Byte(same ? (byte)1 : (byte)0);
            if (!same)
            {
                writer.Provenance(fact.Provenance);
                last = fact.Provenance;
            }

            writer.Object(fact.Object);
        }
    }

    public static ImmutableArray<Fact> ReadFacts(ref WireReader reader)
    {
        var facts = ImmutableArray.CreateBuilder<Fact>(reader.Count());
        Provenance? provenance = null;
        for (var left = facts.Capacity; left > 0; left--)
        {
            var verb = (FactVerb)reader.Byte();
            if (verb is < FactVerb.Created or > FactVerb.Deleted)
            {
                throw new InvalidDataException($"A fact has the unknown verb {(byte)verb}.");
            }

            if (reader.Byte() == 0)
            {
                provenance = reader.Provenance();
            }

            facts.Add(new Fact(verb, reader.Object(), provenance ?? throw new InvalidDataException("The first fact has no provenance."), null));
        }

        return facts.MoveToImmutable();
    }

    private static byte[] WriteSnapshot(LedgerSnapshot snapshot)
    {
        using var writer = new WireWriter(BlockBytes);
        writer.Number(snapshot.Revision.Value);
        writer.Number(snapshot.History.Length);
        foreach (var mark in snapshot.History)
        {
            writer.Number(mark.SequenceNumber);
            writer.Number(mark.Revision.Value);
            writer.Time(mark.Time);
            writer.Number(mark.Bytes);
        }

        writer.Number(snapshot.Objects.Count);
        using var objects = snapshot.Objects.GetEnumerator();
        for (var more = objects.MoveNext(); more;)
        {
            using var block = new WireWriter(BlockBytes);
            for (; more && block.Length < BlockBytes; more = objects.MoveNext())
            {
                block.Object(objects.Current);
            }

            WriteBlock(writer, block);
        }

        return writer.ToSealedArray();
    }

    private static void WriteBlock(WireWriter writer, WireWriter block)
    {
        var packed = ArrayPool<byte>.Shared.Rent(BrotliEncoder.GetMaxCompressedLength(block.Length));
        if (!BrotliEncoder.TryCompress(block.Written, packed, out var length, quality: 1, window: 22))
        {
            throw new InvalidOperationException($"A snapshot block of {block.Length} bytes did not fit into {packed.Length}.");
        }

        writer.Number(block.Length);
        writer.Bytes(packed.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(packed);
    }

    private static LedgerSnapshot ReadSnapshot(ReadOnlySpan<byte> bytes)
    {
        var reader = WireReader.OpenSealed(bytes);
        var revision = reader.Revision();
        var history = new JournalMark[reader.Count()];
        for (var index = 0; index < history.Length; index++)
        {
            history[index] = new JournalMark(reader.Number(), reader.Revision(), reader.Time(), reader.Number());
        }

        var count = reader.Number();
        var objects = new List<StoredObject>();
        while (!reader.AtEnd)
        {
            ReadBlock(ref reader, objects);
        }

        return objects.Count == count
            ? new LedgerSnapshot(revision, objects, [.. history])
            : throw new InvalidDataException($"A snapshot of {count} objects holds {objects.Count}.");
    }

    private static void ReadBlock(ref WireReader reader, List<StoredObject> objects)
    {
        var length = reader.Number();
        var packed = reader.Bytes();
        if (length > LargestBlock)
        {
            throw new InvalidDataException($"A snapshot block claims {length} bytes.");
        }

        var block = new byte[length];
        if (!BrotliDecoder.TryDecompress(packed, block, out var written) || written != length)
        {
            throw new InvalidDataException("A snapshot block cannot be unpacked.");
        }

        var inner = new WireReader(block);
        while (!inner.AtEnd)
        {
            objects.Add(inner.Object());
        }
    }
}
