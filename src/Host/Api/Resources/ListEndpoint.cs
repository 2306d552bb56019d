using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Text;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema.Protobuf;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Formats;

namespace ActorOrchestrator.Host.Api.Resources;

/// <summary>GET of a collection, whole or in pieces that all show one revision.</summary>
internal sealed class ListEndpoint(IClusterReader reader, RevisionReads reads, IObjectTables tables, ApiSettings settings)
{
    private const int FlushFrom = 64 * 1024;

    public async Task ListAsync(ApiRequest request)
    {
        var format = request.Format;
        var page = await SelectAsync(request).ConfigureAwait(false);
        await WriteAsync(request, format, page).ConfigureAwait(false);
    }

    /// <summary>Writes a list in the form that the client takes.</summary>
    public async Task WriteAsync(ApiRequest request, ResponseFormat format, TablePage page)
    {
        if (!request.Descriptor.ServedAsStored)
        {
            page = page with { Objects = await ServedView.OfAsync(request.Descriptor, page.Objects, request.Http.RequestAborted).ConfigureAwait(false) };
        }

        switch (format)
        {
            case { Shape: ResponseShape.Table }:
                var table = tables.Render(request.Descriptor, page, format.MetaVersion, ObjectResponse.TableObjects(request.Http), headings: true);
                await (format is { Syntax: ResponseSyntax.Json, Pretty: false }
                    ? ObjectResponse.WriteLargeAsync(request.Http, table, format.ContentType, settings.CompressFrom)
                    : ObjectResponse.WriteBytesAsync(request.Http, table, format)).ConfigureAwait(false);
                break;
            case { Syntax: ResponseSyntax.Protobuf }:
                using (var encoder = new ProtobufEncoder())
                {
                    Encode(encoder, request.Descriptor, format, page);
                    await ObjectResponse.WriteLargeAsync(request.Http, encoder.Written, format.ContentType, settings.CompressFrom).ConfigureAwait(false);
                }

                break;
            case { Syntax: ResponseSyntax.Json, Pretty: false }:
                await StreamAsync(request, format, page).ConfigureAwait(false);
                break;
            default:
                var buffer = new ArrayBufferWriter<byte>(64 * 1024);
                Compose(buffer, request, format, page);
                await ObjectResponse.WriteBytesAsync(request.Http, buffer.WrittenMemory, format).ConfigureAwait(false);
                break;
        }
    }

    /// <summary>What the request's selectors, limit and continue token choose.</summary>
    public async ValueTask<TablePage> SelectAsync(ApiRequest request)
    {
        ListOptions.CheckList(request);
        var labels = request.Labels();
        var fields = request.Fields();
        var limit = request.Number("limit") ?? 0;
        var token = request.Query("continue");
        ContinueToken? from = token.Length == 0 ? null : ContinueToken.Decode(token);
        if (from is not null && request.Revision() is { } given && given != Revision.None)
        {
            throw ApiException.BadRequest("specifying resource version is not allowed when using continue");
        }

        var snapshot = from is { } start ? await ResumeAsync(start, request).ConfigureAwait(false) : await reads.ForListAsync(request).ConfigureAwait(false);
        var path = request.Path;
        var chosen = new List<StoredObject>();
        var remaining = 0L;
        foreach (var obj in await ViewedAsync(request, fields, Candidates(snapshot, path, fields, from)).ConfigureAwait(false))
        {
            if ((!labels.IsEverything && !labels.Matches(obj.Metadata.Labels)) || (!fields.IsEverything && !fields.Matches(obj)))
            {
                continue;
            }

            if (limit > 0 && chosen.Count >= limit)
            {
                remaining++;
                if (!labels.IsEverything || !fields.IsEverything)
                {
                    break;
                }

                continue;
            }

            chosen.Add(obj);
        }

        var next = remaining == 0 ? "" : new ContinueToken(snapshot.Revision.Value, chosen[^1].Key.Namespace, chosen[^1].Key.Name).Encode();

        // With a selector upstream does not count what is left, and neither do we.
        var told = remaining > 0 && labels.IsEverything && fields.IsEverything ? remaining : (long?)null;
        return new TablePage(chosen, snapshot.Revision, next, told);
    }

    /// <summary>
    /// A custom kind's fields are those of the version that is asked for: where they are selected by, the objects are brought into it first. A second time
    /// changes nothing.
    /// </summary>
    internal static bool SelectsByView(ResourceDescriptor descriptor, FieldSelector fields) =>
        descriptor.Custom is not null && !descriptor.ServedAsStored && fields.Requirements.Any(requirement => !requirement.Field.Label.StartsWith("metadata.", StringComparison.Ordinal));

    private static async ValueTask<IEnumerable<StoredObject>> ViewedAsync(ApiRequest request, FieldSelector fields, IEnumerable<StoredObject> candidates) =>
        SelectsByView(request.Descriptor, fields)
            ? await ServedView.OfAsync(request.Descriptor, [.. candidates], request.Http.RequestAborted).ConfigureAwait(false)
            : candidates;

    internal static IEnumerable<StoredObject> Candidates(ClusterSnapshot snapshot, ApiPath path, FieldSelector fields, ContinueToken? from)
    {
        var type = path.Descriptor.Type;
        if (from is { } start)
        {
            return snapshot.After(type, path.Namespace, start.Namespace, start.Name);
        }

        if (path.Name.Length > 0)
        {
            return snapshot.Find(path.Key) is { } named ? [named] : [];
        }

        var exact = fields.ExactName;
        if (exact is not null && (path.Namespace.Length > 0 || !path.Descriptor.Namespaced))
        {
            return snapshot.Find(new ObjectKey(type, path.Namespace, exact)) is { } only ? [only] : [];
        }

        if (type == ResourceTypes.Pods && fields.ExactValue("spec.nodeName") is { Length: > 0 } node)
        {
            return snapshot.PodsOnNode(node).Where(pod => path.Namespace.Length == 0 || pod.Key.Namespace == path.Namespace).OrderBy(pod => pod.Key);
        }

        return path.Namespace.Length > 0 ? snapshot.InNamespace(type, path.Namespace) : snapshot.All(type);
    }

    private async ValueTask<ClusterSnapshot> ResumeAsync(ContinueToken token, ApiRequest request)
    {
        if (token.Revision == ContinueToken.Inconsistent)
        {
            return reader.Current;
        }

        return await reads.PastAsync(new Revision(token.Revision), request.Http.RequestAborted).ConfigureAwait(false) ?? throw new ApiException(ApiStatus.Gone(
            "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.")
            with { Continue = (token with { Revision = ContinueToken.Inconsistent }).Encode() });
    }

    private async Task StreamAsync(ApiRequest request, ResponseFormat format, TablePage page)
    {
        var context = request.Http;
        context.Response.ContentType = format.ContentType;
        var size = page.Objects.Sum(obj => (long)obj.Utf8.Length);
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        if (size >= settings.CompressFrom && ObjectResponse.TakesGzip(context.Request))
        {
            ObjectResponse.BeginGzip(context.Response);
            await using var gzip = new GZipStream(context.Response.Body, CompressionLevel.Fastest, leaveOpen: true);
            var pipe = PipeWriter.Create(gzip, new StreamPipeWriterOptions(leaveOpen: true, minimumBufferSize: FlushFrom));
            await WriteItemsAsync(pipe, request, format, page).ConfigureAwait(false);
            await pipe.CompleteAsync().ConfigureAwait(false);
            return;
        }

        await WriteItemsAsync(context.Response.BodyWriter, request, format, page).ConfigureAwait(false);
    }

    private static async Task WriteItemsAsync(PipeWriter output, ApiRequest request, ResponseFormat format, TablePage page)
    {
        WriteHead(output, request, format, page);
        var pending = 0;
        for (var i = 0; i < page.Objects.Count; i++)
        {
            var obj = page.Objects[i];
            if (i > 0)
            {
                output.Write(","u8);
            }

            WriteItem(output, format, obj);
            pending += obj.Utf8.Length;
            if (pending >= FlushFrom)
            {
                pending = 0;
                var flushed = await output.FlushAsync(request.Http.RequestAborted).ConfigureAwait(false);
                if (flushed.IsCompleted)
                {
                    return;
                }
            }
        }

        output.Write("]}"u8);
        await output.FlushAsync(request.Http.RequestAborted).ConfigureAwait(false);
    }

    private static void Encode(ProtobufEncoder encoder, ResourceDescriptor descriptor, ResponseFormat format, TablePage page)
    {
        var partial = format.Shape == ResponseShape.Metadata;
        var list = encoder.BeginList(
            partial ? "meta.k8s.io/" + format.MetaVersion : descriptor.ApiVersion,
            partial ? "PartialObjectMetadataList" : descriptor.ListKind,
            page.Revision == Revision.None ? "" : page.Revision.ToString(), page.Continue, page.Remaining);
        foreach (var obj in page.Objects)
        {
            if (partial)
            {
                encoder.ListMetadataItem(MetadataView.MetadataOf(obj.Utf8.Span));
            }
            else
            {
                encoder.ListItem(descriptor.Model!, obj.Utf8.Span);
            }
        }

        encoder.EndList(list);
    }

    private static void Compose(IBufferWriter<byte> output, in ApiRequest request, ResponseFormat format, TablePage page)
    {
        WriteHead(output, request, format, page);
        for (var i = 0; i < page.Objects.Count; i++)
        {
            if (i > 0)
            {
                output.Write(","u8);
            }

            WriteItem(output, format, page.Objects[i]);
        }

        output.Write("]}"u8);
    }

    private static void WriteItem(IBufferWriter<byte> output, ResponseFormat format, StoredObject obj)
    {
        if (format.Shape == ResponseShape.Metadata)
        {
            MetadataView.Write(output, obj, format.MetaVersion);
        }
        else
        {
            output.Write(obj.Utf8.Span);
        }
    }

    private static void WriteHead(IBufferWriter<byte> output, in ApiRequest request, ResponseFormat format, TablePage page)
    {
        var (kind, version) = format.Shape == ResponseShape.Metadata
            ? ("PartialObjectMetadataList", "meta.k8s.io/" + format.MetaVersion)
            : (request.Descriptor.ListKind, request.Descriptor.ApiVersion);
        var head = new StringBuilder(160)
            .Append("{\"kind\":\"").Append(kind).Append("\",\"apiVersion\":\"").Append(version)
            .Append("\",\"metadata\":{");
        if (page.Revision != Revision.None)
        {
            head.Append("\"resourceVersion\":\"").Append(page.Revision.Value).Append('"');
        }

        if (page.Continue.Length > 0)
        {
            head.Append(",\"continue\":\"").Append(page.Continue).Append('"');
        }

        if (page.Remaining is { } remaining)
        {
            head.Append(",\"remainingItemCount\":").Append(remaining);
        }

        output.Write(Encoding.UTF8.GetBytes(head.Append("},\"items\":[").ToString()));
    }
}
