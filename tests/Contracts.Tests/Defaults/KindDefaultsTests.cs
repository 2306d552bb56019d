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
    [InlineData("statefulsets", """{"spec":{"updateStrategy":{"type":"RollingUpdate"}}}""", """{"spec":{"podManagementPolicy":"OrderedReady","updateStrategy":{"type":"RollingUpdate"},"persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Retain","whenScaled":"Retain"},"replicas":1,"revisionHistoryLimit":10}}""")]
    [InlineData("services", """{"spec":{"externalIPs":["1.2.3.4"]}}""", """{"spec":{"externalIPs":["1.2.3.4"],"sessionAffinity":"None","type":"ClusterIP","externalTrafficPolicy":"Cluster","internalTrafficPolicy":"Cluster","ipFamilyPolicy":"SingleStack","ipFamilies":["IPv4"]},"status":{"loadBalancer":{}}}""")]
    [InlineData("services", """{"spec":{"type":"LoadBalancer"},"status":{"loadBalancer":{"ingress":[{"ip":"1.2.3.4"},{"hostname":"h"}]}}}""", """{"spec":{"type":"LoadBalancer","sessionAffinity":"None","externalTrafficPolicy":"Cluster","internalTrafficPolicy":"Cluster","ipFamilyPolicy":"SingleStack","ipFamilies":["IPv4"],"allocateLoadBalancerNodePorts":true},"status":{"loadBalancer":{"ingress":[{"ip":"1.2.3.4","ipMode":"VIP"},{"hostname":"h"}]}}}""")]
    [InlineData("apiservices", """{"spec":{"service":{"name":"s"}}}""", """{"spec":{"service":{"name":"s","port":443}}}""")]
    [InlineData("customresourcedefinitions", """{"spec":{"names":{"kind":"Foo"}}}""", """{"spec":{"names":{"kind":"Foo","singular":"foo","listKind":"FooList"},"conversion":{"strategy":"None"}}}""")]
    [InlineData("customresourcedefinitions", """{"spec":{"conversion":{}}}""", """{"spec":{"conversion":{}}}""")]
    [InlineData("persistentvolumes", """{"spec":{"azureDisk":{}}}""", """{"spec":{"azureDisk":{"cachingMode":"ReadWrite","fsType":"ext4","readOnly":false,"kind":"Shared"},"persistentVolumeReclaimPolicy":"Retain","volumeMode":"Filesystem"},"status":{"phase":"Pending"}}""")]
    [InlineData("resourceclaims", """{"spec":{"devices":{"requests":[{"exactly":{"tolerations":[{"key":"k"}]}}]}}}""", """{"spec":{"devices":{"requests":[{"exactly":{"tolerations":[{"key":"k","operator":"Equal"}],"allocationMode":"ExactCount","count":1}}]}}}""")]
    public void Each_kind_gets_upstreams_defaults_once(string plural, string given, string expected)
    {
        var descriptor = ResourceCatalog.BuiltIn.All.First(candidate => candidate.Plural == plural);
        var tree = JsonNode.Parse(given)!.AsObject();
        ObjectDefaults.Apply(descriptor, tree);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), tree), tree.ToJsonString());
        ObjectDefaults.Apply(descriptor, tree);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), tree), "A second time changed it: " + tree.ToJsonString());
    }

    [Theory]
    [InlineData("rbd", "{}", """{"pool":"rbd","user":"admin","keyring":"/etc/ceph/keyring"}""")]
    [InlineData("scaleIO", "{}", """{"storageMode":"ThinProvisioned","fsType":"xfs"}""")]
    [InlineData("azureDisk", "{}", """{"cachingMode":"ReadWrite","fsType":"ext4","readOnly":false,"kind":"Shared"}""")]
    [InlineData("iscsi", "{}", """{"iscsiInterface":"default"}""")]
    [InlineData("hostPath", "{}", """{"type":""}""")]
    [InlineData("image", """{"reference":"r"}""", """{"reference":"r","pullPolicy":"Always"}""")]
    [InlineData("image", """{"reference":"r:1"}""", """{"reference":"r:1","pullPolicy":"IfNotPresent"}""")]
    public void Each_source_of_a_volume_gets_upstreams_defaults(string source, string given, string expected)
    {
        var pod = Defaulted("""{"spec":{"volumes":[{"name":"v"}]}}""", pod => pod["spec"]!["volumes"]![0]![source] = JsonNode.Parse(given));
        var volume = pod["spec"]!["volumes"]![0]!;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), volume[source]), volume.ToJsonString());
        Assert.Null(volume["emptyDir"]);
    }

    [Theory]
    [InlineData("""{"limits":{"cpu":"2","memory":"1Gi"}}""", """{"limits":{"cpu":"2","memory":"1Gi"},"requests":{"cpu":"1","memory":"1Gi"}}""")]
    [InlineData("""{"requests":{"cpu":"2"}}""", """{"requests":{"cpu":"2","hugepages-2Mi":"4Mi"},"limits":{"hugepages-2Mi":"4Mi"}}""", "hugepages-2Mi")]
    [InlineData("""{"requests":{"cpu":"2","hugepages-2Mi":"4Mi"}}""", """{"requests":{"cpu":"2","hugepages-2Mi":"4Mi"}}""", "hugepages-2Mi")]
    [InlineData("{}", "{}")]
    public void Resources_of_a_whole_pod_are_filled_from_its_containers(string given, string expected, string limited = "example.com/gpu")
    {
        const string Containers = """{"spec":{"containers":[{"name":"a","resources":{"requests":{"cpu":"600m"}}},{"name":"b","resources":{"requests":{"cpu":"400m"},"limits":{}}}]}}""";
        var pod = Defaulted(Containers, pod =>
        {
            pod["spec"]!["resources"] = JsonNode.Parse(given);
            pod["spec"]!["containers"]![1]!["resources"]!["limits"]![limited] = "4Mi";
        });
        var resources = pod["spec"]!["resources"]!.AsObject();
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), resources), resources.ToJsonString());
    }

    private static JsonObject Defaulted(string pod, Action<JsonObject> change)
    {
        var tree = JsonNode.Parse(pod)!.AsObject();
        change(tree);
        ObjectDefaults.Apply(ResourceCatalog.BuiltIn.All.First(candidate => candidate.Plural == "pods"), tree);
        return tree;
    }
}
