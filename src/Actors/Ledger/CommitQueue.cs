using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Ledger;
using Akka.Actor;

namespace ActorOrchestrator.Actors.Ledger;

/// <summary>A commit that is decided and waits until its facts, and those that its answer rests on, are durable.</summary>
internal sealed record DecidedCommit(IActorRef Sender, LedgerReplies.Committed Reply);

/// <summary>Commits that become durable together, as one journal row.</summary>
internal sealed class PendingBatch
{
    private readonly ImmutableArray<Fact>.Builder _facts = ImmutableArray.CreateBuilder<Fact>();

    public List<DecidedCommit> Commits { get; } = [];
    public ClusterState After { get; private set; } = ClusterState.Empty;
    public int Facts => _facts.Count;
    public long Bytes { get; private set; }

    public void Add(DecidedCommit commit, LedgerDecision decision)
    {
        Commits.Add(commit);
        After = decision.After;
        foreach (var fact in decision.Facts)
        {
            _facts.Add(fact);
            Bytes += fact.Object.Utf8.Length;
        }
    }

    public FactBatch ToBatch() => new(_facts.ToImmutable());
}

/// <summary>
/// What is decided and not yet durable: the batch that is being written and those that follow it, in order. A commit
/// joins the last batch that has room and is not being written yet.
/// </summary>
internal sealed class CommitQueue(LedgerSettings settings)
{
    private readonly LinkedList<PendingBatch> _waiting = new();
    private int _commits;
    private long _bytes;

    /// <summary>The batch at the journal now.</summary>
    public PendingBatch? Writing { get; private set; }

    public bool IsEmpty => Writing is null && _waiting.Count == 0;

    public bool IsFull => _commits >= settings.QueueCommits || _bytes >= settings.QueueBytes;

    public void Add(DecidedCommit commit, LedgerDecision decision)
    {
        var last = _waiting.Last?.Value;
        if (last is null || last.Facts >= settings.BatchFacts || last.Bytes >= settings.BatchBytes)
        {
            last = _waiting.AddLast(new PendingBatch()).Value;
        }

        var before = last.Bytes;
        last.Add(commit, decision);
        _commits++;
        _bytes += last.Bytes - before;
    }

    /// <summary>The next batch to write; null when one is being written or none waits.</summary>
    public PendingBatch? StartNext()
    {
        if (Writing is not null || _waiting.First is not { } first)
        {
            return null;
        }

        _waiting.RemoveFirst();
        Writing = first.Value;
        return Writing;
    }

    public void Finish()
    {
        _commits -= Writing!.Commits.Count;
        _bytes -= Writing.Bytes;
        Writing = null;
    }

    /// <summary>Empties the queue and names everybody who still waits.</summary>
    public ImmutableArray<IActorRef> Abandon()
    {
        var batches = Writing is null ? _waiting : _waiting.Prepend(Writing);
        ImmutableArray<IActorRef> waiting = [.. batches.SelectMany(batch => batch.Commits).Select(commit => commit.Sender)];
        _waiting.Clear();
        (Writing, _commits, _bytes) = (null, 0, 0);
        return waiting;
    }
}
