using System.Text.Json.Nodes;

namespace ActorOrchestrator.Contracts.Resources.Conversion;

/// <summary>One metric of an autoscaler in the forms of autoscaling/v2 and of the annotations of autoscaling/v1.</summary>
internal static class AutoscalingMetrics
{
    private static readonly string[] Sources = ["object", "pods", "resource", "containerResource", "external"];

    public static JsonObject CpuUtilization(long percentage) => new()
    {
        ["type"] = "Resource",
        ["resource"] = new JsonObject
        {
            ["name"] = "cpu",
            ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = percentage },
        },
    };

    public static JsonObject CurrentCpuUtilization(long percentage) => new()
    {
        ["type"] = "Resource",
        ["resource"] = new JsonObject { ["name"] = "cpu", ["current"] = new JsonObject { ["averageUtilization"] = percentage } },
    };

    /// <summary>The processor's utilization that a metric asks for or tells; null for every other metric.</summary>
    public static JsonNode? UtilizationOfCpu(JsonObject metric, string side) =>
        metric.Text("type") == "Resource" && metric.Child("resource") is { } resource && resource.Text("name") == "cpu"
            ? resource.Child(side)?["averageUtilization"]?.DeepClone()
            : null;

    public static JsonObject SpecToV1(JsonObject metric) => ToV1(metric, "target", "target");

    public static JsonObject StatusToV1(JsonObject metric) => ToV1(metric, "current", "current");

    public static JsonObject SpecToV2(JsonObject metric) => ToV2(metric, "target", typed: true);

    public static JsonObject StatusToV2(JsonObject metric) => ToV2(metric, "current", typed: false);

    /// <summary>Field by field as upstream's older types have them, whose amounts are zero rather than absent in some places.</summary>
    private static JsonObject ToV1(JsonObject metric, string side, string word)
    {
        var old = new JsonObject { ["type"] = metric.Text("type") };
        var wanted = side == "target";
        foreach (var source in Sources)
        {
            if (metric.Child(source) is not { } given)
            {
                continue;
            }

            var made = new JsonObject();
            var (value, metricName, selector) = (given.Child(side) ?? [], given.Child("metric")?["name"], given.Child("metric")?["selector"]);
            void Amount(string name, string from, bool always)
            {
                if (value[from] is { } amount)
                {
                    made[name] = amount.DeepClone();
                }
                else if (always)
                {
                    made[name] = "0";
                }
            }

            switch (source)
            {
                case "object":
                    Copy(given, "describedObject", made, "target");
                    made["metricName"] = metricName?.DeepClone();
                    Amount(word + "Value", "value", always: true);
                    Set(made, "selector", selector);
                    Amount("averageValue", "averageValue", always: false);
                    break;
                case "pods":
                    made["metricName"] = metricName?.DeepClone();
                    Amount(word + "AverageValue", "averageValue", always: true);
                    Set(made, "selector", selector);
                    break;
                case "external":
                    made["metricName"] = metricName?.DeepClone();
                    Set(made, "metricSelector", selector);
                    Amount(word + "Value", "value", always: !wanted);
                    Amount(word + "AverageValue", "averageValue", always: false);
                    break;
                default:
                    Copy(given, "name", made, "name");
                    Amount(word + "AverageUtilization", "averageUtilization", always: false);
                    Amount(word + "AverageValue", "averageValue", always: !wanted);
                    Copy(given, "container", made, "container");
                    break;
            }

            old[source] = made;
        }

        return old;
    }

    private static JsonObject ToV2(JsonObject metric, string side, bool typed)
    {
        var made = new JsonObject { ["type"] = metric.Text("type") };
        foreach (var source in Sources)
        {
            if (metric.Child(source) is not { } given)
            {
                continue;
            }

            var value = new JsonObject();
            Copy(given, side + "AverageUtilization", value, "averageUtilization");
            Copy(given, side + "AverageValue", value, "averageValue");
            Copy(given, "averageValue", value, "averageValue");
            Copy(given, side + "Value", value, "value");
            var target = new JsonObject();
            Copy(given, "name", target, "name");
            Copy(given, "container", target, "container");
            Copy(given, "target", target, "describedObject");
            if (given.Has("metricName"))
            {
                var identity = target.ChildOrNew("metric");
                Copy(given, "metricName", identity, "name");
                Copy(given, "selector", identity, "selector");
                Copy(given, "metricSelector", identity, "selector");
            }

            if (typed)
            {
                // Upstream's older form has no type; an average wins over a total, because only one of them was meant.
                value["type"] = value.Has("averageUtilization") ? "Utilization" : value.Has("averageValue") ? "AverageValue" : "Value";
            }

            if (value.Has("averageValue") && (source == "object" || (source == "external" && !typed)))
            {
                value.Remove("value");
            }

            target[side] = value;
            made[source] = target;
        }

        return made;
    }

    private static void Copy(JsonObject from, string name, JsonObject to, string newName)
    {
        if (from[name] is { } value)
        {
            to[newName] = value.DeepClone();
        }
    }

    private static void Set(JsonObject to, string name, JsonNode? value)
    {
        if (value is not null)
        {
            to[name] = value.DeepClone();
        }
    }
}
