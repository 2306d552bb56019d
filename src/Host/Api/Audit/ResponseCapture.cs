using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorOrchestrator.Host.Api.Audit;

/// <summary>Passes an answer on and keeps a copy, up to a bound.</summary>
internal sealed class ResponseCapture(Stream inner, long limit) : Stream
{
    private readonly MemoryStream _copy = new();
    private bool _tooLong;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The object that was answered; null when it is not plain JSON, or too long.</summary>
    public JsonNode? Object(HttpResponse response)
    {
        if (_tooLong || _copy.Length == 0 || response.Headers.ContentEncoding.Count > 0 || response.ContentType?.StartsWith("application/json", StringComparison.Ordinal) != true)
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(_copy.GetBuffer().AsSpan(0, (int)_copy.Length));
        }
        catch (JsonException)
        {
            // A stream of several objects is none.
            return null;
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Keep(buffer.Span);
        await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count)
    {
        Keep(buffer.AsSpan(offset, count));
        inner.Write(buffer, offset, count);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_copy.Length + bytes.Length > limit)
        {
            _tooLong = true;
            _copy.SetLength(0);
        }

        if (!_tooLong)
        {
            _copy.Write(bytes);
        }
    }
}
