using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Storage;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Controllers.Storage;

public sealed class VolumeBindingTests
{
    private const string OfOne = "\"resources\":{\"requests\":{\"storage\":\"1Gi\"}},\"accessModes\":[\"ReadWriteOnce\"]}";
    private const string One = "{" + OfOne;
    private const string Local = "{\"storageClassName\":\"local-path\"," + OfOne;
    private readonly PlanWorld _world = new();

    [Fact]
    public void A_claim_gets_the_smallest_volume_that_suits_it()
    {
        Volume("large", "10Gi");
        Volume("small", "500Mi");
        Volume("right", "2Gi");
        Volume("other-class", "1Gi", """,  "storageClassName":"fast" """);
        Volume("read-only", "1Gi", modes: "ReadOnlyMany");
        var claim = Claim(One);

        Settle();

        Assert.Equal("right", Spec(claim)["volumeName"]!.ToString());
        Assert.Equal("Bound", Phase(claim));
        Assert.Equal("2Gi", _world.Cluster.Find(claim)!.ToJson()["status"]!["capacity"]!["storage"]!.ToString());
        Assert.Equal("Bound", Phase(VolumeKey("right")));
        Assert.Equal(_world.Cluster.Find(claim)!.Uid, Spec(VolumeKey("right"))["claimRef"]!["uid"]!.ToString());
        Assert.Equal("Available", Phase(VolumeKey("large")));
    }

    [Fact]
    public void A_binding_that_was_interrupted_anywhere_is_completed_with_the_same_volume()
    {
        // One write of one controller at a time, in every order of the two that the seed gives.
        for (var seed = 0; seed < 50; seed++)
        {
            var world = new VolumeBindingTests();
            world.Volume("a", "1Gi");
            world.Volume("b", "1Gi");
            var claims = new[] { world.Claim(One), world.Claim(One, "second") };
            world.SettleRandomly(new Random(seed));

            Assert.All(claims, claim => Assert.Equal("Bound", world.Phase(claim)));
            Assert.Equal(["a", "b"], claims.Select(claim => world.Spec(claim)["volumeName"]!.ToString()).Order());
            Assert.All(claims, claim => Assert.Equal(
                world._world.Cluster.Find(claim)!.Uid, world.Spec(VolumeKey(world.Spec(claim)["volumeName"]!.ToString()))["claimRef"]!["uid"]!.ToString()));
        }
    }

    [Fact]
    public void A_volume_kept_for_a_name_is_not_given_to_others()
    {
        Volume("kept", "1Gi", """,  "claimRef":{"namespace":"default","name":"later"} """);
        var other = Claim(One);
        Settle();
        Assert.Equal("", Phase(other));
        Assert.Equal("Available", Phase(VolumeKey("kept")));

        var later = Claim(One, "later");
        Settle();
        Assert.Equal("kept", Spec(later)["volumeName"]!.ToString());
        Assert.Equal("Bound", Phase(later));
    }

    [Theory]
    [InlineData("Retain", "Released", true)]
    [InlineData("Recycle", "Failed", true)]
    [InlineData("Delete", "Failed", true)]
    public void A_volume_whose_claim_is_gone_is_kept_as_its_policy_says(string policy, string phase, bool stays)
    {
        Volume("v", "1Gi", $$""",  "persistentVolumeReclaimPolicy":"{{policy}}" """);
        var claim = Claim(One);
        Settle();
        _world.Remove(claim);
        Settle();
        Assert.Equal(stays, _world.Cluster.Find(VolumeKey("v")) is not null);
        Assert.Equal(phase, Phase(VolumeKey("v")));

        // A new claim of the same name is another one.
        var again = Claim(One);
        Settle();
        Assert.Equal("", Phase(again));
    }

    [Fact]
    public void A_claim_without_its_volume_is_lost()
    {
        Volume("v", "1Gi");
        var claim = Claim(One);
        Settle();
        _world.Remove(VolumeKey("v"));
        Settle();
        Assert.Equal("Lost", Phase(claim));
    }

    [Fact]
    public void A_folder_is_made_where_the_scheduler_says_grows_and_goes_with_its_claim()
    {
        Class();
        var claim = Claim(Local);
        Settle();
        Assert.Empty(_world.Cluster.All(ResourceTypes.PersistentVolumes));

        Choose(claim, "n1");
        Settle();
        Assert.Equal("", Annotation(claim, ClaimView.SelectedNode));
        _world.Put(ResourceTypes.Nodes, """{"metadata":{"name":"n1","labels":{"kubernetes.io/hostname":"host-1"}}}""");
        Choose(claim, "n1");
        Settle();

        var volume = VolumeKey($"pvc-{_world.Cluster.Find(claim)!.Uid}");
        Assert.Equal("Bound", Phase(claim));
        Assert.Equal("Bound", Phase(volume));
        Assert.Equal("host-1", Spec(volume)["nodeAffinity"]!["required"]!["nodeSelectorTerms"]![0]!["matchExpressions"]![0]!["values"]![0]!.ToString());

        Edit(claim, obj => obj["spec"]!["resources"]!["requests"]!["storage"] = "3Gi");
        Settle();
        Assert.Equal("3Gi", _world.Cluster.Find(claim)!.ToJson()["status"]!["capacity"]!["storage"]!.ToString());

        _world.Remove(claim);
        Settle();
        Assert.NotNull(_world.Cluster.Find(volume)!.Metadata.DeletionTimestamp);

        // The node that has the folder is gone for good.
        _world.Remove(new ObjectKey(ResourceTypes.Nodes, "", "n1"));
        Settle();
        Assert.Null(_world.Cluster.Find(volume));
    }

    [Fact]
    public void A_node_that_is_gone_is_chosen_again()
    {
        Class();
        var claim = Claim(Local);
        Edit(claim, obj => obj["metadata"]!["annotations"] = new JsonObject { [ClaimView.SelectedNode] = "gone" });
        Settle();
        Assert.Equal("", Annotation(claim, ClaimView.SelectedNode));
    }

    [Fact]
    public void Another_provisioner_is_asked_and_a_later_default_class_is_taken()
    {
        var claim = Claim(One);
        Settle();
        _world.Put(ResourceTypes.StorageClasses, """
            {"metadata":{"name":"fast","annotations":{"storageclass.kubernetes.io/is-default-class":"true"}},"provisioner":"disks.example.com","volumeBindingMode":"Immediate"}
            """);
        Settle();
        Assert.Equal("fast", Spec(claim)["storageClassName"]!.ToString());
        Assert.Equal("disks.example.com", Annotation(claim, ClaimView.StorageProvisioner));
    }

    [Fact]
    public void The_claim_of_an_ephemeral_volume_is_made_and_owned_by_its_pod()
    {
        var pod = _world.Put(ResourceTypes.Pods, """
            {"metadata":{"name":"p","namespace":"default","uid":"u1"},"spec":{"volumes":[{"name":"scratch","ephemeral":{"volumeClaimTemplate":{"metadata":{"labels":{"a":"b"}},"spec":SPEC}}}]}}
            """.Replace("SPEC", One, StringComparison.Ordinal));
        _world.Settle(EphemeralClaimReconciler.Definition, pod);
        var claim = _world.Cluster.Find(new ObjectKey(ResourceTypes.PersistentVolumeClaims, "default", "p-scratch"))!;
        Assert.Equal("u1", claim.Metadata.ControllerReference!.Uid);
        Assert.Equal("b", claim.Metadata.Labels["a"]);
    }

    private void Settle()
    {
        for (var before = -1; before != _world.Writes;)
        {
            before = _world.Writes;
            foreach (var (definition, key) in Work())
            {
                _world.Settle(definition, key);
            }
        }
    }

    private void SettleRandomly(Random random)
    {
        var idle = 0;
        while (idle < 100)
        {
            var work = Work();
            var (definition, key) = work[random.Next(work.Length)];
            var before = _world.Writes;
            _world.Carry(definition.Reconcile(Observed.At(key, _world.Cluster), _world.Now));
            idle = _world.Writes == before ? idle + 1 : 0;
        }
    }

    private (ControllerDefinition Definition, ObjectKey Key)[] Work() =>
    [
        .. new[] { ClaimReconciler.Definition, VolumeReconciler.Definition }
            .SelectMany(definition => definition.Everything(_world.Cluster).Select(key => (definition, key))),
    ];

    private ObjectKey Claim(string spec, string name = "data") =>
        _world.Put(ResourceTypes.PersistentVolumeClaims, $$"""{"metadata":{"name":"{{name}}","namespace":"default"},"spec":{{spec}}}""");

    private void Volume(string name, string size, string more = "", string modes = "ReadWriteOnce") => _world.Put(
        ResourceTypes.PersistentVolumes,
        $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"capacity":{"storage":"{{{size}}}"},"accessModes":["{{{modes}}}"],"hostPath":{"path":"/srv"}{{{more}}}}}""");

    private void Class() => _world.Put(
        ResourceTypes.StorageClasses,
        """{"metadata":{"name":"local-path"},"provisioner":"local-path.orchestrator","reclaimPolicy":"Delete","volumeBindingMode":"WaitForFirstConsumer"}""");

    private void Choose(ObjectKey claim, string node) =>
        Edit(claim, obj => obj["metadata"]!.AsObject()["annotations"] = new JsonObject { [ClaimView.SelectedNode] = node });

    private void Edit(ObjectKey key, Action<JsonObject> change)
    {
        var obj = _world.Cluster.Find(key)!.ToJson();
        change(obj);
        _world.Put(key.Type, obj);
    }

    private static ObjectKey VolumeKey(string name) => new(ResourceTypes.PersistentVolumes, "", name);

    private JsonObject Spec(ObjectKey key) => _world.Cluster.Find(key)!.ToJson()["spec"]!.AsObject();

    private string Phase(ObjectKey key) => _world.Cluster.Find(key)!.ToJson()["status"]?["phase"]?.ToString() ?? "";

    private string Annotation(ObjectKey key, string name) => _world.Cluster.Find(key)!.Metadata.Annotations.GetValueOrDefault(name, "");
}
