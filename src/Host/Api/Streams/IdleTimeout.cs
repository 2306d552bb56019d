namespace ActorOrchestrator.Host.Api.Streams;

/// <summary>Ends a conversation in which nothing was said for long.</summary>
internal sealed class IdleTimeout(TimeSpan limit, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _silence = new(limit, time);

    public CancellationToken Token => _silence.Token;

    public void Touch()
    {
        if (!_silence.IsCancellationRequested)
        {
            _silence.CancelAfter(limit);
        }
    }

    public void Dispose() => _silence.Dispose();
}
