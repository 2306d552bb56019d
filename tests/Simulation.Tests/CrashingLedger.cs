using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.TestSupport.Ledger;

namespace ActorOrchestrator.Simulation.Tests;

/// <summary>When in the life of a row the control plane dies.</summary>
public enum CrashMoment
{
    /// <summary>The row is durable, but nobody has heard of it.</summary>
    BeforeReply,

    /// <summary>Its writer and everybody who observes have been told; nothing more is done about it.</summary>
    AfterReply,

    /// <summary>As after the reply, and every node's agent dies with it: one host for all.</summary>
    WithNodes,
}

/// <summary>What outlives every control plane: the rows that were written.</summary>
internal sealed class Journal
{
    public List<FactBatch> Rows { get; } = [];

    /// <summary>Which row to die at; none when it is not reached.</summary>
    public (int Row, CrashMoment Moment)? CrashAt { get; set; }
}

/// <summary>One life of the ledger on a journal. It decides as the real one does, and dies when it is told to.</summary>
internal sealed class CrashingLedger : ILedger
{
    private const string Gone = "The control plane is gone; the outcome of the write is unknown.";
    private static readonly Task<LedgerReplies.Committed> Silence = new TaskCompletionSource<LedgerReplies.Committed>().Task;
    private readonly Journal _journal;

    public CrashingLedger(Journal journal, TimeProvider time)
    {
        _journal = journal;
        View = new LedgerView(TestLedger.DefaultSettings, time);
        foreach (var row in journal.Rows)
        {
            View.Apply(row);
        }
    }

    public LedgerView View { get; }

    public bool IsDead { get; private set; }

    /// <summary>For those who live elsewhere: a control plane that is gone is an error for them, for its own parts it is the end of all things.</summary>
    public ILedger ForNodes => new FromElsewhere(this);

    /// <summary>Told of each row that somebody hears of.</summary>
    public event Action<FactBatch>? Published;

    public void Die() => IsDead = true;

    public Task<LedgerReplies.Committed> CommitAsync(LedgerCommands.Commit commit, CancellationToken cancellation = default)
    {
        if (IsDead)
        {
            return Silence;
        }

        var decision = LedgerDecider.Decide((ClusterState)View.Current, commit);
        if (!decision.Facts.IsEmpty)
        {
            var row = new FactBatch(decision.Facts);
            _journal.Rows.Add(row);
            IsDead = _journal.CrashAt is { } crash && crash.Row == _journal.Rows.Count;
            if (IsDead && _journal.CrashAt!.Value.Moment == CrashMoment.BeforeReply)
            {
                return Silence;
            }

            View.Apply(row);
            Published?.Invoke(row);
        }

        return Task.FromResult(new LedgerReplies.Committed(decision.Results));
    }

    public Task<Revision> NewestRevisionAsync(CancellationToken cancellation = default) => Task.FromResult(View.Current.Revision);

    private sealed class FromElsewhere(CrashingLedger ledger) : ILedger
    {
        public Task<LedgerReplies.Committed> CommitAsync(LedgerCommands.Commit commit, CancellationToken cancellation = default)
        {
            var reply = ledger.CommitAsync(commit, cancellation);
            return reply.IsCompleted ? reply : Task.FromException<LedgerReplies.Committed>(new LedgerUnavailableException(Gone));
        }

        public Task<Revision> NewestRevisionAsync(CancellationToken cancellation = default) =>
            ledger.IsDead ? Task.FromException<Revision>(new LedgerUnavailableException(Gone)) : ledger.NewestRevisionAsync(cancellation);
    }
}
