using ActorOrchestrator.Actors.Controllers.HorizontalPodAutoscalers;
using ActorOrchestrator.Actors.Resources.Aggregation;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using Microsoft.AspNetCore.Http;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>Custom and external metrics, from a server behind an APIService.</summary>
[Collection("api")]
public sealed class MetricsServersTests(ApiHost api)
{
    private const string Services = "/apis/apiregistration.k8s.io/v1/apiservices";

    private static MetricSpec Metric(string json) => AutoscalerView.Of(new StoredObject(
        new ObjectKey(ResourceTypes.HorizontalPodAutoscalers, "default", "web"), "uid", Revision.None,
        System.Text.Encoding.UTF8.GetBytes($$"""{"spec":{"metrics":[{{json}}] } }"""), [])).Metrics[0];

    [Fact]
    public async Task Metrics_are_asked_for_where_upstreams_clients_ask_and_read_as_they_read_them()
    {
        var asked = new List<string>();
        await using var server = await HttpsBackend.StartAsync("adapter.default.svc", async context =>
        {
            if (!context.Request.Path.Value!.Contains("/namespaces/", StringComparison.Ordinal))
            {
                await context.Response.WriteAsync("{}");
                return;
            }

            asked.Add($"{context.Request.Path}{context.Request.QueryString} {context.Request.Headers["X-Remote-User"]}");
            if (context.Request.Path.Value!.EndsWith("/broken", StringComparison.Ordinal))
            {
                context.Response.StatusCode = 404;
                await context.Response.WriteAsync("""{"kind":"Status","message":"the server could not find the metric broken for pods"}""");
                return;
            }

            await context.Response.WriteAsync("""
                {"kind":"MetricValueList","items":[{"describedObject":{"kind":"Pod","name":"a"},"timestamp":"2026-01-01T12:00:00Z","windowSeconds":30,"value":"1500m"},
                 {"describedObject":{"kind":"Pod","name":"b"},"timestamp":"2026-01-01T12:00:00Z","value":"2"}]}
                """);
        });
        var metrics = new MetricsServers(api.Ledger.View, new ApiServiceTransport(api.Ledger.View, null), ResourceCatalog.BuiltIn, TimeSpan.FromSeconds(5));
        Assert.True(LabelSelector.TryParse("app=web", out var selector, out _));
        Task<MetricAnswer> AskAsync(string json) => metrics.AskAsync(Metric(json), "shop", selector, CancellationToken.None);

        const string Pods = """{"type":"Pods","pods":{"metric":{"name":"rps","selector":{"matchLabels":{"path":"x"}}},"target":{}}}""";
        Assert.Equal("unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered", (await AskAsync(Pods)).Problem);

        await api.PostAsync("/api/v1/namespaces/default/services", """{"metadata":{"name":"adapter"},"spec":{"type":"ExternalName","externalName":"localhost"}}""");
        foreach (var (group, version) in ((string, string)[])[("custom.metrics.k8s.io", "v1beta1"), ("custom.metrics.k8s.io", "v1beta2"), ("external.metrics.k8s.io", "v1beta1")])
        {
            await api.PostAsync(Services, $$$"""
                {"metadata":{"name":"{{{version}}}.{{{group}}}"},"spec":{"group":"{{{group}}}","version":"{{{version}}}","groupPriorityMinimum":100,"versionPriority":10,
                 "caBundle":"{{{server.CaBundle}}}","service":{"namespace":"default","name":"adapter","port":{{{server.Port}}} } } }
                """);
        }

        var answer = await AskAsync(Pods);
        Assert.Null(answer.Problem);
        Assert.Equal(
            [new MetricValue("a", new PodSample(1500, DateTimeOffset.Parse("2026-01-01T12:00:00Z", null), TimeSpan.FromSeconds(30))), new MetricValue("b", new PodSample(2000, DateTimeOffset.Parse("2026-01-01T12:00:00Z", null), TimeSpan.FromMinutes(1)))],
            answer.Values.AsEnumerable());
        await AskAsync("""{"type":"Object","object":{"describedObject":{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","name":"main"},"metric":{"name":"hits"},"target":{}}}""");
        await AskAsync("""{"type":"Object","object":{"describedObject":{"apiVersion":"v1","kind":"Namespace","name":"other"},"metric":{"name":"hits"},"target":{}}}""");
        await AskAsync("""{"type":"External","external":{"metric":{"name":"queue","selector":{"matchLabels":{"q":"in"}}},"target":{}}}""");
        const string As = " system:serviceaccount:kube-system:horizontal-pod-autoscaler";
        Assert.Equal(
            [
                "/apis/custom.metrics.k8s.io/v1beta2/namespaces/shop/pods/*/rps?labelSelector=app%3Dweb&metricLabelSelector=path%3Dx" + As,
                "/apis/custom.metrics.k8s.io/v1beta2/namespaces/shop/ingresses.networking.k8s.io/main/hits" + As,
                "/apis/custom.metrics.k8s.io/v1beta2/namespaces/shop/metrics/hits" + As,
                "/apis/external.metrics.k8s.io/v1beta1/namespaces/shop/queue?labelSelector=q%3Din" + As,
            ],
            asked);
        Assert.Equal(
            "unable to fetch metrics from custom metrics API: the server could not find the metric broken for pods",
            (await AskAsync("""{"type":"Pods","pods":{"metric":{"name":"broken"},"target":{}}}""")).Problem);
        foreach (var name in (string[])["v1beta1.custom.metrics.k8s.io", "v1beta2.custom.metrics.k8s.io", "v1beta1.external.metrics.k8s.io"])
        {
            await api.DeleteAsync($"{Services}/{name}");
        }

        await api.DeleteAsync("/api/v1/namespaces/default/services/adapter");
    }
}
