using System.Text.Json;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Tables;

/// <summary>The cells of metrics.k8s.io, metrics-server's.</summary>
internal static class MetricsRows
{
    public static TableRow Node(JsonElement metrics, DateTimeOffset now) => new([TableRows.Name(metrics), metrics.At("usage").Text("cpu"), metrics.At("usage").Text("memory"), metrics.Text("window")]);

    /// <summary>The sum of its containers.</summary>
    public static TableRow Pod(JsonElement metrics, DateTimeOffset now) => new([TableRows.Name(metrics), Sum(metrics, "cpu"), Sum(metrics, "memory"), metrics.Text("window")]);

    private static string Sum(JsonElement metrics, string resource)
    {
        var sum = Quantity.Zero;
        foreach (var container in metrics.Items("containers"))
        {
            sum += Quantity.TryParse(container.At("usage").Text(resource), out var used) ? used : Quantity.Zero;
        }

        return sum.ToString();
    }
}
