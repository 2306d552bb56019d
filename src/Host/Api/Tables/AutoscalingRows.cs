using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Host.Api.Tables;

/// <summary>Autoscalers in both versions.</summary>
internal static class AutoscalingRows
{
    private const string Unknown = "<unknown>";
    private const string Unset = "<unset>";
    private const int MostMetrics = 2;
    private static readonly PureVersionConverter OfV1 = (PureVersionConverter)ResourceCatalog.BuiltIn.All
        .First(kind => kind.Type == ResourceTypes.HorizontalPodAutoscalers && kind.Version == "v1").Converter!;


    public static TableRow V2(JsonElement autoscaler, DateTimeOffset now) => Row(autoscaler, now, Targets(autoscaler));

    /// <summary>Upstream prints the object and not one of its versions: what v1 keeps in annotations is shown as well.</summary>
    public static TableRow V1(JsonElement autoscaler, DateTimeOffset now) => V2(JsonSerializer.SerializeToElement(OfV1.Stored(JsonObject.Create(autoscaler)!)), now);

    private static TableRow Row(JsonElement autoscaler, DateTimeOffset now, string targets)
    {
        var spec = autoscaler.At("spec");
        var reference = spec.At("scaleTargetRef");
        return new TableRow(
        [
            TableRows.Name(autoscaler), $"{reference.Text("kind")}/{reference.Text("name")}", targets,
            spec.At("minReplicas").Exists() ? spec.At("minReplicas").GetRawText() : Unset,
            spec.Number("maxReplicas"), autoscaler.At("status").Number("currentReplicas"), TableRows.Age(autoscaler, now),
        ]);
    }

    private static string Targets(JsonElement autoscaler)
    {
        var metrics = autoscaler.At("spec").Items("metrics").ToArray();
        if (metrics.Length == 0)
        {
            return "<none>";
        }

        var current = autoscaler.At("status").Items("currentMetrics").ToArray();
        var told = metrics.Take(MostMetrics).Select((metric, index) => Metric(metric, index < current.Length ? current[index] : default));
        var list = string.Join(", ", told);
        return metrics.Length > MostMetrics ? $"{list} + {metrics.Length - MostMetrics} more..." : list;
    }

    private static string Metric(JsonElement metric, JsonElement status)
    {
        var type = metric.Text("type");
        var source = type.Length == 0 ? "" : char.ToLowerInvariant(type[0]) + type[1..];
        var (given, seen) = (metric.At(source), status.At(source).At("current"));
        var target = given.At("target");
        switch (type)
        {
            case "Resource" or "ContainerResource" when target.At("averageValue").Exists():
                return $"{given.Text("name")}: {Seen(status, source, "averageValue")}/{target.Text("averageValue")}";
            case "Resource" or "ContainerResource":
                return $"{given.Text("name")}: {Percent(seen.At("averageUtilization"), Unknown)}/{Percent(target.At("averageUtilization"), "<auto>")}";
            case "Pods":
                return $"{Seen(status, source, "averageValue")}/{target.Text("averageValue")}";
            case "External" or "Object" when target.At("averageValue").Exists():
                return $"{seen.Text("averageValue").Or(Unknown)}/{target.Text("averageValue")} (avg)";
            case "External" or "Object":
                return $"{Seen(status, source, "value")}/{target.Text("value")}";
            default:
                return "<unknown type>";
        }
    }

    /// <summary>What is seen of a metric; one that is reported without this figure counts as zero.</summary>
    private static string Seen(JsonElement status, string source, string figure) =>
        status.At(source).Exists() ? status.At(source).At("current").Text(figure).Or("0") : Unknown;

    private static string Percent(JsonElement number, string absent) => number.ValueKind == JsonValueKind.Number ? number.GetRawText() + "%" : absent;
}
