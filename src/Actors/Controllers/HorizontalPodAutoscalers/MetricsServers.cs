using System.Collections.Immutable;
using System.Text.Json;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources.Aggregation;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Controllers.HorizontalPodAutoscalers;

/// <summary>Custom and external metrics, asked of the servers behind their APIServices as upstream's clients do, and in their words when that fails.</summary>
/// <param name="reader">Where APIServices are looked up.</param>
/// <param name="transport">The connections.</param>
/// <param name="catalog">The kinds that Object metrics describe.</param>
/// <param name="patience">For each answer.</param>
public sealed class MetricsServers(IClusterReader reader, ApiServiceTransport transport, ICatalogSource catalog, TimeSpan patience) : IMetricsServers
{
    private const string Custom = "custom.metrics.k8s.io";
    private const string External = "external.metrics.k8s.io";
    private static readonly ImmutableArray<string> CustomVersions = ["v1beta2", "v1beta1"];
    private static readonly ImmutableArray<string> ExternalVersions = ["v1beta1"];
    private static readonly TimeSpan DefaultWindow = TimeSpan.FromMinutes(1);
    private readonly RemoteApiServices _services = new(reader);

    /// <summary>The answer where no server can be.</summary>
    public static MetricAnswer Unregistered(MetricSpec metric) => MetricAnswer.None(metric.Type == "External"
        ? $"unable to fetch metrics from external metrics API: the server could not find the requested resource (get {metric.Name}.{External})"
        : $"unable to fetch metrics from custom metrics API: no custom metrics API ({Custom}) registered");

    public async Task<MetricAnswer> AskAsync(MetricSpec metric, string @namespace, LabelSelector selector, CancellationToken cancellation)
    {
        var isExternal = metric.Type == "External";
        var services = _services.Current.Where(service => service.Group == (isExternal ? External : Custom)).ToArray();
        var service = (isExternal ? ExternalVersions : CustomVersions).Select(version => Array.Find(services, known => known.Version == version)).FirstOrDefault(known => known is not null);
        if (service is null)
        {
            return services.Length > 0 && !isExternal
                ? MetricAnswer.None("unable to fetch metrics from custom metrics API: no known available metric versions found")
                : Unregistered(metric);
        }

        var (path, problem) = Path(metric, @namespace, selector);
        if (problem is null)
        {
            (var values, problem) = await GetAsync(service, $"{service.Root}{path}", cancellation).ConfigureAwait(false);
            if (problem is null)
            {
                return values.IsEmpty && metric.Type != "Object" ? MetricAnswer.None($"no metrics returned from {(isExternal ? "external" : "custom")} metrics API") : new MetricAnswer(values, null);
            }
        }

        return MetricAnswer.None($"unable to fetch metrics from {(isExternal ? "external" : "custom")} metrics API: {problem}");
    }

    private (string Path, string? Problem) Path(MetricSpec metric, string @namespace, LabelSelector selector)
    {
        var (space, name) = (Uri.EscapeDataString(@namespace), Uri.EscapeDataString(metric.Name));
        var series = metric.Selector.ValueKind == JsonValueKind.Object
            ? LabelSelector.From(System.Text.Json.Nodes.JsonObject.Create(metric.Selector)).ToString()
            : "";
        switch (metric.Type)
        {
            case "External":
                return ($"/namespaces/{space}/{name}{Query(("labelSelector", series))}", null);
            case "Pods":
                return ($"/namespaces/{space}/pods/%2A/{name}{Query(("labelSelector", selector.ToString()), ("metricLabelSelector", series))}", null);
            default:
                var described = metric.Described;
                if (described is { Group: "", Kind: "Namespace" })
                {
                    return ($"/namespaces/{space}/metrics/{name}{Query(("metricLabelSelector", series))}", null);
                }

                if (catalog.Current.FindGroupKind(described.Group, described.Kind) is not { } kind)
                {
                    return ("", $"unable to map kind {(described.Group.Length == 0 ? described.Kind : $"{described.Kind}.{described.Group}")} to resource: no matches for kind \"{described.Kind}\" in group \"{described.Group}\"");
                }

                return ($"/namespaces/{space}/{Uri.EscapeDataString(kind.Type.ToString())}/{Uri.EscapeDataString(described.Name)}/{name}{Query(("metricLabelSelector", series))}", null);
        }
    }

    private static string Query(params ReadOnlySpan<(string Name, string Value)> parts)
    {
        var given = parts.ToArray().Where(part => part.Value.Length > 0).Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value)}").ToArray();
        return given.Length == 0 ? "" : "?" + string.Join('&', given);
    }

    private async Task<(ImmutableArray<MetricValue> Values, string? Problem)> GetAsync(RemoteApiService service, string path, CancellationToken cancellation)
    {
        using var patient = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patient.CancelAfter(patience);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{service.Host}:{service.Port}{path}");
            request.Headers.Add("X-Remote-User", ControllerDefinition.PrincipalOf("horizontal-pod-autoscaler"));
            request.Headers.Add("X-Remote-Group", ["system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"]);
            request.Headers.Accept.ParseAdd("application/json");
            using var response = await transport.For(service).SendAsync(request, patient.Token).ConfigureAwait(false);
            using var answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(patient.Token).ConfigureAwait(false));
            return response.IsSuccessStatusCode
                ? ([.. answer.RootElement.Items("items").Select(Read)], null)
                : ([], answer.RootElement.Text("message") is { Length: > 0 } message ? message : $"the server responded with the status code {(int)response.StatusCode}");
        }
        catch (HttpRequestException failed)
        {
            return ([], failed.GetBaseException().Message);
        }
        catch (JsonException odd)
        {
            return ([], odd.Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ([], "context deadline exceeded");
        }
    }

    private static MetricValue Read(JsonElement item)
    {
        var value = Quantity.TryParse(item.Text("value"), out var amount) ? amount.MilliValue : 0;
        var window = item.Integer("windowSeconds") is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultWindow;
        return new MetricValue(item.Get("describedObject").Text("name"), new PodSample(value, item.Time("timestamp") ?? DateTimeOffset.MinValue, window));
    }
}
