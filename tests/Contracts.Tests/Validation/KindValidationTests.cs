using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Defaults;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Validation;

namespace ActorOrchestrator.Contracts.Tests.Validation;

public class KindValidationTests
{
    private const string Template = """{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i:1"}]}}""";
    private const string Set = """ "spec":{"selector":{"matchLabels":{"a":"b"}},"template":""" + Template;

    [Theory]
    [InlineData("cronjobs", """ "spec":{"schedule":"61 * * * *","jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}}""", "spec.schedule: Invalid value: \"61 * * * *\": end of range (61) above maximum (59): 61")]
    [InlineData("daemonsets", Set + ""","updateStrategy":{"type":"Sometimes"}}""", "spec.updateStrategy.type: Unsupported value: \"Sometimes\": supported values: \"RollingUpdate\", \"OnDelete\"")]
    [InlineData("statefulsets", Set + ""","podManagementPolicy":"Any"}""", "spec.podManagementPolicy: Invalid value: \"Any\": must be 'OrderedReady' or 'Parallel'")]
    [InlineData("poddisruptionbudgets", """ "spec":{"minAvailable":1,"maxUnavailable":1}""", "spec: Invalid value: {\"minAvailable\":1,\"maxUnavailable\":1}: minAvailable and maxUnavailable cannot be both set")]
    [InlineData("horizontalpodautoscalers", """ "spec":{"minReplicas":3,"maxReplicas":2,"scaleTargetRef":{"kind":"Deployment","name":"w"}}""", "spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`")]
    [InlineData("persistentvolumes", """ "spec":{"accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"}}""", "spec: Required value: must specify a volume type")]
    [InlineData("persistentvolumeclaims", """ "spec":{"accessModes":["Sideways"],"resources":{"requests":{"storage":"1Gi"}}}""", "spec.accessModes: Unsupported value: \"Sideways\": supported values: \"ReadOnlyMany\", \"ReadWriteMany\", \"ReadWriteOnce\", \"ReadWriteOncePod\"")]
    [InlineData("ingresses", """ "spec":{"rules":[{"host":"a.b","http":{"paths":[{"path":"x","pathType":"Exact","backend":{"service":{"name":"w","port":{"number":80}}}}]}}]}""", "spec.rules[0].http.paths[0].path: Invalid value: \"x\": must be an absolute path")]
    [InlineData("networkpolicies", """ "spec":{"podSelector":{},"ingress":[{"from":[{}]}]}""", "spec.ingress[0].from[0]: Required value: must specify a peer")]
    [InlineData("priorityclasses", """ "value":2000000000""", "value: Forbidden: maximum allowed value of a user defined priority is 1000000000")]
    [InlineData("roles", """ "rules":[{"nonResourceURLs":["/x"],"verbs":["get"]}]""", "rules[0].nonResourceURLs: Invalid value: [\"/x\"]: namespaced rules cannot apply to non-resource URLs")]
    [InlineData("rolebindings", """ "roleRef":{"kind":"Pod","name":"p"}""", "roleRef.kind: Unsupported value: \"Pod\": supported values: \"ClusterRole\", \"Role\"")]
    [InlineData("storageclasses", """ "provisioner":"p.example.com","reclaimPolicy":"Recycle" """, "reclaimPolicy: Unsupported value: \"Recycle\": supported values: \"Delete\", \"Retain\"")]
    [InlineData("validatingwebhookconfigurations", """ "webhooks":[{"name":"a","admissionReviewVersions":["v1"],"sideEffects":"None","clientConfig":{"url":"https://x/"}}]""", "webhooks[0].name: Invalid value: \"a\": should be a domain with at least three segments separated by dots")]
    [InlineData("servicecidrs", """ "spec":{"cidrs":["x"]}""", "spec.cidrs[0]: Invalid value: \"x\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")]
    [InlineData("limitranges", """ "spec":{"limits":[{"type":"Pod","min":{"cpu":"2"},"max":{"cpu":"1"}}]}""", "spec.limits[0].min[cpu]: Invalid value: \"2\": min value 2 is greater than max value 1")]
    [InlineData("leases", """ "spec":{"leaseDurationSeconds":0}""", "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0")]
    [InlineData("leases", """ "spec":{"leaseTransitions":-1}""", "spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("leases", """ "spec":{"strategy":"Newest"}""", "spec.strategy.strategy: Unsupported value: \"Newest\": supported values: \"OldestEmulationVersion\"")]
    [InlineData("leases", """ "spec":{"preferredHolder":"me"}""", "spec.preferredHolder: Forbidden: may only be specified if `strategy` is defined")]
    [InlineData("runtimeclasses", """ "handler":"runc","overhead":{"podFixed":{"cpu":"-1"}}""", "overhead.limits[cpu]: Invalid value: \"-1\": must be greater than or equal to 0")]
    [InlineData("runtimeclasses", """ "handler":"runc","scheduling":{"tolerations":[{"key":"a","operator":"Exists"},{"key":"a","operator":"Exists"}]}""", "scheduling.tolerations[1]: Duplicate value: {\"key\":\"a\",\"operator\":\"Exists\"}")]
    [InlineData("runtimeclasses", """ "handler":"runc","scheduling":{"tolerations":[{"key":"a","operator":"Maybe"}]}""", "scheduling.tolerations.tolerations[0].operator: Unsupported value: \"Maybe\": supported values: \"Equal\", \"Exists\"")]
    public void A_mistake_is_told_in_upstreams_words(string plural, string body, string expected) => Assert.Equal([expected], Problems(plural, body));

    [Theory]
    [InlineData("statefulsets", Set + "}", Set + ""","serviceName":"other"}""", "spec: Forbidden: updates to statefulset spec for fields other than")]
    [InlineData("storageclasses", """ "provisioner":"a.example.com" """, """ "provisioner":"b.example.com" """, "provisioner: Forbidden: updates to provisioner are forbidden.")]
    [InlineData("rolebindings", """ "roleRef":{"kind":"Role","name":"a"}""", """ "roleRef":{"kind":"Role","name":"b"}""", "roleRef: Invalid value:")]
    [InlineData("ingressclasses", """ "spec":{"controller":"a.io/b"}""", """ "spec":{"controller":"a.io/c"}""", "spec.controller: Invalid value: \"a.io/c\": field is immutable")]
    [InlineData("priorityclasses", """ "value":1""", """ "value":2""", "Value: Forbidden: may not be changed in an update.")]
    [InlineData("persistentvolumeclaims", """ "spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}""", """ "spec":{"accessModes":["ReadWriteMany"],"resources":{"requests":{"storage":"1Gi"}}}""", "spec: Forbidden: spec is immutable after creation except resources.requests")]
    [InlineData("runtimeclasses", """ "handler":"runc" """, """ "handler":"crun" """, "handler: Invalid value: \"crun\": field is immutable")]
    public void What_is_fixed_for_life_stays(string plural, string before, string after, string expected) =>
        Assert.StartsWith(expected, Assert.Single(Problems(plural, after, before)));

    [Theory]
    [InlineData("*/5 * * * *", true)]
    [InlineData("0 9-17 * jan-mar mon-fri", true)]
    [InlineData("@hourly", true)]
    [InlineData("* * * *", false)]
    [InlineData("*/0 * * * *", false)]
    [InlineData("@sometimes", false)]
    public void Schedules_are_read_as_cron_does(string schedule, bool good) => Assert.Equal(good, CronSchedule.Problem(schedule) is null);

    [Theory]
    [InlineData("""[{"name":"data","mountPath":"/d"}]""", """[]""", """{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}""", null)]
    [InlineData("""[{"name":"data","mountPath":"/d"}]""", """[{"name":"data","emptyDir":{}}]""", """{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}""", null)]
    [InlineData("""[{"name":"other","mountPath":"/d"}]""", """[]""", """{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}""", "spec.template.spec.containers[0].volumeMounts[0].name: Not found: \"other\"")]
    [InlineData("""[{"name":"data","mountPath":"/d"}]""", """[]""", """{"resources":{"requests":{"storage":"1Gi"}}}""", "spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required")]
    public void The_claims_of_a_set_are_volumes_of_its_pods(string mounts, string volumes, string claim, string? expected) => Assert.Equal(
        expected is null ? [] : [expected],
        Problems(
            "statefulsets",
            $$$""" "spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i:1","volumeMounts":{{{mounts}}}}],"volumes":{{{volumes}}}}},"volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{{{claim}}}}]}"""));

    private static string[] Problems(string plural, string body, string? old = null)
    {
        var descriptor = ResourceCatalog.BuiltIn.All.First(candidate => candidate.Plural == plural);
        return [.. ObjectValidation.Validate(descriptor, Prepared(descriptor, body), old is null ? null : Prepared(descriptor, old)).Select(cause => $"{cause.Field}: {cause.Message}")];
    }

    private static JsonObject Prepared(ResourceDescriptor descriptor, string body)
    {
        var metadata = descriptor.Namespaced ? """{"name":"a","namespace":"shop"}""" : """{"name":"a"}""";
        var obj = JsonNode.Parse($"{{\"metadata\":{metadata},{body}}}")!.AsObject();
        Assert.Null(StructuralDecoder.Decode(descriptor, obj).TypeError);
        ObjectDefaults.Apply(descriptor, obj);
        return obj;
    }
}
