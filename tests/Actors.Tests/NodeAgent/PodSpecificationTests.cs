using System.Text;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Actors.NodeAgent.Volumes;
using ActorOrchestrator.Contracts.Resources;
using k8s;
using k8s.Models;

namespace ActorOrchestrator.Actors.Tests.NodeAgent;

/// <summary>What a pod's specification becomes: environment, names, quality of service, files.</summary>
public sealed class PodSpecificationTests
{
    private static readonly PodFacts Facts = new("n1", "192.0.2.1", "10.42.0.2", Quantity.Of(2), Quantity.OfBytes(1 << 30), Quantity.OfBytes(1 << 30));

    [Theory]
    [InlineData("$(A)", "1")]
    [InlineData("$$(A)", "$(A)")]
    [InlineData("x$(A)y$(NONE)", "x1y$(NONE)")]
    [InlineData("$A $", "$A $")]
    [InlineData("$(A", "$(A")]
    public void References_are_expanded_as_the_api_says(string text, string expected) =>
        Assert.Equal(expected, EnvironmentBuilder.Expand(text, name => name == "A" ? "1" : null));

    [Fact]
    public void The_environment_holds_services_references_and_fields()
    {
        var pod = Pod("""
            {"name":"c","image":"i","resources":{"limits":{"cpu":"250m"}},"envFrom":[{"prefix":"P_","configMapRef":{"name":"m"}}],"env":[
              {"name":"A","value":"1"},{"name":"B","value":"$(A)$(P_K)-$(WEB_SERVICE_HOST)"},
              {"name":"NAME","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}},
              {"name":"CPU","valueFrom":{"resourceFieldRef":{"resource":"limits.cpu","divisor":"1m"}}},
              {"name":"S","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}},
              {"name":"O","valueFrom":{"secretKeyRef":{"name":"s","key":"none","optional":true}}}]}
            """);
        var service = new V1Service
        {
            Metadata = new V1ObjectMeta { Name = "web", NamespaceProperty = "default" },
            Spec = new V1ServiceSpec { ClusterIP = "10.43.0.5", Ports = [new V1ServicePort { Port = 80, Name = "http" }] },
        };

        var built = EnvironmentBuilder.Build(pod, pod.Spec.Containers[0], Facts, Find, [service]);

        Assert.Equal("", built.Error);
        var variables = built.Variables.ToDictionary();
        Assert.Equal("1v-10.43.0.5", variables["B"]);
        Assert.Equal("p", variables["NAME"]);
        Assert.Equal("250", variables["CPU"]);
        Assert.Equal("hidden", variables["S"]);
        Assert.False(variables.ContainsKey("O"));
        Assert.Equal("tcp://10.43.0.5:80", variables["WEB_PORT_80_TCP"]);
    }

    [Theory]
    [InlineData("{\"configMapKeyRef\":{\"name\":\"none\",\"key\":\"k\"}}", "configmap \"none\" not found")]
    [InlineData("{\"configMapKeyRef\":{\"name\":\"m\",\"key\":\"none\"}}", "couldn't find key none in ConfigMap default/m")]
    [InlineData("{\"secretKeyRef\":{\"name\":\"none\",\"key\":\"k\"}}", "secret \"none\" not found")]
    public void What_is_missing_is_named_in_the_kubelets_words(string source, string error)
    {
        var pod = Pod($$"""{"name":"c","image":"i","env":[{"name":"X","valueFrom":{{source}}}]}""");
        Assert.Equal(error, EnvironmentBuilder.Build(pod, pod.Spec.Containers[0], Facts, Find, []).Error);
    }

    [Theory]
    [InlineData("", "BestEffort", 1000)]
    [InlineData(",\"resources\":{\"requests\":{\"memory\":\"512Mi\"}}", "Burstable", 500)]
    [InlineData(",\"resources\":{\"limits\":{\"cpu\":\"1\",\"memory\":\"1Mi\"}}", "Guaranteed", -997)]
    [InlineData(",\"resources\":{\"limits\":{\"cpu\":\"1\"}}", "Burstable", 999)]
    public void The_quality_of_service_follows_from_requests_and_limits(string resources, string quality, int oomScore)
    {
        var pod = Pod($$"""{"name":"c","image":"i"{{resources}}}""");
        Assert.Equal(quality, QosClass.Of(pod));
        Assert.Equal(oomScore, QosClass.OomScore(pod, pod.Spec.Containers[0], 1 << 30));
    }

    [Theory]
    [InlineData("ClusterFirst", false, "nameserver 10.43.0.10\nsearch default.svc.cluster.local svc.cluster.local cluster.local corp\noptions ndots:5\n")]
    [InlineData("Default", false, "nameserver 192.0.2.53\nsearch corp\noptions edns0\n")]
    [InlineData("ClusterFirst", true, "nameserver 192.0.2.53\nsearch corp\noptions edns0\n")]
    [InlineData("ClusterFirstWithHostNet", true, "nameserver 10.43.0.10\nsearch default.svc.cluster.local svc.cluster.local cluster.local corp\noptions ndots:5\n")]
    [InlineData("None", false, "")]
    public void The_resolver_follows_the_dns_policy(string policy, bool hostNetwork, string expected)
    {
        var pod = Pod("""{"name":"c","image":"i"}""");
        pod.Spec.DnsPolicy = policy;
        pod.Spec.HostNetwork = hostNetwork;
        Assert.Equal(expected, ResolvConf.For(pod, "10.43.0.10", "cluster.local", "# host\nnameserver 192.0.2.53\nsearch corp\noptions edns0\n"));
    }

    [Fact]
    public void Projected_files_come_from_their_sources_and_missing_keys_are_named()
    {
        var pod = Pod("""{"name":"c","image":"i"}""");
        pod.Metadata.Labels = new Dictionary<string, string> { ["app"] = "web" };
        pod.Spec.Volumes = [.. KubernetesYaml.Deserialize<List<V1Volume>>("""
            - name: all
              projected:
                sources:
                - configMap: { name: m }
                - secret: { name: s, items: [{ key: k, path: deep/file, mode: 256 }] }
                - downwardAPI: { items: [{ path: labels, fieldRef: { fieldPath: metadata.labels } }] }
            - name: wrong
              configMap: { name: m, items: [{ key: none, path: x }] }
            """)];

        var plan = VolumePlan.Of(pod, Facts, Find);

        var files = Assert.IsType<PlannedVolume.Projection>(plan[0]).Files.ToDictionary(file => file.Path);
        Assert.Equal("v", Encoding.UTF8.GetString(files["K"].Content.Span));
        Assert.Equal(256, files["deep/file"].Mode);
        Assert.Equal("app=\"web\"", Encoding.UTF8.GetString(files["labels"].Content.Span));
        Assert.Equal("configmap references non-existent config key: none", Assert.IsType<PlannedVolume.Missing>(plan[1]).Error);
    }

    [Theory]
    [InlineData("{\"requests\":{\"cpu\":\"50m\"}}", 51, 0)]
    [InlineData("{\"limits\":{\"cpu\":\"500m\"}}", 512, 50_000)]
    [InlineData("{\"requests\":{\"cpu\":\"2\"},\"limits\":{\"cpu\":\"4\"}}", 2048, 400_000)]
    [InlineData("{}", 2, 0)]
    public void Processor_amounts_become_shares_and_quota(string resources, long shares, long quota) =>
        Assert.Equal((shares, quota), ContainerSpecBuilder.Cpu(Pod($$"""{"name":"c","image":"i","resources":{{resources}}}""").Spec.Containers[0]));

    [Fact]
    public void The_pause_image_is_the_same_bytes_every_time() =>
        Assert.Equal(PauseImage.Archive("amd64"), PauseImage.Archive("amd64"));

    private static V1Pod Pod(string container) => KubernetesJson.Deserialize<V1Pod>(
        $$$"""{"metadata":{"name":"p","namespace":"default","uid":"u"},"spec":{"containers":[{{{container}}}]}}""");

    private static StoredObject? Find(ObjectKey key) => (key.Type.Plural, key.Name) switch
    {
        ("configmaps", "m") => Stored(key, """{"data":{"K":"v"}}"""),
        ("secrets", "s") => Stored(key, """{"data":{"k":"aGlkZGVu"}}"""),
        _ => null,
    };

    private static StoredObject Stored(ObjectKey key, string json) => new(key, "u", new Revision(1), Encoding.UTF8.GetBytes(json), []);
}
