using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Limits;

namespace ActorOrchestrator.Host.Api.Metrics;

/// <summary>
/// The API's own metrics under upstream's stable names and labels. A request finds its series by what it is, which is one of a bounded number,
/// and then only adds to counters.
/// </summary>
internal sealed class RequestMetrics(PriorityAndFairness fairness) : IMetricsSource
{
    private static readonly string[] Documents = ["/api", "/apis", "/openapi/v2", "/openapi/v3", "/version", "/livez", "/readyz", "/healthz", "/metrics", "/.well-known", "/openid"];

    private readonly ConcurrentDictionary<Key, RequestSeries> _series = new();
    private readonly ConcurrentDictionary<string, StrongBox<long>> _watchEvents = new(StringComparer.Ordinal);
    private long _droppedReads;
    private long _droppedWrites;

    public RequestSeries Of(HttpRequest request, ApiPath? path, string verb, string url)
    {
        var key = path is { } resource
            ? new Key(resource.Descriptor.ApiVersion, resource.Descriptor.Plural, Known(resource), Canonical(request, resource, verb), Scope(resource, verb), DryRun(request))
            : new Key("", "", Document(url), Method(request.Method), "", "");
        if (_series.TryGetValue(key, out var series))
        {
            return series;
        }

        return _series.GetOrAdd(key, static key =>
        {
            var slash = key.ApiVersion.IndexOf('/', StringComparison.Ordinal);
            var (group, version) = slash < 0 ? ("", key.ApiVersion) : (key.ApiVersion[..slash], key.ApiVersion[(slash + 1)..]);
            return new RequestSeries(
                key.DryRun,
                $"component=\"apiserver\",group=\"{group}\",resource=\"{key.Resource}\",scope=\"{key.Scope}\",subresource=\"{key.Subresource}\",verb=\"{key.Verb}\",version=\"{version}\"",
                key.Verb is "GET" or "LIST");
        });
    }

    public void Dropped(bool writes) => Interlocked.Increment(ref writes ? ref _droppedWrites : ref _droppedReads);

    public void WatchEvents(string kindLabels, long events)
    {
        var count = _watchEvents.TryGetValue(kindLabels, out var known) ? known : _watchEvents.GetOrAdd(kindLabels, static _ => new StrongBox<long>());
        Interlocked.Add(ref count.Value, events);
    }

    public void Write(MetricsWriter writer)
    {
        var all = _series.Values.OrderBy(series => series.AllLabels, StringComparer.Ordinal).ToArray();
        writer.Family("apiserver_request_total", "counter", "[STABLE] Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.");
        foreach (var series in all)
        {
            foreach (var (code, count) in series.Codes.OrderBy(pair => pair.Key))
            {
                writer.Sample("apiserver_request_total", $"code=\"{code}\",{series.AllLabels}", Volatile.Read(ref count.Value));
            }
        }

        writer.Family("apiserver_request_duration_seconds", "histogram", "[STABLE] Response latency distribution in seconds for each verb, dry run value, group, version, resource, subresource, scope and component.");
        foreach (var series in all)
        {
            series.Duration.Write(writer, "apiserver_request_duration_seconds", series.AllLabels);
        }

        writer.Family("apiserver_response_sizes", "histogram", "[STABLE] Response size distribution in bytes for each group, version, verb, resource, subresource, scope and component.");
        foreach (var series in all)
        {
            series.Size?.Write(writer, "apiserver_response_sizes", series.Labels);
        }

        writer.Family("apiserver_longrunning_requests", "gauge", "[STABLE] Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component. Not all requests are tracked this way.");
        foreach (var series in all.Where(series => series.Open > 0))
        {
            writer.Sample("apiserver_longrunning_requests", series.Labels, series.Open);
        }

        writer.Family("apiserver_requested_deprecated_apis", "gauge", "[STABLE] Gauge of deprecated APIs that have been requested, broken out by API group, version, resource, subresource, and removed_release.");
        foreach (var resource in _series.Keys.Where(key => key.ApiVersion == "v1" && ResourceCatalog.BuiltIn.Find("", "v1", key.Resource)?.DeprecationWarning is not null).Select(key => key.Resource).Distinct().Order(StringComparer.Ordinal))
        {
            writer.Sample("apiserver_requested_deprecated_apis", $"group=\"\",removed_release=\"\",resource=\"{resource}\",subresource=\"\",version=\"v1\"", 1);
        }

        writer.Family("apiserver_current_inflight_requests", "gauge", "[STABLE] Number of requests that are worked on, per request kind.");
        writer.Sample("apiserver_current_inflight_requests", "request_kind=\"mutating\"", fairness.Writes);
        writer.Sample("apiserver_current_inflight_requests", "request_kind=\"readOnly\"", fairness.Reads);
        writer.Family("apiserver_dropped_requests_total", "counter", "Requests that were refused with 429 because too many were worked on, per request kind.");
        writer.Sample("apiserver_dropped_requests_total", "request_kind=\"mutating\"", Volatile.Read(ref _droppedWrites));
        writer.Sample("apiserver_dropped_requests_total", "request_kind=\"readOnly\"", Volatile.Read(ref _droppedReads));
        writer.Family("apiserver_watch_events_total", "counter", "[BETA] Number of events sent in watch clients");
        foreach (var (labels, count) in _watchEvents.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            writer.Sample("apiserver_watch_events_total", labels, Volatile.Read(ref count.Value));
        }
    }

    private static string Known(in ApiPath path) => path.Descriptor.Subresource(path.Subresource)?.Name ?? "";

    private static string Canonical(HttpRequest request, in ApiPath path, string verb) => (verb, path.Subresource) switch
    {
        (_, "log" or "exec" or "portforward" or "attach" or "proxy") => "CONNECT",
        ("get", _) => "GET",
        ("list", _) => "LIST",
        ("watch", _) => "WATCH",
        ("patch", _) when request.ContentType?.StartsWith("application/apply-patch", StringComparison.Ordinal) == true => "APPLY",
        _ => Method(request.Method),
    };

    private static string Method(string method) => method is "GET" or "HEAD" or "POST" or "PUT" or "PATCH" or "DELETE" ? method : "other";

    private static string Scope(in ApiPath path, string verb) =>
        path.Name.Length > 0 || verb == "create" ? "resource" : path.Namespace.Length > 0 ? "namespace" : "cluster";

    private static string DryRun(HttpRequest request) =>
        !request.QueryString.HasValue || !request.Query.TryGetValue("dryRun", out var values) ? "" : values.All(value => value == "All") ? "All" : "invalid";

    private static string Document(string url)
    {
        foreach (var document in Documents)
        {
            if (url.StartsWith(document, StringComparison.Ordinal) && (url.Length == document.Length || url[document.Length] == '/'))
            {
                return document;
            }
        }

        return "";
    }

    private readonly record struct Key(string ApiVersion, string Resource, string Subresource, string Verb, string Scope, string DryRun)
    {
        /// <summary>A few letters tell a few hundred series apart; hashing six texts would be the dearest step of counting.</summary>
        public override int GetHashCode() => Resource.Length == 0
            ? Verb.Length
            : (((Resource.Length * 31) + Resource[0]) * 31) + (Resource[Resource.Length / 2] * 961) + (Verb.Length * 7) + Verb[0] + (Scope.Length * 127) + (Subresource.Length << 12);
    }
}
