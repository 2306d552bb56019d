using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Defaults;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Contracts.Tests.Defaults;

public class KindDefaultsTests
{
    [Theory]
    [InlineData("statefulsets", "{}", """{"spec":{"podManagementPolicy":"OrderedReady","updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":0}},"persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Retain","whenScaled":"Retain"},"replicas":1,"revisionHistoryLimit":10}}""")]
    [InlineData("daemonsets", "{}", """{"spec":{"updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":1,"maxSurge":0}},"revisionHistoryLimit":10}}""")]
    [InlineData("jobs", "{}", """{"spec":{"completions":1,"parallelism":1,"backoffLimit":6,"completionMode":"NonIndexed","suspend":false,"podReplacementPolicy":"TerminatingOrFailed"}}""")]
    [InlineData("jobs", """{"spec":{"parallelism":3,"backoffLimitPerIndex":1,"podFailurePolicy":{"rules":[{"action":"Ignore","onPodConditions":[{"type":"X"}]}]}}}""", """{"spec":{"parallelism":3,"backoffLimitPerIndex":1,"podFailurePolicy":{"rules":[{"action":"Ignore","onPodConditions":[{"type":"X","status":"True"}]}]},"backoffLimit":2147483647,"completionMode":"NonIndexed","suspend":false,"podReplacementPolicy":"Failed"}}""")]
    [InlineData("cronjobs", """{"spec":{"schedule":"@daily"}}""", """{"spec":{"schedule":"@daily","concurrencyPolicy":"Allow","suspend":false,"successfulJobsHistoryLimit":3,"failedJobsHistoryLimit":1}}""")]
    [InlineData("horizontalpodautoscalers", """{"spec":{"maxReplicas":2,"behavior":{}}}""", """{"spec":{"maxReplicas":2,"behavior":{"scaleUp":{"stabilizationWindowSeconds":0,"selectPolicy":"Max","policies":[{"type":"Pods","value":4,"periodSeconds":15},{"type":"Percent","value":100,"periodSeconds":15}]},"scaleDown":{"selectPolicy":"Max","policies":[{"type":"Percent","value":100,"periodSeconds":15}]}},"minReplicas":1,"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":80}}}]}}""")]
    [InlineData("persistentvolumes", """{"spec":{"hostPath":{"path":"/d"}}}""", """{"spec":{"hostPath":{"path":"/d","type":""},"persistentVolumeReclaimPolicy":"Retain","volumeMode":"Filesystem"},"status":{"phase":"Pending"}}""")]
    [InlineData("persistentvolumeclaims", "{}", """{"spec":{"volumeMode":"Filesystem"},"status":{"phase":"Pending"}}""")]
    [InlineData("storageclasses", "{}", """{"reclaimPolicy":"Delete","volumeBindingMode":"Immediate"}""")]
    [InlineData("csidrivers", "{}", """{"spec":{"attachRequired":true,"podInfoOnMount":false,"storageCapacity":false,"fsGroupPolicy":"ReadWriteOnceWithFSType","volumeLifecycleModes":["Persistent"],"requiresRepublish":false,"seLinuxMount":false}}""")]
    [InlineData("limitranges", """{"spec":{"limits":[{"type":"Container","max":{"cpu":"2"},"min":{"memory":"1Mi"}}]}}""", """{"spec":{"limits":[{"type":"Container","max":{"cpu":"2"},"min":{"memory":"1Mi"},"default":{"cpu":"2"},"defaultRequest":{"cpu":"2","memory":"1Mi"}}]}}""")]
    [InlineData("networkpolicies", """{"spec":{"egress":[{"ports":[{"port":1}]}]}}""", """{"spec":{"egress":[{"ports":[{"port":1,"protocol":"TCP"}]}],"policyTypes":["Ingress","Egress"]}}""")]
    [InlineData("ingressclasses", """{"spec":{"parameters":{"kind":"K","name":"n"}}}""", """{"spec":{"parameters":{"kind":"K","name":"n","scope":"Cluster"}}}""")]
    [InlineData("priorityclasses", "{}", """{"preemptionPolicy":"PreemptLowerPriority"}""")]
    [InlineData("rolebindings", """{"subjects":[{"kind":"User","name":"u"},{"kind":"ServiceAccount","name":"s"}],"roleRef":{"kind":"Role","name":"r"}}""", """{"subjects":[{"kind":"User","name":"u","apiGroup":"rbac.authorization.k8s.io"},{"kind":"ServiceAccount","name":"s"}],"roleRef":{"kind":"Role","name":"r","apiGroup":"rbac.authorization.k8s.io"}}""")]
    [InlineData("mutatingwebhookconfigurations", """{"webhooks":[{"clientConfig":{"service":{}},"rules":[{}]}]}""", """{"webhooks":[{"clientConfig":{"service":{"port":443}},"rules":[{"scope":"*"}],"failurePolicy":"Fail","matchPolicy":"Equivalent","namespaceSelector":{},"objectSelector":{},"timeoutSeconds":10,"reinvocationPolicy":"Never"}]}""")]
    [InlineData("validatingadmissionpolicies", """{"spec":{"matchConstraints":{}}}""", """{"spec":{"matchConstraints":{"matchPolicy":"Equivalent","namespaceSelector":{},"objectSelector":{}},"failurePolicy":"Fail"}}""")]
    [InlineData("flowschemas", "{}", """{"spec":{"matchingPrecedence":1000}}""")]
    [InlineData("prioritylevelconfigurations", """{"spec":{"limited":{"limitResponse":{"queuing":{}}}}}""", """{"spec":{"limited":{"limitResponse":{"queuing":{"handSize":8,"queues":64,"queueLengthLimit":50}},"nominalConcurrencyShares":30,"lendablePercent":0}}}""")]
    public void Each_kind_gets_upstreams_defaults_once(string plural, string given, string expected)
    {
        var descriptor = ResourceCatalog.BuiltIn.All.First(candidate => candidate.Plural == plural);
        var tree = JsonNode.Parse(given)!.AsObject();
        ObjectDefaults.Apply(descriptor, tree);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), tree), tree.ToJsonString());
        ObjectDefaults.Apply(descriptor, tree);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), tree), "A second time changed it: " + tree.ToJsonString());
    }
}
