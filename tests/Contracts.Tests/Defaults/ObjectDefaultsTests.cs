using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Defaults;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Contracts.Tests.Defaults;

public class ObjectDefaultsTests
{
    public static TheoryData<string, string, string> Cases => new()
    {
        {
            "pods",
            """{"spec":{"containers":[{"name":"a","image":"nginx","ports":[{"containerPort":80}],"resources":{"limits":{"cpu":"1"}}}]}}""",
            """
            {"spec":{"containers":[{"name":"a","image":"nginx","ports":[{"containerPort":80,"protocol":"TCP"}],"resources":{"limits":{"cpu":"1"},"requests":{"cpu":"1"}},
            "imagePullPolicy":"Always","terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],
            "dnsPolicy":"ClusterFirst","restartPolicy":"Always","securityContext":{},"terminationGracePeriodSeconds":30,"schedulerName":"default-scheduler","enableServiceLinks":true}}
            """
        },
        {
            "services",
            """{"spec":{"ports":[{"port":80}],"type":"NodePort"}}""",
            """
            {"spec":{"ports":[{"port":80,"protocol":"TCP","targetPort":80}],"type":"NodePort","sessionAffinity":"None","externalTrafficPolicy":"Cluster",
            "internalTrafficPolicy":"Cluster","ipFamilyPolicy":"SingleStack","ipFamilies":["IPv4"]},"status":{"loadBalancer":{}}}
            """
        },
        {
            "services",
            """{"spec":{"type":"ExternalName","externalName":"a.b","sessionAffinity":"ClientIP"}}""",
            """
            {"spec":{"type":"ExternalName","externalName":"a.b","sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":10800}}},"status":{"loadBalancer":{}}}
            """
        },
        {
            "deployments",
            """{"spec":{"template":{"spec":{"containers":[{"image":"a:1","livenessProbe":{"httpGet":{"port":80}}}],"volumes":[{"name":"x"},{"name":"y","secret":{"secretName":"s"}}]}}}}""",
            """
            {"spec":{"template":{"spec":{"containers":[{"image":"a:1","livenessProbe":{"httpGet":{"port":80,"path":"/","scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3},
            "imagePullPolicy":"IfNotPresent","terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","resources":{}}],
            "volumes":[{"name":"x","emptyDir":{}},{"name":"y","secret":{"secretName":"s","defaultMode":420}}],
            "dnsPolicy":"ClusterFirst","restartPolicy":"Always","securityContext":{},"terminationGracePeriodSeconds":30,"schedulerName":"default-scheduler"}},
            "replicas":1,"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"25%","maxSurge":"25%"}},"revisionHistoryLimit":10,"progressDeadlineSeconds":600}}
            """
        },
        { "deployments", """{"spec":{"replicas":0,"strategy":{"type":"Recreate"},"revisionHistoryLimit":0}}""", """{"spec":{"replicas":0,"strategy":{"type":"Recreate"},"revisionHistoryLimit":0,"progressDeadlineSeconds":600}}""" },
        { "secrets", """{"stringData":{"a":"hello","b":"x"},"data":{"a":"b2xk"}}""", """{"data":{"a":"aGVsbG8=","b":"eA=="},"type":"Opaque"}""" },
        { "namespaces", """{"metadata":{"name":"shop"}}""", """{"metadata":{"name":"shop","labels":{"kubernetes.io/metadata.name":"shop"}},"status":{"phase":"Active"}}""" },
        { "endpoints", """{"subsets":[{"ports":[{"port":1}]}]}""", """{"subsets":[{"ports":[{"port":1,"protocol":"TCP"}]}]}""" },
        { "nodes", """{"status":{"capacity":{"cpu":"2"}}}""", """{"status":{"capacity":{"cpu":"2"},"allocatable":{"cpu":"2"}}}""" },
        { "configmaps", """{"data":{"a":"b"}}""", """{"data":{"a":"b"}}""" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_the_author_left_out_is_filled_in_once(string plural, string given, string expected)
    {
        var descriptor = ResourceCatalog.BuiltIn.All.First(candidate => candidate.Plural == plural);
        var tree = JsonNode.Parse(given)!.AsObject();
        ObjectDefaults.Apply(descriptor, tree);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), tree), tree.ToJsonString());
        ObjectDefaults.Apply(descriptor, tree);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), tree), "A second time changed it: " + tree.ToJsonString());
    }

    [Theory]
    [InlineData("nginx", "Always")]
    [InlineData("nginx:latest", "Always")]
    [InlineData("nginx:1.25", "IfNotPresent")]
    [InlineData("registry:5000/nginx", "Always")]
    [InlineData("registry:5000/nginx:1", "IfNotPresent")]
    [InlineData("nginx@sha256:0123456789012345678901234567890123456789012345678901234567890123", "IfNotPresent")]
    public void The_pull_policy_follows_the_tag(string image, string policy)
    {
        var tree = new JsonObject { ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["image"] = image }) } };
        ObjectDefaults.Apply(ResourceCatalog.BuiltIn[ResourceTypes.Pods], tree);
        Assert.Equal(policy, (string?)tree["spec"]!["containers"]![0]!["imagePullPolicy"]);
    }

    [Fact]
    public void A_pod_on_the_hosts_network_takes_its_ports_there_and_a_template_does_not()
    {
        static JsonObject Spec() => JsonNode.Parse("""{"hostNetwork":true,"containers":[{"ports":[{"containerPort":80}]}]}""")!.AsObject();
        var pod = new JsonObject { ["spec"] = Spec() };
        ObjectDefaults.Apply(ResourceCatalog.BuiltIn[ResourceTypes.Pods], pod);
        Assert.Equal(80, (int?)pod["spec"]!["containers"]![0]!["ports"]![0]!["hostPort"]);
        var replicaSet = new JsonObject { ["spec"] = new JsonObject { ["template"] = new JsonObject { ["spec"] = Spec() } } };
        ObjectDefaults.Apply(ResourceCatalog.BuiltIn[ResourceTypes.ReplicaSets], replicaSet);
        Assert.Null(replicaSet["spec"]!["template"]!["spec"]!["containers"]![0]!["ports"]![0]!["hostPort"]);
    }
}
