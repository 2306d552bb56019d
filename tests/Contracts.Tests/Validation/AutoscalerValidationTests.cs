using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Validation;

namespace ActorOrchestrator.Contracts.Tests.Validation;

/// <summary>Upstream's validation_test.go of autoscaling, case by case.</summary>
public sealed class AutoscalerValidationTests
{
    private const string Target = """ "scaleTargetRef":{"kind":"Deployment","name":"web","apiVersion":"apps/v1"},"maxReplicas":5 """;
    private const string Cpu = """{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":70}}}""";

    private static string[] Problems(string spec, string? old = null, string subresource = "", string status = "{}")
    {
        var descriptor = ResourceCatalog.BuiltIn.Find(ResourceTypes.HorizontalPodAutoscalers)!;
        JsonObject Made(string text) => JsonNode.Parse($$"""{"metadata":{"name":"web","namespace":"shop"},"spec":{{{text}}},"status":{{status}}}""")!.AsObject();
        return [.. ObjectValidation.Validate(descriptor, Made(spec), old is null ? null : Made(old), subresource).Select(cause => $"{cause.Field}: {cause.Message}")];
    }

    private static string Metric(string metric) => $"""{Target},"metrics":[{metric}]""";

    private static string Behavior(string up) => $$"""{{Target}},"behavior":{"scaleUp":{{up}}}""";

    [Theory]
    [InlineData(Cpu)]
    [InlineData("""{"type":"Resource","resource":{"name":"cpu","target":{"type":"AverageValue","averageValue":"300m"}}}""")]
    [InlineData("""{"type":"ContainerResource","containerResource":{"name":"cpu","container":"app","target":{"type":"Utilization","averageUtilization":70}}}""")]
    [InlineData("""{"type":"Pods","pods":{"metric":{"name":"rps"},"target":{"type":"AverageValue","averageValue":"100"}}}""")]
    [InlineData("""{"type":"Object","object":{"describedObject":{"kind":"ReplicationController","name":"rc"},"metric":{"name":"rps"},"target":{"type":"Value","value":"100"}}}""")]
    [InlineData("""{"type":"Object","object":{"describedObject":{"kind":"ReplicationController","name":"rc"},"metric":{"name":"rps"},"target":{"type":"AverageValue","averageValue":"100"}}}""")]
    [InlineData("""{"type":"External","external":{"metric":{"name":"queue","selector":{"matchLabels":{"a":"b"}}},"target":{"type":"Value","value":"100"}}}""")]
    public void What_is_right_passes(string metric) => Assert.Empty(Problems(Metric(metric)));

    [Theory]
    [InlineData(""" "scaleTargetRef":{"name":"web"},"maxReplicas":5 """, "spec.scaleTargetRef.kind: Required value")]
    [InlineData(""" "scaleTargetRef":{"kind":"..","name":"web"},"maxReplicas":5 """, "spec.scaleTargetRef.kind: Invalid value: \"..\": may not be '..'")]
    [InlineData(""" "scaleTargetRef":{"kind":"Deployment"},"maxReplicas":5 """, "spec.scaleTargetRef.name: Required value")]
    [InlineData(""" "scaleTargetRef":{"kind":"Deployment","name":"a/b"},"maxReplicas":5 """, "spec.scaleTargetRef.name: Invalid value: \"a/b\": may not contain '/'")]
    [InlineData(Target + ""","minReplicas":0""", "spec.minReplicas: Invalid value: 0: must be greater than or equal to 1|spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas")]
    [InlineData(""" "scaleTargetRef":{"kind":"Deployment","name":"web"},"minReplicas":7,"maxReplicas":5 """, "spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`")]
    [InlineData(""" "scaleTargetRef":{"kind":"Deployment","name":"web"},"minReplicas":1,"maxReplicas":0 """, "spec.maxReplicas: Invalid value: 0: must be greater than 0|spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`")]
    public void References_and_bounds(string spec, string expected) => Assert.Equal(expected.Split('|'), Problems(spec));

    [Theory]
    [InlineData("""{}""", "type: Required value: must specify a metric source type|type: Unsupported value: \"\": supported values: \"ContainerResource\", \"External\", \"Object\", \"Pods\", \"Resource\"|type: Unsupported value: \"\": supported values: \"ContainerResource\", \"External\", \"Object\", \"Pods\", \"Resource\"")]
    [InlineData("""{"type":"Resource"}""", "resource: Required value: must populate information for the given metric source")]
    [InlineData("""{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":70}},"pods":{"metric":{"name":"a"},"target":{"type":"AverageValue","averageValue":"1"}}}""", "pods: Forbidden: must populate the given metric source only")]
    [InlineData("""{"type":"Resource","resource":{"target":{"type":"Utilization","averageUtilization":70}}}""", "resource.name: Required value: must specify a resource name")]
    [InlineData("""{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":0}}}""", "resource.target.averageUtilization: Invalid value: 0: must be greater than 0")]
    [InlineData("""{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization"}}}""", "resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization")]
    [InlineData("""{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":7,"averageValue":"1"}}}""", "resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization")]
    [InlineData("""{"type":"Resource","resource":{"name":"cpu","target":{"type":"Often","averageUtilization":7}}}""", "resource.target.type: Invalid value: \"Often\": must be either Utilization, Value, or AverageValue")]
    [InlineData("""{"type":"Resource","resource":{"name":"cpu","target":{"averageUtilization":7}}}""", "resource.target.type: Required value: must specify a metric target type|resource.target.type: Invalid value: \"\": must be either Utilization, Value, or AverageValue")]
    [InlineData("""{"type":"ContainerResource","containerResource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":70}}}""", "containerResource.container: Required value: must specify a container")]
    [InlineData("""{"type":"ContainerResource","containerResource":{"name":"cpu","container":"A","target":{"type":"Utilization","averageUtilization":70}}}""", "containerResource.container: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')")]
    [InlineData("""{"type":"Pods","pods":{"metric":{},"target":{"type":"AverageValue","averageValue":"1"}}}""", "pods.metric.name: Required value: must specify a metric name")]
    [InlineData("""{"type":"Pods","pods":{"metric":{"name":"foo/.."},"target":{"type":"AverageValue","averageValue":"1"}}}""", "pods.metric.name: Invalid value: \"foo/..\": may not contain '/'")]
    [InlineData("""{"type":"Pods","pods":{"metric":{"name":"a"},"target":{"type":"Value","value":"1"}}}""", "pods.target.averageValue: Required value: must specify a positive target averageValue")]
    [InlineData("""{"type":"Pods","pods":{"metric":{"name":"a"},"target":{"type":"AverageValue","averageValue":"0"}}}""", "pods.target.averageValue: Invalid value: \"0\": must be positive")]
    [InlineData("""{"type":"Object","object":{"describedObject":{"kind":"A","name":"a"},"metric":{"name":"a"},"target":{"type":"Utilization","averageUtilization":1}}}""", "object.target.averageValue: Required value: must set either a target value or averageValue")]
    [InlineData("""{"type":"Object","object":{"describedObject":{"name":"a"},"metric":{"name":"a"},"target":{"type":"Value","value":"1"}}}""", "object.describedObject.kind: Required value")]
    [InlineData("""{"type":"External","external":{"metric":{"name":"a"},"target":{"type":"Utilization","averageUtilization":1}}}""", "external.target.averageValue: Required value: must set either a target value for metric or a per-pod target")]
    [InlineData("""{"type":"External","external":{"metric":{"name":"a"},"target":{"type":"Value","value":"1","averageValue":"1"}}}""", "external.target.value: Forbidden: may not set both a target value for metric and a per-pod target")]
    [InlineData("""{"type":"External","external":{"metric":{"name":"a"},"target":{"type":"Value","value":"-1"}}}""", "external.target.value: Invalid value: \"-1\": must be positive")]
    public void Metrics(string metric, string expected) => Assert.Equal(expected.Split('|').Select(problem => $"spec.metrics[0].{problem}"), Problems(Metric(metric)));

    [Theory]
    [InlineData("""{"stabilizationWindowSeconds":-1,"policies":[{"type":"Pods","value":1,"periodSeconds":1800}]}""", "stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero")]
    [InlineData("""{"stabilizationWindowSeconds":3601,"policies":[{"type":"Pods","value":1,"periodSeconds":1800}]}""", "stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600")]
    [InlineData("""{"selectPolicy":"Often","policies":[{"type":"Pods","value":1,"periodSeconds":1800}]}""", "selectPolicy: Unsupported value: \"Often\": supported values: \"Disabled\", \"Max\", \"Min\"")]
    [InlineData("""{"policies":[]}""", "policies: Required value: must specify at least one Policy")]
    [InlineData("""{"policies":[{"type":"hm","value":1,"periodSeconds":1}]}""", "policies[0].type: Unsupported value: \"hm\": supported values: \"Percent\", \"Pods\"")]
    [InlineData("""{"policies":[{"type":"Pods","periodSeconds":1}]}""", "policies[0].value: Invalid value: 0: must be greater than zero")]
    [InlineData("""{"policies":[{"type":"Percent","value":5}]}""", "policies[0].periodSeconds: Invalid value: 0: must be greater than zero")]
    [InlineData("""{"policies":[{"type":"Percent","value":5,"periodSeconds":1801}]}""", "policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800")]
    [InlineData("""{"tolerance":"-100m","policies":[{"type":"Percent","value":5,"periodSeconds":15}]}""", "tolerance: Invalid value: \"-100m\": must be greater than or equal to 0")]
    public void Rules(string rules, string expected) => Assert.Equal([$"spec.behavior.scaleUp.{expected}"], Problems(Behavior(rules)));

    [Fact]
    public void One_that_could_go_to_zero_may_stay_so()
    {
        const string External = Target + ""","metrics":[{"type":"External","external":{"metric":{"name":"a"},"target":{"type":"Value","value":"1"}}}],"minReplicas":""";
        Assert.Equal(["spec.minReplicas: Invalid value: 0: must be greater than or equal to 1"], Problems(External + "0", External + "1"));
        Assert.Empty(Problems(External + "0", External + "0"));
        Assert.Equal(["spec.minReplicas: Invalid value: -1: must be greater than or equal to 0"], Problems(External + "-1", External + "0"));
    }

    [Fact]
    public void A_status_has_rules_of_its_own() => Assert.Equal(
        ["status.currentReplicas: Invalid value: -1: must be greater than or equal to 0", "status.desiredReplicas: Invalid value: -3: must be greater than or equal to 0"],
        Problems(""" "maxReplicas":0 """, """ "maxReplicas":0 """, "status", """{"currentReplicas":-1,"desiredReplicas":-3}"""));
}
