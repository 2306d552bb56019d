using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Formats;
using ActorOrchestrator.Host.Api.Resources;

namespace ActorOrchestrator.Host.Api.Watch;

/// <summary>Frames watch events: one JSON object a line, in the shape the client takes. Stored bytes are copied, never parsed.</summary>
internal sealed class WatchWriter(ApiRequest request, ResponseFormat format, IObjectTables tables, PipeWriter output)
{
    private const int Full = 64 * 1024;
    private readonly byte[] _head = Encoding.UTF8.GetBytes(
        $"{{\"type\":\"BOOKMARK\",\"object\":{{\"kind\":\"{request.Descriptor.Kind}\",\"apiVersion\":\"{request.Descriptor.ApiVersion}\",\"metadata\":{{\"resourceVersion\":\"");

    private int _pending;
    private bool _headingsSent;

    public bool HasPending => _pending > 0;
    public bool IsFull => _pending >= Full;

    public void Event(ReadOnlySpan<byte> type, StoredObject obj)
    {
        Begin(type);
        switch (format.Shape)
        {
            case ResponseShape.Table:
                var table = tables.Render(
                    request.Descriptor, new TablePage([obj], obj.Revision, "", null), format.MetaVersion, ObjectResponse.TableObjects(request.Http), !_headingsSent);
                _headingsSent = true;
                output.Write(table.Span);
                break;
            case ResponseShape.Metadata:
                MetadataView.Write(output, obj, format.MetaVersion);
                break;
            default:
                output.Write(obj.Utf8.Span);
                break;
        }

        output.Write("}\n"u8);
        _pending += obj.Utf8.Length + 32;
    }

    public void Bookmark(Revision revision, bool endOfInitialEvents)
    {
        output.Write(_head);
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(revision.Value, digits, out var length);
        output.Write(digits[..length]);
        output.Write(endOfInitialEvents
            ? "\",\"creationTimestamp\":null,\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}}}}\n"u8
            : "\",\"creationTimestamp\":null}}}\n"u8);
        _pending += 200;
    }

    public void Error(ApiStatus status)
    {
        Begin("ERROR"u8);
        StatusWriter.Write(output, status);
        output.Write("}\n"u8);
        _pending += 200;
    }

    /// <summary>False when the client is gone.</summary>
    public async ValueTask<bool> FlushAsync()
    {
        _pending = 0;
        var flushed = await output.FlushAsync(request.Http.RequestAborted).ConfigureAwait(false);
        return !flushed.IsCompleted && !flushed.IsCanceled;
    }

    private void Begin(ReadOnlySpan<byte> type)
    {
        output.Write("{\"type\":\""u8);
        output.Write(type);
        output.Write("\",\"object\":"u8);
    }
}
