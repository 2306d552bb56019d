using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Ledger;
using Akka.Actor;
using Akka.Persistence;

namespace ActorOrchestrator.Actors.Ledger.History;

/// <summary>One row of the journal.</summary>
internal readonly record struct JournalRow(long SequenceNumber, FactBatch Batch);

/// <summary>
/// Reads some rows of the journal by the words in which a recovery asks for them, so that it works with every journal and beside its writer. It lives for one answer.
/// </summary>
internal sealed class JournalReadActor : ReceiveActor
{
    private readonly ImmutableArray<JournalRow>.Builder _rows = ImmutableArray.CreateBuilder<JournalRow>();
    private readonly TaskCompletionSource<ImmutableArray<JournalRow>> _answer;
    private readonly long _from;
    private readonly int _count;
    private readonly TimeSpan _patience;

    public static Props Props(long from, int count, TimeSpan patience, TaskCompletionSource<ImmutableArray<JournalRow>> answer) =>
        Akka.Actor.Props.Create(() => new JournalReadActor(from, count, patience, answer));

    public JournalReadActor(long from, int count, TimeSpan patience, TaskCompletionSource<ImmutableArray<JournalRow>> answer)
    {
        (_from, _count, _patience, _answer) = (from, count, patience, answer);
        Receive<ReplayedMessage>(row => _rows.Add(new JournalRow(row.Persistent.SequenceNr, (FactBatch)row.Persistent.Payload)));
        Receive<RecoverySuccess>(_ => End(() => _answer.TrySetResult(_rows.ToImmutable())));
        Receive<ReplayMessagesFailure>(failed => End(() => _answer.TrySetException(new LedgerUnavailableException($"The ledger's history could not be read: {failed.Cause.Message}"))));
        Receive<ReceiveTimeout>(_ => End(() => _answer.TrySetException(new LedgerUnavailableException($"The ledger's journal did not answer within {_patience.TotalSeconds:0} s."))));
    }

    private void End(Action answer)
    {
        answer();
        Context.Stop(Self);
    }

    protected override void PreStart()
    {
        Context.SetReceiveTimeout(_patience);
        Persistence.Instance.Apply(Context.System).JournalFor("").Tell(new ReplayMessages(_from, long.MaxValue, _count, LedgerActor.JournalId, Self));
    }

    protected override void PostStop() => _answer.TrySetException(new LedgerUnavailableException("The ledger is stopping; try again later."));
}
