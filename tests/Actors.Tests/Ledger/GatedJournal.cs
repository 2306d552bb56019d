using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Persistence;
using Akka.Persistence.Journal;

namespace ActorOrchestrator.Actors.Tests.Ledger;

/// <summary>The in-memory journal with a gate before every write, so that a test decides when and how each ends. One per actor system.</summary>
public sealed class GatedJournal : MemoryJournal
{
    private static readonly ConcurrentDictionary<string, Gate> Gates = new();

    public const string Config = """
        akka.loglevel = OFF
        akka.persistence.journal.plugin = "gated"
        akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
        gated {
          class = "ActorOrchestrator.Actors.Tests.Ledger.GatedJournal, ActorOrchestrator.Actors.Tests"
          plugin-dispatcher = "akka.actor.default-dispatcher"
        }
        """;

    private readonly Gate _gate = GateOf(Context.System.Name);

    public static Gate GateOf(string systemName) => Gates.GetOrAdd(systemName, _ => new Gate());

    protected override async Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        var writes = messages.ToArray();
        await _gate.PassAsync();
        if (_gate.FailBefore)
        {
            throw new IOException("No space left on device");
        }

        var rejections = await base.WriteMessagesAsync(writes, cancellationToken);
        Interlocked.Add(ref _gate.Rows, writes.Sum(write => write.Size));
        return _gate.FailAfter ? throw new IOException("The connection broke after the commit") : rejections;
    }

    protected override async Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken)
    {
        await base.DeleteMessagesToAsync(persistenceId, toSequenceNr, cancellationToken);
        Volatile.Write(ref _gate.DeletedUpTo, toSequenceNr);
    }

    public sealed class Gate
    {
        private volatile TaskCompletionSource _open = Opened();

        public int Rows;
        public long DeletedUpTo;

        /// <summary>Writes fail and leave nothing behind.</summary>
        public volatile bool FailBefore;

        /// <summary>Writes are made, but the writer is told that they failed.</summary>
        public volatile bool FailAfter;

        public Task PassAsync() => _open.Task;

        public void Close() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Open() => _open.TrySetResult();

        private static TaskCompletionSource Opened()
        {
            var opened = new TaskCompletionSource();
            opened.SetResult();
            return opened;
        }
    }
}
