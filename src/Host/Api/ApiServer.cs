using System.Diagnostics;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Aggregation;
using ActorOrchestrator.Host.Api.Audit;
using ActorOrchestrator.Host.Api.Authentication;
using ActorOrchestrator.Host.Api.Authorization;
using ActorOrchestrator.Host.Api.Documents;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Health;
using ActorOrchestrator.Host.Api.Limits;
using ActorOrchestrator.Host.Api.Metrics;
using Microsoft.AspNetCore.Connections;

namespace ActorOrchestrator.Host.Api;

/// <summary>
/// The Kubernetes API as one request delegate: who, what, may they, then the endpoint. Routed by hand, because the paths of the API are data (the
/// catalog) and because this is the hot path: a request that goes well is neither logged nor pays for middleware that it does not need.
/// Every failure leaves as a Status.
/// </summary>
internal sealed partial class ApiServer(
    ICatalogSource catalog,
    RequestAuthentication authentication,
    RequestAuthorization authorization,
    Impersonation impersonation,
    AggregationEndpoint aggregation,
    IEnumerable<IApiDocuments> documents,
    PriorityAndFairness fairness,
    LimitedRequests requests,
    RequestMetrics metrics,
    HealthEndpoint health,
    IEnumerable<RequestAudit> audits,
    ILogger<ApiServer> logger)
{
    private static readonly Microsoft.Extensions.Primitives.StringValues NotCached = "no-cache, private";
    private static readonly UserInfo Anonymous = new("system:anonymous", [UserInfo.Unauthenticated]);
    private readonly IApiDocuments[] _documents = [.. documents];

    // Off as a rule: then requests pay a comparison with null.
    private readonly RequestAudit? _audit = audits.FirstOrDefault();

    public async Task ServeAsync(HttpContext context)
    {
        var began = Stopwatch.GetTimestamp();
        context.Response.Headers.CacheControl = NotCached;
        var url = context.Request.Path.Value ?? "/";
        var path = ApiPath.Parse(catalog.Current, url);
        var verb = VerbOf(context, path);
        var series = metrics.Of(context.Request, path, verb, url);

        // Deadlines stand in for the client's own signal while an endpoint works, never while a failure is told.
        var aborted = context.RequestAborted;
        try
        {
            var authenticated = await authentication.AuthenticateAsync(context).ConfigureAwait(false);
            if (_audit is not null)
            {
                await _audit.BeginAsync(context, authenticated.User, RequestReading.AttributesOf(context.Request, verb, path, url)).ConfigureAwait(false);
            }

            await RouteAsync(context, url, path, verb, series, authenticated).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            context.RequestAborted = aborted;
            await FailAsync(context, failure).ConfigureAwait(false);
        }

        if (_audit is not null)
        {
            await _audit.EndAsync(context).ConfigureAwait(false);
        }

        series.Answered(context.Response.StatusCode, Stopwatch.GetElapsedTime(began), context.Response.ContentLength);
    }

    private async Task FailAsync(HttpContext context, Exception failure)
    {
        switch (failure)
        {
            case ApiException refused:
                await StatusWriter.WriteAsync(context, refused.Status).ConfigureAwait(false);
                break;
            case VersionConversionException failed:
                await StatusWriter.WriteAsync(context, failed.Status).ConfigureAwait(false);
                break;
            case LedgerUnavailableException unavailable:
                await StatusWriter.WriteAsync(context, ApiStatus.Unavailable(unavailable.Message)).ConfigureAwait(false);
                break;
            case BadHttpRequestException malformed:
                var status = new ApiStatus(malformed.StatusCode, malformed.StatusCode == 413 ? "RequestEntityTooLarge" : "BadRequest", malformed.Message);
                await StatusWriter.WriteAsync(context, status).ConfigureAwait(false);
                break;
            case OperationCanceledException or ConnectionResetException or IOException when context.RequestAborted.IsCancellationRequested:
                // The client left; there is nobody to answer.
                break;
            case OperationCanceledException:
                await StatusWriter.WriteAsync(context, RequestStatuses.TimedOut).ConfigureAwait(false);
                break;
            default:
                AuditedRequest.Of(context)?.Panicked();
                LogFailure(logger, failure, context.Request.Method, context.Request.Path);
                await StatusWriter.WriteAsync(context, ApiStatus.InternalError(failure.Message)).ConfigureAwait(false);
                break;
        }
    }

    private Task RouteAsync(HttpContext context, string url, ApiPath? path, string verb, RequestSeries series, in AuthenticationResult authenticated)
    {
        if (IsPublic(url) && !authenticated.IsRefused)
        {
            fairness.Classify(authenticated.User ?? Anonymous, RequestAttributes.OfUrl(verb, url)).Stamp(context.Response);
            return Under(url, "/version") ? ServeDocumentAsync(context, url) : health.ServeAsync(context, url);
        }

        if (authenticated.User is not { } user)
        {
            return StatusWriter.WriteAsync(context, RequestStatuses.Unauthorized);
        }

        if (SentPath.StepOf(context) is { } step)
        {
            return StatusWriter.WriteAsync(context, ApiStatus.BadRequest($"Name parameter invalid: \"{step}\": may not be '{step}'"));
        }

        if (Impersonation.IsAsked(context.Request.Headers))
        {
            user = impersonation.Impersonate(user, context.Request.Headers);
            AuditedRequest.Of(context)?.Impersonates(user);
        }

        var attributes = RequestReading.AttributesOf(context.Request, verb, path, url);
        var flow = fairness.Classify(user, attributes);
        if (verb == "watch" || path is not { } streamed || !LimitedRequests.IsLongRunning(streamed, verb))
        {
            flow.Stamp(context.Response);
        }

        var decision = authorization.Decide(user, attributes);
        if (_audit is not null)
        {
            AuditedRequest.Of(context)?.Decided(decision);
        }

        if (!decision.IsAllowed)
        {
            return StatusWriter.WriteAsync(context, ForbiddenStatus.For(user, attributes, decision.Reason));
        }

        if (aggregation.Serve(context, url, user) is { } proxied)
        {
            return proxied;
        }

        return path is { } resource
            ? requests.ServeAsync(new ApiRequest(context, resource, user), verb, series, flow)
            : ServeDocumentAsync(context, url);
    }

    private Task ServeDocumentAsync(HttpContext context, string url)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            // Below a group's version are resources alone, and those that are served have been looked for already.
            return StatusWriter.WriteAsync(context, IsBelowVersion(url) ? RequestStatuses.NoSuchPath : RequestStatuses.MethodNotAllowed);
        }

        foreach (var source in _documents)
        {
            if (source.Serve(context, url) is { } served)
            {
                return served;
            }
        }

        return StatusWriter.WriteAsync(context, RequestStatuses.NoSuchPath);
    }

    /// <summary>The API's verb; for a path that is no resource the HTTP method in lower case.</summary>
    private static string VerbOf(HttpContext context, ApiPath? path)
    {
        var method = context.Request.Method;
        if (path is not { } resource)
        {
            return method.ToLowerInvariant();
        }

        var verb = RequestReading.VerbOf(context.Request, resource.IsCollection);
        return resource.IsWatch ? (verb is "get" or "list" ? "watch" : method.ToLowerInvariant()) : verb;
    }

    private static bool IsBelowVersion(string url)
    {
        var steps = url.AsSpan().Trim('/').Count('/');
        return Under(url, "/apis") ? steps > 2 : Under(url, "/api") && steps > 1;
    }

    /// <summary>What a prober or a client that has no credentials yet may see.</summary>
    private static bool IsPublic(string url) => Under(url, "/livez") || Under(url, "/readyz") || Under(url, "/healthz") || Under(url, "/version");

    private static bool Under(string path, string prefix) =>
        path.StartsWith(prefix, StringComparison.Ordinal) && (path.Length == prefix.Length || path[prefix.Length] == '/');

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void LogFailure(ILogger logger, Exception failure, string method, string path);
}
