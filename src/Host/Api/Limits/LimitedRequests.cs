using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Metrics;

namespace ActorOrchestrator.Host.Api.Limits;

/// <summary>Between a request that may and its endpoint: how many at once, and for how long.</summary>
internal sealed class LimitedRequests(ResourceEndpoints endpoints, InFlightLimits inFlight, RequestMetrics metrics, ApiSettings settings)
{
    private static readonly ApiStatus TooMany = new(429, "TooManyRequests", "Too many requests, please try again later.") { RetryAfterSeconds = 1 };

    public Task ServeAsync(in ApiRequest request, string verb, RequestSeries series)
    {
        if (IsLongRunning(request.Path, verb))
        {
            return LongAsync(request, verb, series);
        }

        var writes = verb is not ("get" or "list");
        if (!inFlight.TryEnter(request.User, writes))
        {
            metrics.Dropped(writes);
            return StatusWriter.WriteAsync(request.Http, TooMany);
        }

        // A read of one object is answered from memory before anybody could wait for it.
        return verb == "get" && !request.Http.Request.QueryString.HasValue ? ReadAsync(request, verb) : BoundedAsync(request, verb, writes);
    }

    /// <summary>As upstream tells them: they have no deadline and do not count.</summary>
    private static bool IsLongRunning(in ApiPath path, string verb) =>
        verb == "watch" || path.Subresource is "log" or "exec" or "attach" or "portforward" or "proxy";

    private Task ReadAsync(in ApiRequest request, string verb)
    {
        Task served;
        try
        {
            served = endpoints.ServeAsync(request, verb);
        }
        catch
        {
            inFlight.Leave(request.User, writes: false);
            throw;
        }

        if (served.IsCompleted)
        {
            inFlight.Leave(request.User, writes: false);
            return served;
        }

        return LeaveAfterAsync(served, request.User);
    }

    private async Task LeaveAfterAsync(Task served, UserInfo user)
    {
        try
        {
            await served.ConfigureAwait(false);
        }
        finally
        {
            inFlight.Leave(user, writes: false);
        }
    }

    private async Task BoundedAsync(ApiRequest request, string verb, bool writes)
    {
        try
        {
            var aborted = request.Http.RequestAborted;
            using var deadline = RequestDeadline.Begin(request.Http, settings.RequestTimeout);
            await endpoints.ServeAsync(request, verb).ConfigureAwait(false);
            request.Http.RequestAborted = aborted;
        }
        finally
        {
            inFlight.Leave(request.User, writes);
        }
    }

    private async Task LongAsync(ApiRequest request, string verb, RequestSeries series)
    {
        series.Opened();
        try
        {
            await endpoints.ServeAsync(request, verb).ConfigureAwait(false);
        }
        finally
        {
            series.Closed();
        }
    }
}
