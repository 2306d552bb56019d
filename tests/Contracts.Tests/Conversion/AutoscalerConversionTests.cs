using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Contracts.Tests.Conversion;

/// <summary>autoscaling/v1 keeps what it cannot say in annotations, whose form is upstream's.</summary>
public sealed class AutoscalerConversionTests
{
    private static readonly PureVersionConverter Converter = (PureVersionConverter)ResourceCatalog.BuiltIn.All
        .First(kind => kind.Type == ResourceTypes.HorizontalPodAutoscalers && kind.Version == "v1").Converter!;

    private static JsonObject Stored(string spec, string status = "{}") => JsonNode.Parse(
        $$"""{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"web"},"spec":{{spec}},"status":{{status}}}""")!.AsObject();

    private static JsonObject Served(string spec, string annotations = "{}", string status = "{}") => JsonNode.Parse(
        $$"""{"apiVersion":"autoscaling/v1","kind":"HorizontalPodAutoscaler","metadata":{"name":"web","annotations":{{annotations}}},"spec":{{spec}},"status":{{status}}}""")!.AsObject();

    private static string Annotation(JsonObject served, string name) => (string)served["metadata"]!["annotations"]!["autoscaling.alpha.kubernetes.io/" + name]!;

    [Theory]
    [InlineData(
        """{"type":"Resource","resource":{"name":"memory","target":{"type":"AverageValue","averageValue":"1Gi"}}}""",
        """{"type":"Resource","resource":{"name":"memory","targetAverageValue":"1Gi"}}""")]
    [InlineData(
        """{"type":"ContainerResource","containerResource":{"name":"cpu","container":"app","target":{"type":"Utilization","averageUtilization":60}}}""",
        """{"type":"ContainerResource","containerResource":{"name":"cpu","targetAverageUtilization":60,"container":"app"}}""")]
    [InlineData(
        """{"type":"Pods","pods":{"metric":{"name":"rps","selector":{"matchLabels":{"a":"b"}}},"target":{"type":"AverageValue","averageValue":"100"}}}""",
        """{"type":"Pods","pods":{"metricName":"rps","targetAverageValue":"100","selector":{"matchLabels":{"a":"b"}}}}""")]
    [InlineData(
        """{"type":"Object","object":{"describedObject":{"kind":"Service","name":"s"},"metric":{"name":"rps"},"target":{"type":"Value","value":"100"}}}""",
        """{"type":"Object","object":{"target":{"kind":"Service","name":"s"},"metricName":"rps","targetValue":"100"}}""")]
    [InlineData(
        """{"type":"Object","object":{"describedObject":{"kind":"Service","name":"s"},"metric":{"name":"rps"},"target":{"type":"AverageValue","averageValue":"10"}}}""",
        """{"type":"Object","object":{"target":{"kind":"Service","name":"s"},"metricName":"rps","targetValue":"0","averageValue":"10"}}""")]
    [InlineData(
        """{"type":"External","external":{"metric":{"name":"queue","selector":{"matchLabels":{"a":"b"}}},"target":{"type":"AverageValue","averageValue":"30"}}}""",
        """{"type":"External","external":{"metricName":"queue","metricSelector":{"matchLabels":{"a":"b"}},"targetAverageValue":"30"}}""")]
    public void A_metric_travels_there_and_back(string v2, string v1)
    {
        var spec = $$"""{"maxReplicas":5,"metrics":[{{v2}}]}""";
        var served = Converter.Served(Stored(spec));
        Assert.Equal($"[{v1}]", Annotation(served, "metrics"));
        Assert.False(served["spec"]!.AsObject().ContainsKey("targetCPUUtilizationPercentage"));
        var back = Converter.Stored(served);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(spec), back["spec"]), back["spec"]!.ToJsonString());
        Assert.Null(back["metadata"]!["annotations"]);
    }

    [Theory]
    [InlineData(
        """{"type":"Resource","resource":{"name":"cpu","current":{"averageUtilization":12,"averageValue":"6m"}}}""",
        """{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":12,"currentAverageValue":"6m"}}""", 12)]
    [InlineData(
        """{"type":"Pods","pods":{"metric":{"name":"rps"},"current":{"averageValue":"3"}}}""",
        """{"type":"Pods","pods":{"metricName":"rps","currentAverageValue":"3"}}""", null)]
    [InlineData(
        """{"type":"Object","object":{"metric":{"name":"rps"},"current":{"averageValue":"3"},"describedObject":{"kind":"Service","name":"s"}}}""",
        """{"type":"Object","object":{"target":{"kind":"Service","name":"s"},"metricName":"rps","currentValue":"0","averageValue":"3"}}""", null)]
    [InlineData(
        """{"type":"External","external":{"metric":{"name":"queue"},"current":{"averageValue":"3"}}}""",
        """{"type":"External","external":{"metricName":"queue","currentValue":"0","currentAverageValue":"3"}}""", null)]
    [InlineData("""{"type":""}""", """{"type":""}""", null)]
    public void What_is_measured_travels_there_and_back(string v2, string v1, int? cpu)
    {
        var status = $$"""{"currentReplicas":2,"desiredReplicas":3,"currentMetrics":[{{v2}}]}""";
        var served = Converter.Served(Stored("""{"maxReplicas":5}""", status));
        Assert.Equal($"[{v1}]", Annotation(served, "current-metrics"));
        Assert.Equal(cpu, (int?)served["status"]!["currentCPUUtilizationPercentage"]);
        var back = Converter.Stored(served);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(status), back["status"]), back["status"]!.ToJsonString());
    }

    [Fact]
    public void Behaviour_is_written_with_the_names_of_upstreams_internal_type_and_read_in_any_case()
    {
        const string Spec = """
            {"maxReplicas":5,"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":70}}}],
            "behavior":{"scaleUp":{"stabilizationWindowSeconds":0,"selectPolicy":"Max","policies":[{"type":"Pods","value":4,"periodSeconds":15}]},
            "scaleDown":{"selectPolicy":"Max","policies":[{"type":"Percent","value":100,"periodSeconds":15}]}}}
            """;
        var served = Converter.Served(Stored(Spec));
        Assert.Equal(
            """{"ScaleUp":{"StabilizationWindowSeconds":0,"SelectPolicy":"Max","Policies":[{"Type":"Pods","Value":4,"PeriodSeconds":15}],"Tolerance":null},"ScaleDown":{"StabilizationWindowSeconds":null,"SelectPolicy":"Max","Policies":[{"Type":"Percent","Value":100,"PeriodSeconds":15}],"Tolerance":null}}""",
            Annotation(served, "behavior"));
        Assert.Equal(70, (int)served["spec"]!["targetCPUUtilizationPercentage"]!);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Spec), Converter.Stored(served)["spec"]));
        var camel = Served("""{"maxReplicas":5,"targetCPUUtilizationPercentage":70}""", """{"autoscaling.alpha.kubernetes.io/behavior":"{\"scaleDown\":{\"selectPolicy\":\"Min\"}}"}""");
        Assert.Equal("""{"scaleDown":{"selectPolicy":"Min"}}""", Converter.Stored(camel)["spec"]!["behavior"]!.ToJsonString());
    }

    [Fact]
    public void Conditions_are_written_as_Go_writes_them()
    {
        const string Conditions = """[{"type":"AbleToScale","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z","reason":"SucceededGetScale","message":"the HPA controller was able to get the target's current scale"}]""";
        Assert.Equal(Conditions, Annotation(Converter.Served(Stored("""{"maxReplicas":5}""", $$"""{"conditions":{{Conditions}}}""")), "conditions"));
    }

    [Theory]
    [InlineData("{}", """[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":80}}}]""")]
    [InlineData("""{"autoscaling.alpha.kubernetes.io/metrics":"not json"}""", """[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":80}}}]""")]
    [InlineData("""{"autoscaling.alpha.kubernetes.io/behavior":"{}"}""", """[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":80}}}]""")]
    public void Nothing_wanted_means_eighty_per_cent_of_the_processor(string annotations, string metrics)
    {
        var stored = Converter.Stored(Served("""{"maxReplicas":5}""", annotations));
        Assert.Equal(metrics, stored["spec"]!["metrics"]!.ToJsonString());
        Assert.False(stored["spec"]!.AsObject().ContainsKey("behavior"));
    }

    [Fact]
    public void A_status_without_annotation_keeps_the_processors_use() => Assert.Equal(
        """[{"type":"Resource","resource":{"name":"cpu","current":{"averageUtilization":33}}}]""",
        Converter.Stored(Served("""{"maxReplicas":5}""", "{}", """{"currentCPUUtilizationPercentage":33}"""))["status"]!["currentMetrics"]!.ToJsonString());
}
