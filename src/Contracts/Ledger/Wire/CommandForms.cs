using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Ledger.Wire;

/// <summary>Commands and replies between hosts.</summary>
internal static class CommandForms
{
    private const byte CreateTag = 1;
    private const byte ReplaceTag = 2;
    private const byte RemoveTag = 3;

    public static readonly WireForm<LedgerCommands.Commit> Commit = new("commit.v1", WriteCommit, ReadCommit);

    public static readonly WireForm<LedgerReplies.Committed> Committed = new("committed.v1", WriteCommitted, ReadCommitted);

    public static readonly WireForm<LedgerReplies.Unavailable> Unavailable = new(
        "unavailable.v1",
        unavailable =>
        {
            using var writer = new WireWriter(128);
            writer.Text(unavailable.Why);
            return writer.ToArray();
        },
        bytes => new LedgerReplies.Unavailable(new WireReader(bytes).Text()));

    public static readonly WireForm<LedgerQueries.NewestRevision> NewestRevision = new(
        "newest-revision.v1", _ => [], _ => LedgerQueries.NewestRevision.Instance);

    public static readonly WireForm<LedgerQueries.NewestRevisionIs> NewestRevisionIs = new(
        "newest-revision-is.v1",
        newest =>
        {
            using var writer = new WireWriter(10);
            writer.Number(newest.Revision.Value);
            return writer.ToArray();
        },
        bytes => new LedgerQueries.NewestRevisionIs(new WireReader(bytes).Revision()));

    private static byte[] WriteCommit(LedgerCommands.Commit commit)
    {
        using var writer = new WireWriter(64 + commit.Writes.Sum(SizeOf));
        writer.Provenance(commit.Provenance);
        writer.Number(commit.Writes.Length);
        foreach (var write in commit.Writes)
        {
            WriteWrite(writer, write);
        }

        // What came later stands at the end and only where it says something.
        if (commit.Together)
        {
            writer.Byte(1);
        }

        return writer.ToArray();
    }

    private static LedgerCommands.Commit ReadCommit(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        var provenance = reader.Provenance();
        var writes = ImmutableArray.CreateBuilder<LedgerCommands.Write>(reader.Count());
        for (var left = writes.Capacity; left > 0; left--)
        {
            writes.Add(ReadWrite(ref reader));
        }

        return new LedgerCommands.Commit(writes.MoveToImmutable(), provenance) { Together = !reader.AtEnd && reader.Byte() == 1 };
    }

    private static int SizeOf(LedgerCommands.Write write) => 128 + write switch
    {
        LedgerCommands.Create create => create.Body.Utf8.Length,
        LedgerCommands.Replace replace => replace.Body.Utf8.Length,
        LedgerCommands.Remove remove => remove.LastState?.Utf8.Length ?? 0,
        _ => 0,
    };

    private static void WriteWrite(WireWriter writer, LedgerCommands.Write write)
    {
        switch (write)
        {
            case LedgerCommands.Create create:
                writer.Byte(CreateTag);
                writer.Key(create.Key);
                writer.Text(create.Uid);
                writer.Body(create.Body);
                writer.Texts(create.Claims);
                break;
            case LedgerCommands.Replace replace:
                writer.Byte(ReplaceTag);
                writer.Key(replace.Key);
                writer.Body(replace.Body);
                writer.Number(replace.Expected.Value);
                writer.Texts(replace.Claims);
                break;
            case LedgerCommands.Remove remove:
                writer.Byte(RemoveTag);
                writer.Key(remove.Key);
                writer.Byte((byte)((remove.Expected is null ? 0 : 1) | (remove.LastState is null ? 0 : 2)));
                if (remove.Expected is { } expected)
                {
                    writer.Number(expected.Value);
                }

                if (remove.LastState is { } lastState)
                {
                    writer.Body(lastState);
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(write), write.GetType(), "The wire knows create, replace and remove.");
        }
    }

    private static LedgerCommands.Write ReadWrite(ref WireReader reader)
    {
        var tag = reader.Byte();
        var key = reader.Key();
        switch (tag)
        {
            case CreateTag:
                var uid = reader.Text();
                var created = reader.Body();
                return new LedgerCommands.Create(key, uid, created, reader.Texts());
            case ReplaceTag:
                var replaced = reader.Body();
                var expected = reader.Revision();
                return new LedgerCommands.Replace(key, replaced, expected, reader.Texts());
            case RemoveTag:
                var has = reader.Byte();
                Revision? removed = (has & 1) == 0 ? null : reader.Revision();
                ObjectBody? lastState = (has & 2) == 0 ? null : reader.Body();
                return new LedgerCommands.Remove(key, removed, lastState);
            default:
                throw new InvalidDataException($"A write has the unknown tag {tag}.");
        }
    }

    private static byte[] WriteCommitted(LedgerReplies.Committed committed)
    {
        using var writer = new WireWriter(64 + committed.Results.Sum(result => 128 + (result.Object?.Utf8.Length ?? 0)));
        writer.Number(committed.Results.Length);
        foreach (var result in committed.Results)
        {
            writer.Byte((byte)result.Outcome);
            writer.Byte((byte)((result.Object is null ? 0 : 1) | (result.Claim is null ? 0 : 2)));
            if (result.Object is { } obj)
            {
                writer.Object(obj);
            }

            if (result.Claim is { } claim)
            {
                writer.Text(claim);
            }
        }

        return writer.ToArray();
    }

    private static LedgerReplies.Committed ReadCommitted(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        var results = ImmutableArray.CreateBuilder<WriteResult>(reader.Count());
        for (var left = results.Capacity; left > 0; left--)
        {
            var outcome = (WriteOutcome)reader.Byte();
            var has = reader.Byte();
            var obj = (has & 1) == 0 ? null : reader.Object();
            results.Add(new WriteResult(outcome, obj, (has & 2) == 0 ? null : reader.Text()));
        }

        return new LedgerReplies.Committed(results.MoveToImmutable());
    }
}
