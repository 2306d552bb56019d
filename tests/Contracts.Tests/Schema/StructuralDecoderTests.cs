using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;
using k8s.Models;

namespace ActorOrchestrator.Contracts.Tests.Schema;

public class StructuralDecoderTests
{
    private static readonly ResourceDescriptor Deployment = ResourceCatalog.BuiltIn[ResourceTypes.Deployments];
    private static readonly ResourceDescriptor Pod = ResourceCatalog.BuiltIn[ResourceTypes.Pods];

    private static (JsonObject Tree, DecodeReport Report) Decode(ResourceDescriptor descriptor, string json)
    {
        var tree = JsonNode.Parse(json)!.AsObject();
        return (tree, StructuralDecoder.Decode(descriptor, tree));
    }

    [Fact]
    public void Unknown_fields_are_dropped_and_reported_by_their_paths()
    {
        var (tree, report) = Decode(Deployment, """
            {"metadata":{"name":"web","labels":{"any":"x"}},"spec":{"template":{"spec":{"contaners":[],"containers":[{"name":"a","imagee":"b"}]}}},"extra":1}
            """);
        Assert.Equal<string>(["spec.template.spec.contaners", "spec.template.spec.containers[0].imagee", "extra"], report.UnknownFields);
        Assert.Equal(
            """{"metadata":{"name":"web","labels":{"any":"x"}},"spec":{"template":{"spec":{"containers":[{"name":"a"}]}}}}""", tree.ToJsonString());
        Assert.Equal(
            "Deployment in version \"v1\" cannot be handled as a Deployment: strict decoding error: unknown field \"spec.template.spec.contaners\", "
            + "unknown field \"spec.template.spec.containers[0].imagee\", unknown field \"extra\"",
            report.StrictFailure(Deployment)!.Message);
    }

    [Theory]
    [InlineData("""{"spec":{"replicas":"3"}}""", "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData("""{"spec":{"replicas":3.5}}""", "json: cannot unmarshal number 3.5 into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData("""{"spec":{"replicas":3000000000}}""", "json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData("""{"spec":{"paused":"yes"}}""", "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.paused of type bool")]
    [InlineData("""{"spec":[]}""", "json: cannot unmarshal array into Go struct field Deployment.spec of type v1.DeploymentSpec")]
    [InlineData("""{"metadata":{"labels":{"a":1}}}""", "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels[a] of type string")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":{}}}}}""", "json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container")]
    public void A_value_of_a_wrong_type_is_named_with_what_was_found(string json, string expected)
    {
        var (_, report) = Decode(Deployment, json);
        Assert.Equal(expected, report.TypeError);
        Assert.Equal(400, report.TypeFailure(Deployment)!.Code);
    }

    [Fact]
    public void Nulls_are_absent_and_quantities_canonical()
    {
        var (tree, report) = Decode(Pod, """
            {"metadata":{"name":"a","creationTimestamp":null},"spec":{"containers":[{"name":"a","command":null,"resources":{"limits":{"cpu":0.5,"memory":"1024Mi","ephemeral-storage":"10001u"}}}]}}
            """);
        Assert.Equal(DecodeReport.Clean, report);
        Assert.Equal(
            """{"metadata":{"name":"a"},"spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":"500m","memory":"1Gi","ephemeral-storage":"11m"}}}]}}""", tree.ToJsonString());
    }

    [Theory]
    [InlineData("""{"spec":{"containers":[{"resources":{"limits":{"cpu":"a lot"}}}]}}""", "spec.containers[0].resources.limits[cpu]: quantities must match")]
    [InlineData("""{"metadata":{"creationTimestamp":"yesterday"}}""", "metadata.creationTimestamp: parsing time \"yesterday\"")]
    public void Malformed_texts_are_refused(string json, string expected) => Assert.StartsWith(expected, Decode(Pod, json).Report.TypeError);

    [Fact]
    public void Secret_data_must_be_base64()
    {
        var secret = ResourceCatalog.BuiltIn[ResourceTypes.Secrets];
        Assert.Null(Decode(secret, """{"data":{"a":"aGVsbG8="}}""").Report.TypeError);
        Assert.StartsWith("data[a]: illegal base64 data", Decode(secret, """{"data":{"a":"hello!"}}""").Report.TypeError);
    }

    [Fact]
    public void Merge_keys_and_list_types_are_those_of_upstream()
    {
        var pod = ObjectSchema.Of(Pod);
        AssertMerge("name", ListType.Map, pod.Find("spec", "containers"));
        AssertMerge("containerPort", ListType.Map, pod.Find("spec", "containers", "ports"));
        AssertMerge("mountPath", ListType.Map, pod.Find("spec", "initContainers", "volumeMounts"));
        AssertMerge("devicePath", ListType.Map, pod.Find("spec", "ephemeralContainers", "volumeDevices"));
        AssertMerge("ip", ListType.Map, pod.Find("spec", "hostAliases"));
        AssertMerge("topologyKey", ListType.Map, pod.Find("spec", "topologySpreadConstraints"));
        AssertMerge("ip", ListType.Map, pod.Find("status", "podIPs"));
        AssertMerge("type", ListType.Map, pod.Find("status", "conditions"));
        AssertMerge("uid", ListType.Map, pod.Find("metadata", "ownerReferences"));
        AssertMerge(null, ListType.Set, pod.Find("metadata", "finalizers"));
        Assert.True(pod.Find("spec", "volumes")!.PatchRetainKeys);
        Assert.Equal<string>(["containerPort", "protocol"], pod.Find("spec", "containers", "ports")!.MapKeys);
        Assert.False(pod.Find("spec", "tolerations")!.PatchMerge);
        Assert.False(pod.Find("spec", "containers", "envFrom")!.PatchMerge);
        AssertMerge("port", ListType.Map, ObjectSchema.Of(typeof(V1Service)).Find("spec", "ports"));
        AssertMerge("name", null, ObjectSchema.Of(typeof(V1ServiceAccount)).Find("secrets"), anyListType: true);
        AssertMerge("type", ListType.Map, ObjectSchema.Of(typeof(V1Node)).Find("status", "addresses"));
        Assert.False(ObjectSchema.Of(typeof(V1Node)).Find("spec", "taints")!.PatchMerge);
        Assert.True(ObjectSchema.Of(typeof(V1Deployment)).Find("spec", "strategy")!.PatchRetainKeys);
        Assert.True(ObjectSchema.Of(typeof(V1LabelSelector)).Atomic);
    }

    private static void AssertMerge(string? key, ListType? type, SchemaNode? node, bool anyListType = false)
    {
        Assert.NotNull(node);
        Assert.True(node.PatchMerge);
        Assert.Equal(key, node.PatchMergeKey);
        Assert.True(anyListType || node.ListType == type, $"{node.ListType}");
    }
}
