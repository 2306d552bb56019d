using System.Threading.Channels;
using ActorOrchestrator.Host.Api.Metrics;
using ActorOrchestrator.Host.Logging;

namespace ActorOrchestrator.Host.Api.Audit;

/// <summary>
/// Where audit events go. Blocking: an answer waits until its line is written. Batch: lines wait in a bounded queue; a line that finds it full
/// is lost, counted, and told of in the host's log.
/// </summary>
internal sealed class AuditLog : IMetricsSource, IAsyncDisposable
{
    private const int BatchLines = 400;

    private readonly AuditFile _file;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly Channel<byte[]>? _queue;
    private readonly Task _writing;
    private long _events;
    private long _dropped;
    private long _failed;

    public AuditLog(AuditSettings settings, TimeProvider time)
    {
        _time = time;
        _file = new AuditFile(settings.LogFile, settings.MaxBytes, settings.MaxAge, settings.MaxBackups, time);
        _queue = settings.Blocking ? null : Channel.CreateBounded<byte[]>(new BoundedChannelOptions(settings.Queue) { SingleReader = true });
        _writing = _queue is null ? Task.CompletedTask : WriteQueuedAsync(_queue.Reader);
    }

    /// <summary>Lines that were lost because the queue was full.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public ValueTask WriteAsync(byte[] line)
    {
        Interlocked.Increment(ref _events);
        if (_queue is null)
        {
            return new ValueTask(WriteNowAsync(line));
        }

        if (!_queue.Writer.TryWrite(line))
        {
            var lost = Interlocked.Increment(ref _dropped);
            if (lost == 1 || lost % 1000 == 0)
            {
                LogFile.Write(_time.GetUtcNow(), "ERROR", nameof(AuditLog), $"The queue of audit events is full; {lost} were lost since the start", null);
            }
        }

        return default;
    }

    public void Write(MetricsWriter writer)
    {
        writer.Counter("apiserver_audit_event_total", "Counter of audit events generated and sent to the audit backend.", Interlocked.Read(ref _events));
        writer.Family("apiserver_audit_error_total", "counter", "Counter of audit events that failed to be audited properly. Plugin identifies the plugin affected by the error.");
        writer.Sample("apiserver_audit_error_total", "plugin=\"buffered\"", Dropped);
        writer.Sample("apiserver_audit_error_total", "plugin=\"log\"", Interlocked.Read(ref _failed));
    }

    public async ValueTask DisposeAsync()
    {
        _queue?.Writer.Complete();
        await _writing.ConfigureAwait(false);
        _file.Dispose();
        _one.Dispose();
    }

    private async Task WriteNowAsync(ReadOnlyMemory<byte> lines)
    {
        await _one.WaitAsync().ConfigureAwait(false);
        try
        {
            await _file.AppendAsync(lines, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // The request has been answered for already; that its trace is missing must not stay unsaid.
            Interlocked.Increment(ref _failed);
            LogFile.Write(_time.GetUtcNow(), "ERROR", nameof(AuditLog), "The audit log cannot be written", failed);
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task WriteQueuedAsync(ChannelReader<byte[]> queue)
    {
        using var batch = new MemoryStream();
        while (await queue.WaitToReadAsync().ConfigureAwait(false))
        {
            batch.SetLength(0);
            for (var lines = 0; lines < BatchLines && queue.TryRead(out var line); lines++)
            {
                batch.Write(line);
            }

            await WriteNowAsync(batch.ToArray()).ConfigureAwait(false);
        }
    }
}
