namespace ActorOrchestrator.Host.Api.Streams.Spdy;

/// <summary>
/// How many bytes a peer takes yet. As long as it has never spoken of windows it takes whatever comes: the Go library that Kubernetes' clients are made with knows the frames
/// and never sends one, so that whoever waited for them would wait for ever; such a peer is slowed down by its connection.
/// </summary>
internal sealed class SpdyWindow(long initial)
{
    private readonly Lock _lock = new();
    private long _left = initial;
    private bool _speaks;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Takes up to so many bytes; waits while there is none.</summary>
    public async ValueTask<int> TakeAsync(int wanted, CancellationToken cancellation)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                var taken = (int)(_speaks ? Math.Clamp(_left, 0, wanted) : wanted);
                _left -= taken;
                if (taken > 0 || wanted == 0)
                {
                    return taken;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>The peer takes more, or, where it changed its mind about the beginning, less.</summary>
    /// <exception cref="SpdyException">More than there can be.</exception>
    public void Give(long delta)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            _left += delta;
            if (_left > int.MaxValue)
            {
                throw new SpdyException("a window is larger than windows are");
            }

            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }

    /// <summary>The peer keeps windows.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            _speaks = true;
        }
    }
}
