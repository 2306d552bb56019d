using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Ledger.History;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Formats;
using ActorOrchestrator.Host.Api.Metrics;
using ActorOrchestrator.Host.Api.Resources;
using ActorOrchestrator.Host.Api.WebSockets;

namespace ActorOrchestrator.Host.Api.Watch;

/// <summary>
/// <c>?watch=true</c>. One watcher is one loop over a bounded feed: it writes what the feed gives and waits for the client to take it. A client that does not
/// take it falls out of the feed's bound and is told 410, so that it never grows the server.
/// Invariants: events come in revision order, none twice, none left out; after a bookmark everything up to its revision was sent.
/// </summary>
internal sealed class WatchEndpoint(
    IClusterReader reader, RevisionReads reads, IObjectTables tables, ApiSettings settings, RequestMetrics metrics, TimeProvider time, IHostApplicationLifetime lifetime, KindLifetimes kinds)
{
    public async Task WatchAsync(ApiRequest request)
    {
        var format = request.StreamFormat;
        ListOptions.CheckWatch(request);
        var life = Life(request);
        var selection = new WatchSelection(request);
        bool? initial = request.Query("sendInitialEvents").Length == 0 ? null : request.Flag("sendInitialEvents");
        var revision = request.Revision();
        var start = revision is { } asked && asked != Revision.None && initial != true
            ? await reads.AtLeastAsync(asked, request.Http.RequestAborted).ConfigureAwait(false)
            : await reads.ForListAsync(request).ConfigureAwait(false);
        var from = revision is { } resume && resume != Revision.None && initial != true ? resume : start.Revision;
        using var feed = await reads.FeedAsync(request.Descriptor.Type, from, request.Http.RequestAborted).ConfigureAwait(false);
        var span = new Span(start, from, revision, initial, life);
        if (WebSocketUpgrade.IsAsked(request.Http))
        {
            var aborted = request.Http.RequestAborted;
            await WebSocketUpgrade.ServeAsync(request.Http, socket => OneWaySocket.ServeAsync(socket, gone =>
            {
                request.Http.RequestAborted = gone;
                var binary = format.Syntax == ResponseSyntax.Protobuf;
                return StreamAsync(request, format, selection, new WebSocketOutput(socket, binary), feed, span);
            }, aborted)).ConfigureAwait(false);
            return;
        }

        request.Http.Response.ContentType = format.Syntax == ResponseSyntax.Protobuf ? format.ContentType + ";stream=watch" : format.ContentType;
        await request.Http.Response.StartAsync(request.Http.RequestAborted).ConfigureAwait(false);
        await StreamAsync(request, format, selection, new BodyOutput(request.Http.Response.BodyWriter), feed, span).ConfigureAwait(false);
    }

    private async Task StreamAsync(ApiRequest request, ResponseFormat format, WatchSelection selection, WatchOutput output, FactFeed? feed, Span span)
    {
        var (start, from, revision, initial, life) = span;
        var writer = new WatchWriter(request, format, tables, metrics, output);
        if (feed is null)
        {
            writer.Error(ApiStatus.Gone($"too old resource version: {from} ({reader.OldestWatchable})"));
            await writer.FlushAsync().ConfigureAwait(false);
            return;
        }

        try
        {
            var wantsState = initial ?? (revision is null || revision == Revision.None);
            if (wantsState)
            {
                await SendStateAsync(request, selection, start, writer).ConfigureAwait(false);
                if (initial == true && request.Flag("allowWatchBookmarks"))
                {
                    writer.Bookmark(start.Revision, endOfInitialEvents: true);
                }
            }

            await writer.FlushAsync().ConfigureAwait(false);
            await FollowAsync(request, selection, feed, writer, from, life).ConfigureAwait(false);
        }
        catch (VersionConversionException failed)
        {
            // The head of the answer is out already: the stream tells what is wrong and ends, and the client comes again.
            writer.Error(failed.Status);
            await writer.FlushAsync().ConfigureAwait(false);
        }
    }

    private async Task FollowAsync(ApiRequest request, WatchSelection selection, FactFeed feed, WatchWriter writer, Revision from, TimeSpan life)
    {
        var bookmarks = request.Flag("allowWatchBookmarks");
        var end = time.GetUtcNow() + life;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(
            request.Http.RequestAborted, lifetime.ApplicationStopping, request.Descriptor.Custom is null ? default : kinds.Of(request.Descriptor));
        var told = from;
        var seen = from;
        var nextBookmark = time.GetUtcNow() + settings.BookmarkInterval;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var now = time.GetUtcNow();
                var patience = (end < nextBookmark ? end : nextBookmark) - now;
                var batch = await feed.NextAsync(patience > TimeSpan.Zero ? patience : TimeSpan.Zero, stop.Token).ConfigureAwait(false);
                foreach (var fact in batch.Facts)
                {
                    selection.Write(selection.ByView ? await ViewedAsync(request, fact).ConfigureAwait(false) : fact, writer);
                }

                await writer.ConvertAsync().ConfigureAwait(false);
                seen = batch.SeenUpTo > seen ? batch.SeenUpTo : seen;
                now = time.GetUtcNow();
                var ends = now >= end;
                if (bookmarks && seen > told && (ends || now >= nextBookmark))
                {
                    writer.Bookmark(seen, endOfInitialEvents: false);
                    told = seen;
                }

                nextBookmark = now >= nextBookmark ? now + settings.BookmarkInterval : nextBookmark;
                if (writer.HasPending && !await writer.FlushAsync().ConfigureAwait(false))
                {
                    return;
                }

                if (ends)
                {
                    return;
                }
            }
        }
        catch (SlowWatcherException)
        {
            writer.Error(ApiStatus.Gone($"too old resource version: {seen} ({reader.OldestWatchable})"));
            await writer.FlushAsync().ConfigureAwait(false);
        }
        catch (HistoryBusyException busy)
        {
            writer.Error(RequestStatuses.TooManyRequests(busy.Message));
            await writer.FlushAsync().ConfigureAwait(false);
        }
        catch (LedgerUnavailableException away)
        {
            writer.Error(ApiStatus.Unavailable(away.Message));
            await writer.FlushAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The client left, the host stops or the kind has changed: the stream just ends.
        }
    }

    /// <summary>A fact as it looks in the version of the watch, before and after.</summary>
    private static async ValueTask<Fact> ViewedAsync(ApiRequest request, Fact fact)
    {
        var before = fact.Previous is { } previous ? await ServedView.OfAsync(request.Descriptor, previous, request.Http.RequestAborted).ConfigureAwait(false) : null;
        var after = await ServedView.OfAsync(request.Descriptor, fact.Object, request.Http.RequestAborted).ConfigureAwait(false);
        return fact with { Object = after, Previous = before };
    }

    private static async Task SendStateAsync(ApiRequest request, WatchSelection selection, ClusterSnapshot start, WatchWriter writer)
    {
        foreach (var stored in ListEndpoint.Candidates(start, request.Path, selection.Fields, null))
        {
            var obj = selection.ByView ? await ServedView.OfAsync(request.Descriptor, stored, request.Http.RequestAborted).ConfigureAwait(false) : stored;
            if (selection.Includes(obj))
            {
                writer.Event("ADDED"u8, obj);
                if (writer.IsFull)
                {
                    await writer.ConvertAsync().ConfigureAwait(false);
                    await writer.FlushAsync().ConfigureAwait(false);
                }
            }
        }

        await writer.ConvertAsync().ConfigureAwait(false);
    }

    /// <param name="Start">The state at which the watch begins.</param>
    /// <param name="From">After which revision it tells of changes.</param>
    /// <param name="Asked">The revision that the client named.</param>
    /// <param name="Initial">Whether the client wants the state first; null leaves it to the revision.</param>
    /// <param name="Life">How long it lasts.</param>
    private readonly record struct Span(ClusterSnapshot Start, Revision From, Revision? Asked, bool? Initial, TimeSpan Life);

    private TimeSpan Life(in ApiRequest request)
    {
        if (request.Number("timeoutSeconds") is > 0 and var seconds)
        {
            return TimeSpan.FromSeconds(Math.Min(seconds, 24 * 3600));
        }

        // Spread, so that a thousand watches that began together do not end together.
        return settings.WatchLife * (1 + (System.Security.Cryptography.RandomNumberGenerator.GetInt32(1_000_000) / 1e6));
    }
}
