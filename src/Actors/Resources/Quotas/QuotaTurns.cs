using System.Collections.Concurrent;

namespace ActorOrchestrator.Actors.Resources.Quotas;

/// <summary>
/// Writes that change the same accounts take turns on this host, so that they do not spend their time losing to each other. What other hosts write is
/// settled by the compare-and-set alone.
/// </summary>
internal sealed class QuotaTurns
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);

    public async ValueTask<Turn> TakeAsync(string @namespace, CancellationToken cancellation)
    {
        var turn = _turns.GetOrAdd(@namespace, static _ => new SemaphoreSlim(1, 1));
        await turn.WaitAsync(cancellation).ConfigureAwait(false);
        return new Turn(turn);
    }

    public readonly struct Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
