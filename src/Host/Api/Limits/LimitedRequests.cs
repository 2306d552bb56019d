using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Metrics;

namespace ActorOrchestrator.Host.Api.Limits;

/// <summary>Between a request that may and its endpoint: how many at once, and for how long.</summary>
internal sealed class LimitedRequests(ResourceEndpoints endpoints, PriorityAndFairness fairness, RequestMetrics metrics, ApiSettings settings)
{
    private static readonly ApiStatus TooMany = new(429, "TooManyRequests", "Too many requests, please try again later.") { RetryAfterSeconds = 1 };

    public Task ServeAsync(in ApiRequest request, string verb, RequestSeries series, in FlowMatch flow)
    {
        if (IsLongRunning(request.Path, verb))
        {
            return LongAsync(request, verb, series);
        }

        var writes = verb is not ("get" or "list");
        return fairness.TryEnter(flow, writes) ? SeatedAsync(request, verb, flow, writes) : WaitAsync(request, verb, flow, writes);
    }

    private async Task WaitAsync(ApiRequest request, string verb, FlowMatch flow, bool writes)
    {
        if (await fairness.EnterAsync(flow, writes, request.Http.RequestAborted).ConfigureAwait(false))
        {
            await SeatedAsync(request, verb, flow, writes).ConfigureAwait(false);
            return;
        }

        metrics.Dropped(writes);
        await StatusWriter.WriteAsync(request.Http, TooMany).ConfigureAwait(false);
    }

    /// <summary>A read of one object is answered from memory before anybody could wait for it.</summary>
    private Task SeatedAsync(in ApiRequest request, string verb, in FlowMatch flow, bool writes) =>
        verb == "get" && !request.Http.Request.QueryString.HasValue ? ReadAsync(request, verb, flow) : BoundedAsync(request, verb, flow, writes);

    /// <summary>As upstream tells them: they have no deadline and do not count.</summary>
    public static bool IsLongRunning(in ApiPath path, string verb) =>
        verb == "watch" || path.Subresource is "log" or "exec" or "attach" or "portforward" or "proxy";

    private Task ReadAsync(in ApiRequest request, string verb, in FlowMatch flow)
    {
        Task served;
        try
        {
            served = endpoints.ServeAsync(request, verb);
        }
        catch
        {
            fairness.Leave(flow, writes: false);
            throw;
        }

        if (served.IsCompleted)
        {
            fairness.Leave(flow, writes: false);
            return served;
        }

        return LeaveAfterAsync(served, flow);
    }

    private async Task LeaveAfterAsync(Task served, FlowMatch flow)
    {
        try
        {
            await served.ConfigureAwait(false);
        }
        finally
        {
            fairness.Leave(flow, writes: false);
        }
    }

    private async Task BoundedAsync(ApiRequest request, string verb, FlowMatch flow, bool writes)
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
            fairness.Leave(flow, writes);
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
