using System.Buffers;
using System.Text;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema.Protobuf;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Formats;
using ActorOrchestrator.Host.Api.Metrics;
using ActorOrchestrator.Host.Api.Resources;

namespace ActorOrchestrator.Host.Api.Watch;

/// <summary>Frames watch events in the shape the client takes: one JSON object a line, or one protobuf message behind its length. Stored bytes are copied, never parsed.</summary>
internal sealed class WatchWriter(ApiRequest request, ResponseFormat format, IObjectTables tables, RequestMetrics metrics, WatchOutput target)
{
    private const int Full = 64 * 1024;
    private readonly IBufferWriter<byte> _output = target.Buffer;
    private readonly string _labels = $"group=\"{request.Descriptor.Group}\",resource=\"{request.Descriptor.Plural}\",version=\"{request.Descriptor.Version}\"";
    private long _events;
    private int _pending;
    private bool _headingsSent;

    // Events of a converted kind wait here for the next ConvertAsync, in order; null for a kind that goes out as it is stored.
    private readonly List<(byte[] Type, StoredObject Object)>? _unconverted = request.Descriptor.ServedAsStored ? null : [];

    public bool HasPending => _pending > 0;
    public bool IsFull => _pending >= Full;

    public void Event(ReadOnlySpan<byte> type, StoredObject obj)
    {
        if (_unconverted is null)
        {
            Write(type, obj);
            return;
        }

        _unconverted.Add((type.ToArray(), obj));
        _pending += obj.Utf8.Length + 32;
    }

    /// <summary>Brings the events so far into the version of the watch. Call it before a bookmark and before a flush; costs nothing for kinds that need none.</summary>
    /// <exception cref="VersionConversionException">The watch cannot go on.</exception>
    public ValueTask ConvertAsync() => _unconverted is null or [] ? default : ConvertAllAsync(_unconverted);

    private async ValueTask ConvertAllAsync(List<(byte[] Type, StoredObject Object)> events)
    {
        var served = await ServedView.OfAsync(request.Descriptor, [.. events.Select(item => item.Object)], request.Http.RequestAborted).ConfigureAwait(false);
        for (var i = 0; i < served.Count; i++)
        {
            Write(events[i].Type, served[i]);
        }

        events.Clear();
    }

    private void Write(ReadOnlySpan<byte> type, StoredObject obj)
    {
        _events++;
        _pending += obj.Utf8.Length + 32;
        if (format.Syntax == ResponseSyntax.Protobuf)
        {
            var bytes = format.Shape == ResponseShape.Metadata
                ? ProtobufText.Write(MetadataView.Write(obj, format.MetaVersion))!
                : ProtobufText.Write(request.Descriptor, obj);
            ProtobufEncoder.WriteWatchFrame(_output, type, bytes);
            target.EndEvent();
            return;
        }

        Begin(type);
        switch (format.Shape)
        {
            case ResponseShape.Table:
                Table(new TablePage([obj], obj.Revision, "", null));
                break;
            case ResponseShape.Metadata:
                MetadataView.Write(_output, obj, format.MetaVersion);
                break;
            default:
                _output.Write(obj.Utf8.Span);
                break;
        }

        End();
    }

    public void Bookmark(Revision revision, bool endOfInitialEvents)
    {
        _pending += 200;
        if (format.Shape == ResponseShape.Table)
        {
            // A Table of one row whose object is all metadata: what a client reads the revision from.
            Begin("BOOKMARK"u8);
            Table(new TablePage([BookmarkObject(revision, endOfInitialEvents)], revision, "", null));
            End();
            return;
        }

        var json = BookmarkJson(revision, endOfInitialEvents);
        if (format.Syntax == ResponseSyntax.Protobuf)
        {
            ProtobufEncoder.WriteWatchFrame(_output, "BOOKMARK"u8, ProtobufText.Write(json)!);
            target.EndEvent();
            return;
        }

        Begin("BOOKMARK"u8);
        _output.Write(json);
        End();
    }

    public void Error(ApiStatus status)
    {
        _pending += 200;
        if (format.Syntax == ResponseSyntax.Protobuf)
        {
            var json = new ArrayBufferWriter<byte>(256);
            StatusWriter.Write(json, status);
            ProtobufEncoder.WriteWatchFrame(_output, "ERROR"u8, ProtobufText.Write(json.WrittenSpan)!);
            target.EndEvent();
            return;
        }

        Begin("ERROR"u8);
        StatusWriter.Write(_output, status);
        End();
    }

    /// <summary>False when the client is gone.</summary>
    public async ValueTask<bool> FlushAsync()
    {
        _pending = 0;
        if (_events > 0)
        {
            metrics.WatchEvents(_labels, _events);
            _events = 0;
        }

        return await target.FlushAsync(request.Http.RequestAborted).ConfigureAwait(false);
    }

    private void Table(TablePage page)
    {
        var table = tables.Render(request.Descriptor, page, format.MetaVersion, ObjectResponse.TableObjects(request.Http), !_headingsSent);
        _headingsSent = true;
        _output.Write(table.Span);
    }

    private StoredObject BookmarkObject(Revision revision, bool endOfInitialEvents) =>
        new(new ObjectKey(request.Descriptor.Type, "", ""), "", revision, BookmarkJson(revision, endOfInitialEvents), []);

    private byte[] BookmarkJson(Revision revision, bool endOfInitialEvents)
    {
        var (kind, version) = format.Shape == ResponseShape.Metadata
            ? ("PartialObjectMetadata", "meta.k8s.io/" + format.MetaVersion)
            : (request.Descriptor.Kind, request.Descriptor.ApiVersion);
        var annotations = endOfInitialEvents ? ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}" : "";
        return Encoding.UTF8.GetBytes(
            $"{{\"kind\":\"{kind}\",\"apiVersion\":\"{version}\",\"metadata\":{{\"resourceVersion\":\"{revision}\",\"creationTimestamp\":null{annotations}}}}}");
    }

    private void Begin(ReadOnlySpan<byte> type)
    {
        _output.Write("{\"type\":\""u8);
        _output.Write(type);
        _output.Write("\",\"object\":"u8);
    }

    private void End()
    {
        _output.Write("}\n"u8);
        target.EndEvent();
    }
}
