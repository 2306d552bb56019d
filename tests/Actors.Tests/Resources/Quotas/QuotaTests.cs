using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Quotas;
using ActorOrchestrator.Actors.Tests.Controllers;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Resources.Quotas;

/// <summary>What quotas count, case by case as upstream's evaluators do (pkg/quota/v1/evaluator/core).</summary>
public sealed class QuotaTests
{
    private const string Requests = """{"containers":[{"name":"c","resources":{"requests":{"cpu":"1","memory":"50M","ephemeral-storage":"1Gi","hugepages-2Mi":"100","example.com/gpu":"2"},"limits":{"cpu":"2","memory":"100M"}}}]}""";

    [Theory]
    [InlineData("pods", Requests, "", "count/pods=1 cpu=1 ephemeral-storage=1Gi hugepages-2Mi=100 limits.cpu=2 limits.memory=100M memory=50M pods=1 requests.cpu=1 requests.ephemeral-storage=1Gi requests.example.com/gpu=2 requests.hugepages-2Mi=100 requests.memory=50M")]
    [InlineData("pods", """{"initContainers":[{"name":"i","resources":{"requests":{"cpu":"5"},"limits":{"cpu":"6"}}}],"containers":[{"name":"a","resources":{"requests":{"cpu":"1"},"limits":{"cpu":"2"}}},{"name":"b","resources":{"requests":{"cpu":"2"},"limits":{"cpu":"5"}}}]}""", "", "count/pods=1 cpu=5 limits.cpu=7 pods=1 requests.cpu=5")]
    [InlineData("pods", """{"initContainers":[{"name":"s","restartPolicy":"Always","resources":{"requests":{"cpu":"1"}}}],"containers":[{"name":"a","resources":{"requests":{"cpu":"1"}}}],"overhead":{"cpu":"500m"}}""", "", "count/pods=1 cpu=2500m pods=1 requests.cpu=2500m")]
    [InlineData("pods", """{"resources":{"requests":{"cpu":"3"}},"containers":[{"name":"a","resources":{"requests":{"cpu":"1"}}}]}""", "", "count/pods=1 cpu=3 pods=1 requests.cpu=3")]
    [InlineData("pods", Requests, """{"phase":"Succeeded"}""", "count/pods=1")]
    [InlineData("pods", Requests, """{"phase":"Failed"}""", "count/pods=1")]
    [InlineData("services", """{"type":"ClusterIP","ports":[{"port":1}]}""", "", "count/services=1 services=1 services.loadbalancers=0 services.nodeports=0")]
    [InlineData("services", """{"type":"NodePort","ports":[{"port":1},{"port":2}]}""", "", "count/services=1 services=1 services.loadbalancers=0 services.nodeports=2")]
    [InlineData("services", """{"type":"LoadBalancer","ports":[{"port":1},{"port":2}]}""", "", "count/services=1 services=1 services.loadbalancers=1 services.nodeports=2")]
    [InlineData("services", """{"type":"LoadBalancer","allocateLoadBalancerNodePorts":false,"ports":[{"port":1},{"port":2,"nodePort":30000}]}""", "", "count/services=1 services=1 services.loadbalancers=1 services.nodeports=1")]
    [InlineData("persistentvolumeclaims", """{"resources":{"requests":{"storage":"10Gi"}}}""", "", "count/persistentvolumeclaims=1 persistentvolumeclaims=1 requests.storage=10Gi")]
    [InlineData("persistentvolumeclaims", """{"resources":{"requests":{"storage":"1500m"}}}""", "", "count/persistentvolumeclaims=1 persistentvolumeclaims=1 requests.storage=2")]
    [InlineData("persistentvolumeclaims", """{"storageClassName":"gold","resources":{"requests":{"storage":"10Gi"}}}""", "", "count/persistentvolumeclaims=1 gold.storageclass.storage.k8s.io/persistentvolumeclaims=1 gold.storageclass.storage.k8s.io/requests.storage=10Gi persistentvolumeclaims=1 requests.storage=10Gi")]
    [InlineData("persistentvolumeclaims", """{"resources":{"requests":{"storage":"10Gi"}}}""", """{"allocatedResources":{"storage":"20Gi"}}""", "count/persistentvolumeclaims=1 persistentvolumeclaims=1 requests.storage=20Gi")]
    [InlineData("deployments.apps", "{}", "", "count/deployments.apps=1")]
    [InlineData("widgets.example.com", "{}", "", "count/widgets.example.com=1")]
    [InlineData("secrets", "{}", "", "count/secrets=1 secrets=1")]
    public void An_object_uses(string type, string spec, string status, string expected)
    {
        var obj = new JsonObject { ["spec"] = JsonNode.Parse(spec), ["status"] = status.Length == 0 ? null : JsonNode.Parse(status) };
        var used = QuotaUsage.Of(TypeOf(type), obj);
        Assert.Equal(expected, string.Join(' ', used.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}")));
        Assert.All(used.Keys, name => Assert.True(QuotaUsage.Concerns(name, TypeOf(type)) || used[name].IsZero, name));
    }

    [Fact]
    public void The_class_of_old_comes_first()
    {
        var claim = JsonNode.Parse("""{"metadata":{"annotations":{"volume.beta.kubernetes.io/storage-class":"silver"}},"spec":{"storageClassName":"gold"}}""")!.AsObject();
        Assert.Contains("silver.storageclass.storage.k8s.io/persistentvolumeclaims", QuotaUsage.Of(ResourceTypes.PersistentVolumeClaims, claim).Keys);
    }

    [Theory]
    [InlineData("Terminating", """{"activeDeadlineSeconds":30}""", true)]
    [InlineData("Terminating", "{}", false)]
    [InlineData("NotTerminating", "{}", true)]
    [InlineData("NotTerminating", """{"activeDeadlineSeconds":0}""", false)]
    [InlineData("BestEffort", """{"containers":[{"name":"c"}]}""", true)]
    [InlineData("BestEffort", Requests, false)]
    [InlineData("NotBestEffort", Requests, true)]
    [InlineData("CrossNamespacePodAffinity", """{"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"namespaces":["a"]}]}}}""", true)]
    [InlineData("CrossNamespacePodAffinity", """{"affinity":{"podAntiAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"podAffinityTerm":{"namespaceSelector":{}}}]}}}""", true)]
    [InlineData("CrossNamespacePodAffinity", """{"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"a"}]}}}""", false)]
    public void A_scope_takes_pods(string scope, string spec, bool matches)
    {
        var pod = new JsonObject { ["spec"] = JsonNode.Parse(spec) };
        Assert.Equal(matches, QuotaScopes.Match(JsonNode.Parse($$"""{"scopes":["{{scope}}"]}""")!.AsObject(), ResourceTypes.Pods, pod));
        Assert.False(QuotaScopes.Match(JsonNode.Parse($$"""{"scopes":["{{scope}}"]}""")!.AsObject(), ResourceTypes.Services, pod));
    }

    [Theory]
    [InlineData("In", "high", "high", true)]
    [InlineData("In", "high", "low", false)]
    [InlineData("In", "high", "", false)]
    [InlineData("NotIn", "high", "low", true)]
    [InlineData("NotIn", "high", "", true)]
    [InlineData("Exists", "", "low", true)]
    [InlineData("Exists", "", "", false)]
    [InlineData("DoesNotExist", "", "", true)]
    [InlineData("DoesNotExist", "", "low", false)]
    public void Priority_classes_are_selected(string @operator, string value, string ofPod, bool matches)
    {
        var values = value.Length == 0 ? "[]" : $"[\"{value}\"]";
        var quota = JsonNode.Parse($$$"""{"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"{{{@operator}}}","values":{{{values}}} }]}}""")!.AsObject();
        Assert.Equal(matches, QuotaScopes.Match(quota, ResourceTypes.Pods, JsonNode.Parse($$$"""{"spec":{"priorityClassName":"{{{ofPod}}}"}}""")!.AsObject()));
    }

    [Theory]
    [InlineData("""{"cpu":"1"}""", """{"cpu":"500m"}""", """{"requests":{"cpu":"600m"}}""", "exceeded quota: q, requested: cpu=600m, used: cpu=500m, limited: cpu=1")]
    [InlineData("""{"pods":"1","requests.memory":"1Gi"}""", """{"pods":"1","requests.memory":"1Gi"}""", """{"requests":{"memory":"1Mi"}}""", "exceeded quota: q, requested: pods=1,requests.memory=1Mi, used: pods=1,requests.memory=1Gi, limited: pods=1,requests.memory=1Gi")]
    [InlineData("""{"limits.cpu":"1","memory":"1Gi"}""", "{}", """{"requests":{"cpu":"1"}}""", "failed quota: q: must specify limits.cpu for: c; memory for: c")]
    [InlineData("""{"requests.ephemeral-storage":"1Gi","pods":"5"}""", "{}", "{}", null)]
    [InlineData("""{"count/pods":"0"}""", """{"count/pods":"0"}""", "{}", "exceeded quota: q, requested: count/pods=1, used: count/pods=0, limited: count/pods=0")]
    public void A_pod_is_refused_in_upstreams_words(string hard, string used, string resources, string? expected)
    {
        var world = new PlanWorld();
        world.Put(ResourceTypes.ResourceQuotas, $$$"""{"metadata":{"name":"q","namespace":"default"},"spec":{"hard":{{{hard}}} },"status":{"hard":{{{hard}}},"used":{{{used}}} } }""");
        var pod = JsonNode.Parse($$$"""{"metadata":{"name":"p","namespace":"default"},"spec":{"containers":[{"name":"c","resources":{{{resources}}} }]}}""")!.AsObject();
        var charge = QuotaAccounts.Charge(world.Cluster, new ObjectKey(ResourceTypes.Pods, "default", "p"), null, pod);
        Assert.Equal(expected is null ? null : $"pods \"p\" is forbidden: {expected}", charge.Refusal?.Message);
        Assert.Equal(expected is null ? 1 : 0, charge.Entries.Length);
    }

    [Fact]
    public void What_ends_or_goes_is_given_back_in_the_same_commit()
    {
        var world = new PlanWorld();
        world.Put(ResourceTypes.ResourceQuotas, """{"metadata":{"name":"q","namespace":"default"},"spec":{},"status":{"hard":{"pods":"2","cpu":"2","count/pods":"9"},"used":{"pods":"2","cpu":"2","count/pods":"2"}}}""");
        var key = new ObjectKey(ResourceTypes.Pods, "default", "p");
        JsonObject Pod(string phase) => JsonNode.Parse($$$"""{"metadata":{"name":"p","namespace":"default"},"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"1"} } }] },"status":{"phase":"{{{phase}}}"}}""")!.AsObject();
        string Used(JsonObject? before, JsonObject? after)
        {
            var write = (Contracts.Ledger.LedgerCommands.Replace)Assert.Single(QuotaAccounts.Charge(world.Cluster, key, before, after).Entries);
            return JsonNode.Parse(write.Body.At(world.Cluster.Revision))!["status"]!["used"]!.ToJsonString();
        }

        Assert.Equal("""{"count/pods":"2","cpu":"1","pods":"1"}""", Used(Pod("Running"), Pod("Succeeded")));
        Assert.Equal("""{"count/pods":"1","cpu":"1","pods":"1"}""", Used(Pod("Running"), null));
        Assert.Equal("""{"count/pods":"1","cpu":"2","pods":"2"}""", Used(Pod("Failed"), null));
    }

    private static ResourceType TypeOf(string text) => text.IndexOf('.') is var dot and > 0 ? new ResourceType(text[(dot + 1)..], text[..dot]) : new ResourceType("", text);
}
