using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Ledger.History;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;

namespace ActorOrchestrator.Host.Api.Resources;

/// <summary>Finds the state that a read's <c>resourceVersion</c> and <c>resourceVersionMatch</c> ask for.</summary>
internal sealed class RevisionReads(IClusterReader reader, IReadConsistency consistency, ApiSettings settings, TimeProvider time)
{
    public ValueTask<ClusterSnapshot> ForGetAsync(in ApiRequest request)
    {
        if (!request.Http.Request.QueryString.HasValue || request.Revision() is not { } revision)
        {
            return consistency.NewestAsync(request.Http.RequestAborted);
        }

        return AtLeastAsync(revision, request.Http.RequestAborted);
    }

    public ValueTask<ClusterSnapshot> ForListAsync(in ApiRequest request)
    {
        if (!request.Http.Request.QueryString.HasValue || request.Revision() is not { } revision)
        {
            return consistency.NewestAsync(request.Http.RequestAborted);
        }

        // A list in pieces that names a revision has always meant exactly that one.
        var match = request.Query("resourceVersionMatch");
        return match == ListOptions.Exact || (match.Length == 0 && revision != Revision.None && request.Number("limit") > 0)
            ? ExactlyAsync(revision, request.Http.RequestAborted)
            : AtLeastAsync(revision, request.Http.RequestAborted);
    }

    /// <summary>A state at or past a revision; waits a little for one that this host has not seen yet.</summary>
    public ValueTask<ClusterSnapshot> AtLeastAsync(Revision revision, CancellationToken aborted)
    {
        var current = reader.Current;
        return current.Revision >= revision ? new ValueTask<ClusterSnapshot>(current) : WaitAsync(revision, aborted);
    }

    private async ValueTask<ClusterSnapshot> ExactlyAsync(Revision revision, CancellationToken aborted)
    {
        await AtLeastAsync(revision, aborted).ConfigureAwait(false);
        return await PastAsync(revision, aborted).ConfigureAwait(false)
            ?? throw new ApiException(ApiStatus.Gone("The resourceVersion for the provided list is too old."));
    }

    /// <summary>A state of the past as far back as anything is kept of it; null beyond.</summary>
    /// <exception cref="ApiException">429: too many look back.</exception>
    public async ValueTask<ClusterSnapshot?> PastAsync(Revision revision, CancellationToken aborted)
    {
        try
        {
            return await reader.AtAsync(revision, aborted).ConfigureAwait(false);
        }
        catch (HistoryBusyException busy)
        {
            throw new ApiException(RequestStatuses.TooManyRequests(busy.Message));
        }
    }

    /// <summary>A feed from as far back as anything is kept; null beyond.</summary>
    /// <exception cref="ApiException">429: too many look back.</exception>
    public async ValueTask<FactFeed?> FeedAsync(ResourceType type, Revision after, CancellationToken aborted)
    {
        try
        {
            return await reader.WatchAsync(type, after, aborted).ConfigureAwait(false);
        }
        catch (HistoryBusyException busy)
        {
            throw new ApiException(RequestStatuses.TooManyRequests(busy.Message));
        }
    }

    private async ValueTask<ClusterSnapshot> WaitAsync(Revision revision, CancellationToken aborted)
    {
        using var patience = new CancellationTokenSource(settings.RevisionPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(aborted, patience.Token);
        try
        {
            return await reader.AtLeastAsync(revision, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            throw new ApiException(RequestStatuses.RevisionTooLarge(revision, reader.Current.Revision));
        }
    }
}
