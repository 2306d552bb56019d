using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Actors.Scheduling.Framework;
using ActorOrchestrator.Actors.Scheduling.Plugins;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Scheduling;

/// <summary>Claims, volumes and what nodes can attach.</summary>
public sealed class VolumePlacementTests
{
    private const string Class = """{"metadata":{"name":"wait"},"provisioner":"kubernetes.io/no-provisioner","volumeBindingMode":"WaitForFirstConsumer"}""";
    private const string Made = """{"metadata":{"name":"wait"},"provisioner":"x.io/disk","volumeBindingMode":"WaitForFirstConsumer","allowedTopologies":[{"matchLabelExpressions":[{"key":"zone","values":["zone2"]}]}]}""";
    private const string OnA = """,{"nodeAffinity":{"required":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"node","operator":"In","values":["a"]}]}]}}}""";

    private readonly SchedulingSnapshot _cluster = PodTopologySpreadTests.Zones([0, 0, 0, 0]);

    [Fact]
    public void A_claim_that_is_not_there_is_named() =>
        Assert.StartsWith("0/4 nodes are available: persistentvolumeclaim \"c\" not found.", Message(Mounting("c")), StringComparison.Ordinal);

    [Fact]
    public void A_claim_that_should_be_bound_already_is_waited_for()
    {
        Claim("""{"storageClassName":""}""");
        Assert.StartsWith("0/4 nodes are available: pod has unbound immediate PersistentVolumeClaims.", Message(Mounting("c")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bound_claim_is_followed_to_where_its_volume_is()
    {
        Claim("""{"volumeName":"v"}""", """{"phase":"Bound"}""");
        Assert.Contains("4 node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)", Message(Mounting("c")));
        Volume("v", OnA);
        Assert.Equal("a", PodTopologySpreadTests.Fitting(_cluster, Mounting("c")));
        var elsewhere = Mounting("c", spec => spec["nodeSelector"] = Given.Parse("""{"zone":"zone2"}"""));
        Assert.Contains("2 node(s) didn't match PersistentVolume's node affinity, 2 node(s) didn't match Pod's node affinity/selector", Message(elsewhere).Replace(
            "2 node(s) didn't match Pod's node affinity/selector, 2 node(s) didn't match PersistentVolume's node affinity",
            "2 node(s) didn't match PersistentVolume's node affinity, 2 node(s) didn't match Pod's node affinity/selector", StringComparison.Ordinal));
    }

    [Fact]
    public void A_claim_that_waits_for_its_consumer_takes_the_smallest_volume_that_suffices()
    {
        Apply(ResourceTypes.StorageClasses, Class);
        Claim("""{"storageClassName":"wait","accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}""");
        Assert.Contains("4 node(s) didn't find available persistent volumes to bind", Message(Mounting("c")));
        Volume("large", OnA, "9Gi");
        Volume("right", OnA, "2Gi");
        Volume("small", OnA, "500Mi");
        Assert.Equal("a", PodTopologySpreadTests.Fitting(_cluster, Mounting("c")));
        var decision = Assert.Single(VolumeBinding.Plan(Mounting("c"), _cluster.Find("a")!, _cluster.Storage));
        Assert.Equal(("right", "a"), (decision.VolumeName, decision.NodeName));
        _cluster.Storage.Promise("right", new ObjectKey(ResourceTypes.PersistentVolumeClaims, "default", "another"));
        Assert.Equal("large", VolumeBinding.Plan(Mounting("c"), _cluster.Find("a")!, _cluster.Storage)[0].VolumeName);
    }

    [Fact]
    public void A_volume_that_is_yet_to_be_made_goes_where_its_class_allows()
    {
        Apply(ResourceTypes.StorageClasses, Made);
        Claim("""{"storageClassName":"wait"}""");
        Assert.Equal("x,y", PodTopologySpreadTests.Fitting(_cluster, Mounting("c")));
        Assert.Equal("", VolumeBinding.Plan(Mounting("c"), _cluster.Find("x")!, _cluster.Storage)[0].VolumeName);
        Claim("""{"storageClassName":"wait"}""", annotations: """{"volume.kubernetes.io/selected-node":"y"}""");
        Assert.Equal("y", PodTopologySpreadTests.Fitting(_cluster, Mounting("c")));
    }

    [Theory]
    // What the driver says it has, and where the claim of 1Gi can be made.
    [InlineData("true", """{"capacity":"2Gi","nodeTopology":{"matchLabels":{"node":"x"}}}""", "x")]
    [InlineData("true", """{"capacity":"2Gi","maximumVolumeSize":"500Mi","nodeTopology":{}}""", "")]
    [InlineData("true", """{"capacity":"500Mi","nodeTopology":{}}""", "")]
    [InlineData("true", """{"capacity":"2Gi"}""", "")]
    [InlineData("true", """{"nodeTopology":{}}""", "")]
    [InlineData("false", """{"capacity":"500Mi","nodeTopology":{}}""", "x,y")]
    public void A_volume_is_made_where_there_is_space_if_the_driver_says_where(string says, string capacity, string fitting)
    {
        Apply(ResourceTypes.StorageClasses, Made);
        Apply(ResourceTypes.CSIDrivers, $$$"""{"metadata":{"name":"x.io/disk"},"spec":{"storageCapacity":{{{says}}}}}""");
        var some = Given.Parse(capacity);
        some["metadata"] = Given.Parse("""{"name":"some","namespace":"kube-system"}""");
        some["storageClassName"] = "wait";
        _cluster.Storage.Apply(Given.Stored(ResourceTypes.CSIStorageCapacities, some), deleted: false);
        Claim("""{"storageClassName":"wait","resources":{"requests":{"storage":"1Gi"}}}""");
        Assert.Equal(fitting, PodTopologySpreadTests.Fitting(_cluster, Mounting("c")));
        if (fitting.Length == 0)
        {
            Assert.Contains("2 node(s) did not have enough free storage, 2 node(s) didn't find available persistent volumes to bind", Message(Mounting("c")));
        }
    }

    [Theory]
    [InlineData("{}", """{"volume.kubernetes.io/selected-node":"a"}""", false, null)]
    [InlineData("{}", "{}", false, "provisioning failed for PVC \"c\"")]
    [InlineData("""{"volumeName":"v"}""", """{"pv.kubernetes.io/bind-completed":"yes"}""", true, null)]
    [InlineData("""{"volumeName":"w"}""", """{"pv.kubernetes.io/bind-completed":"yes"}""", false, "pv \"w\" node affinity doesn't match node \"a\": no matching NodeSelectorTerms")]
    public void What_becomes_of_a_claim_that_was_told_its_node_is_followed(string spec, string annotations, bool done, string? failure)
    {
        Volume("v", OnA);
        Volume("w", OnA.Replace("\"a\"", "\"b\"", StringComparison.Ordinal));
        Claim(spec, annotations: annotations);
        Assert.Equal((done, failure), VolumeBinding.ProgressOf(Mounting("c"), _cluster.Find("a"), _cluster.Storage));
    }

    [Fact]
    public void A_zone_label_of_a_volume_is_followed()
    {
        _cluster.SetNode(PodTopologySpreadTests.Node("a", "zone1", node => node["metadata"]!["labels"]!["topology.kubernetes.io/zone"] = "eu-1"));
        _cluster.SetNode(PodTopologySpreadTests.Node("b", "zone1", node => node["metadata"]!["labels"]!["failure-domain.beta.kubernetes.io/zone"] = "eu-2"));
        Claim("""{"volumeName":"v"}""", """{"phase":"Bound"}""");
        Apply(ResourceTypes.PersistentVolumes, """{"metadata":{"name":"v","labels":{"topology.kubernetes.io/zone":"eu-2__eu-3"}},"spec":{}}""");
        Assert.Equal("b", PodTopologySpreadTests.Fitting(_cluster, Mounting("c")));
        Assert.Contains("3 node(s) had no available volume zone", Message(Mounting("c", spec => spec["nodeSelector"] = Given.Parse("""{"none":"x"}""")), explain: true));
    }

    [Fact]
    public void A_claim_for_one_pod_alone_has_one()
    {
        Claim("""{"volumeName":"v","accessModes":["ReadWriteOncePod"]}""", """{"phase":"Bound"}""");
        Volume("v", "");
        var other = Mounting("c", name: "other");
        _cluster.Place(other, "x");
        Assert.Contains("4 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode", Message(Mounting("c")));
        _cluster.Remove(other.Key);
        Assert.Equal("a,b,x,y", PodTopologySpreadTests.Fitting(_cluster, Mounting("c")));
    }

    [Fact]
    public void A_node_attaches_no_more_volumes_than_it_can()
    {
        Apply(ResourceTypes.CSINodes, """{"metadata":{"name":"a"},"spec":{"drivers":[{"name":"x.io/disk","allocatable":{"count":1}}]}}""");
        Claim("""{"volumeName":"v"}""", """{"phase":"Bound"}""");
        Claim("""{"volumeName":"w"}""", """{"phase":"Bound"}""", name: "d");
        Apply(ResourceTypes.PersistentVolumes, """{"metadata":{"name":"v"},"spec":{"csi":{"driver":"x.io/disk"}}}""");
        Apply(ResourceTypes.PersistentVolumes, """{"metadata":{"name":"w"},"spec":{"csi":{"driver":"x.io/disk"}}}""");
        _cluster.Place(Mounting("d", name: "other"), "a");
        Assert.Equal("b,x,y", PodTopologySpreadTests.Fitting(_cluster, Mounting("c")));
        Assert.Equal("a,b,x,y", PodTopologySpreadTests.Fitting(_cluster, Mounting("d")));
    }

    [Theory]
    [InlineData("""{"gcePersistentDisk":{"pdName":"x"}}""", """{"gcePersistentDisk":{"pdName":"x"}}""", false)]
    [InlineData("""{"gcePersistentDisk":{"pdName":"x","readOnly":true}}""", """{"gcePersistentDisk":{"pdName":"x","readOnly":true}}""", true)]
    [InlineData("""{"awsElasticBlockStore":{"volumeID":"x","readOnly":true}}""", """{"awsElasticBlockStore":{"volumeID":"x","readOnly":true}}""", false)]
    [InlineData("""{"iscsi":{"iqn":"x"}}""", """{"iscsi":{"iqn":"y"}}""", true)]
    public void A_disk_is_shared_only_as_far_as_its_kind_allows(string there, string wanted, bool shared)
    {
        _cluster.Place(Disk("other", there), "a");
        Assert.Equal(shared ? "a,b,x,y" : "b,x,y", PodTopologySpreadTests.Fitting(_cluster, Disk("p", wanted)));
    }

    private static PodInfo Disk(string name, string volume) =>
        PodTopologySpreadTests.Changed(name, pod => pod["spec"]!["volumes"] = new JsonArray(Given.Parse(volume)));

    private static PodInfo Mounting(string claim, Action<JsonObject>? change = null, string name = "p") => PodTopologySpreadTests.Changed(name, pod =>
    {
        pod["spec"]!["volumes"] = new JsonArray(Given.Parse($$$"""{"name":"v","persistentVolumeClaim":{"claimName":"{{{claim}}}"}}"""));
        change?.Invoke(pod["spec"]!.AsObject());
    });

    private string Message(PodInfo pod, bool explain = false)
    {
        if (!explain)
        {
            return SchedulingCycle.Decide(_cluster, SchedulingProfile.Default(), pod, 0).Diagnosis?.Message ?? "fits";
        }

        var judge = new VolumeZone().For(pod, _cluster)!;
        return $"{_cluster.Nodes.Count(node => !judge.Filter(pod, node).IsSuccess)} node(s) had no available volume zone";
    }

    private void Claim(string spec, string status = "{}", string annotations = "{}", string name = "c") => Apply(
        ResourceTypes.PersistentVolumeClaims,
        $$$"""{"metadata":{"name":"{{{name}}}","namespace":"default","uid":"claim-{{{name}}}","annotations":{{{annotations}}} },"spec":{{{spec}}},"status":{{{status}}} }""");

    private void Volume(string name, string more, string size = "1Gi")
    {
        var volume = Given.Parse(
            $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"capacity":{"storage":"{{{size}}}"},"accessModes":["ReadWriteOnce"],"storageClassName":"wait"},"status":{"phase":"Available"}}""");
        if (more.Length > 0)
        {
            volume["spec"]!["nodeAffinity"] = Given.Parse(more[1..])["nodeAffinity"]!.DeepClone();
        }

        _cluster.Storage.Apply(Given.Stored(ResourceTypes.PersistentVolumes, volume), deleted: false);
    }

    private void Apply(ResourceType type, string json) => _cluster.Storage.Apply(Given.Stored(type, Given.Parse(json)), deleted: false);
}
