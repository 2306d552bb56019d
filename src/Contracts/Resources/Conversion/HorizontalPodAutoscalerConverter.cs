using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Contracts.Resources.Conversion;

/// <summary>
/// autoscaling/v2 is stored; v1 knows nothing but the processor's utilization and keeps the rest in annotations, as upstream's conversion does, so that
/// a client of v1 loses nothing by reading and writing.
/// </summary>
internal sealed class HorizontalPodAutoscalerConverter : PureVersionConverter
{
    private const string Prefix = "autoscaling.alpha.kubernetes.io/";
    private const string Metrics = Prefix + "metrics";
    private const string CurrentMetrics = Prefix + "current-metrics";
    private const string Conditions = Prefix + "conditions";
    private const string Behavior = Prefix + "behavior";
    private const int DefaultUtilization = 80;
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] RoundTrip = [Metrics, CurrentMetrics, Conditions, Behavior];

    protected override JsonObject FromStorage(JsonObject obj)
    {
        obj["apiVersion"] = "autoscaling/v1";
        DropAnnotations(obj);
        if (obj.Child("spec") is { } spec)
        {
            SpecToV1(obj, spec);
        }

        if (obj.Child("status") is { } status)
        {
            StatusToV1(obj, status);
        }

        return obj;
    }

    protected override JsonObject ToStorage(JsonObject obj)
    {
        obj["apiVersion"] = "autoscaling/v2";
        var spec = obj.ChildOrNew("spec");
        var metrics = new JsonArray();
        foreach (var metric in Annotated<JsonArray>(obj, Metrics)?.OfType<JsonObject>() ?? [])
        {
            metrics.Add(AutoscalingMetrics.SpecToV2(metric));
        }

        if (spec.Number("targetCPUUtilizationPercentage") is { } percentage)
        {
            metrics.Add(AutoscalingMetrics.CpuUtilization(percentage));
        }

        spec.Remove("targetCPUUtilizationPercentage");
        if (metrics.Count == 0)
        {
            // Only here is it known that no annotation has any either.
            metrics.Add(AutoscalingMetrics.CpuUtilization(DefaultUtilization));
        }

        spec["metrics"] = metrics;
        if (Annotated<JsonObject>(obj, Behavior) is { Count: > 0 } behavior)
        {
            spec["behavior"] = AutoscalingBehavior.ToV2(behavior);
        }

        StatusToV2(obj);
        DropAnnotations(obj);
        return obj;
    }

    private static void SpecToV1(JsonObject obj, JsonObject spec)
    {
        var others = new JsonArray();
        foreach (var metric in spec.Items("metrics"))
        {
            if (AutoscalingMetrics.UtilizationOfCpu(metric, "target") is { } utilization)
            {
                if (!spec.Has("targetCPUUtilizationPercentage"))
                {
                    spec["targetCPUUtilizationPercentage"] = utilization;
                }
            }
            else
            {
                others.Add(AutoscalingMetrics.SpecToV1(metric));
            }
        }

        spec.Remove("metrics");
        if (others.Count > 0)
        {
            Annotate(obj, Metrics, others);
        }

        if (spec.Child("behavior") is { } behavior)
        {
            Annotate(obj, Behavior, AutoscalingBehavior.ToV1(behavior));
            spec.Remove("behavior");
        }
    }

    private static void StatusToV1(JsonObject obj, JsonObject status)
    {
        if (status.Count("currentMetrics") > 0)
        {
            var cpu = status.Items("currentMetrics").Select(metric => AutoscalingMetrics.UtilizationOfCpu(metric, "current")).LastOrDefault(value => value is not null);
            if (cpu is not null)
            {
                status["currentCPUUtilizationPercentage"] = cpu;
            }

            Annotate(obj, CurrentMetrics, new JsonArray([.. status.Items("currentMetrics").Select(AutoscalingMetrics.StatusToV1)]));
        }

        if (status["conditions"] is JsonArray { Count: > 0 } conditions)
        {
            Annotate(obj, Conditions, conditions);
        }

        status.Remove("currentMetrics");
        status.Remove("conditions");
    }

    private static void StatusToV2(JsonObject obj)
    {
        if (obj.Child("status") is { } status && status.Number("currentCPUUtilizationPercentage") is { } utilization)
        {
            status.Remove("currentCPUUtilizationPercentage");
            status["currentMetrics"] = new JsonArray(AutoscalingMetrics.CurrentCpuUtilization(utilization));
        }

        if (Annotated<JsonArray>(obj, CurrentMetrics) is { } current)
        {
            obj.ChildOrNew("status")["currentMetrics"] = new JsonArray([.. current.OfType<JsonObject>().Select(AutoscalingMetrics.StatusToV2)]);
        }

        if (Annotated<JsonArray>(obj, Conditions) is { } conditions)
        {
            obj.ChildOrNew("status")["conditions"] = conditions;
        }
    }

    private static void Annotate(JsonObject obj, string name, JsonNode value) =>
        obj.ChildOrNew("metadata").ChildOrNew("annotations")[name] = value.ToJsonString(Plain);

    /// <summary>What an annotation holds; null when it is absent or not of that form, which upstream ignores too.</summary>
    private static T? Annotated<T>(JsonObject obj, string name) where T : JsonNode
    {
        if (obj.Child("metadata")?.Child("annotations")?.Text(name) is not { Length: > 0 } text)
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(text) as T;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void DropAnnotations(JsonObject obj)
    {
        if (obj.Child("metadata") is not { } metadata || metadata.Child("annotations") is not { } annotations)
        {
            return;
        }

        foreach (var name in RoundTrip)
        {
            annotations.Remove(name);
        }

        if (annotations.Count == 0)
        {
            metadata.Remove("annotations");
        }
    }
}
