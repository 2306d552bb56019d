using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using static ActorOrchestrator.Actors.Tests.Resources.Admission.AdmissionWorld;

namespace ActorOrchestrator.Actors.Tests.Resources.Admission;

/// <summary>What is filled in and refused of pods, and of the kinds that this comes from, beside limits, quotas and standards.</summary>
public sealed class PodAdmissionTests
{
    private const string NodeUser = "system:node:n1";

    [Theory]
    [InlineData("\"preemptionPolicy\":\"Never\",", "the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name")]
    [InlineData("\"priority\":5,", "the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name")]
    [InlineData("\"priorityClassName\":\"none\",", "no PriorityClass with name none was found")]
    [InlineData("\"priorityClassName\":\"calm\",\"preemptionPolicy\":\"PreemptLowerPriority\",", "the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in pod spec; priority admission controller computed Never from the given PriorityClass name")]
    public async Task Priority_is_the_classs_and_not_the_pods(string more, string refusal)
    {
        var world = await StartAsync();
        await world.MustAsync(ResourceTypes.PriorityClasses, """{"metadata":{"name":"calm"},"value":7,"preemptionPolicy":"Never"}""", "");
        var result = await world.CreateAsync(ResourceTypes.Pods, Pod("p", more: more));
        Assert.Equal($"pods \"p\" is forbidden: {refusal}", result.Failure?.Message);
    }

    [Fact]
    public async Task There_is_one_default_of_priority()
    {
        var world = await StartAsync();
        await world.MustAsync(ResourceTypes.PriorityClasses, """{"metadata":{"name":"usual"},"value":7,"globalDefault":true}""", "");
        var second = await world.CreateAsync(ResourceTypes.PriorityClasses, """{"metadata":{"name":"other"},"value":3,"globalDefault":true}""", "");
        Assert.Equal("priorityclasses.scheduling.k8s.io \"other\" is forbidden: PriorityClass usual is already marked as default. Only one default can exist", second.Failure?.Message);
        var pod = await world.MustAsync(ResourceTypes.Pods, Pod("p"));
        Assert.Equal(("usual", 7, "PreemptLowerPriority"), ((string?)pod["spec"]!["priorityClassName"], (int)pod["spec"]!["priority"]!, (string?)pod["spec"]!["preemptionPolicy"]));
    }

    [Fact]
    public async Task Tolerations_come_back_when_an_update_leaves_them_out()
    {
        var world = await StartAsync();
        await world.MustAsync(ResourceTypes.Pods, Pod("p"));
        var result = await world.ChangeAsync(ResourceTypes.Pods, "p", pod => pod["spec"]!.AsObject().Remove("tolerations"));
        Assert.True(result.Ok, result.Failure?.Message);
        Assert.Equal(2, world.Get(ResourceTypes.Pods, "p")["spec"]!["tolerations"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("""[]""", "", "node \"n1\" can only create pods with an owner reference set to itself")]
    [InlineData("""[{"apiVersion":"v1","kind":"Node","name":"n2","uid":"u"}]""", "", "node \"n1\" can only create pods with an owner reference set to itself")]
    [InlineData("""[{"apiVersion":"v1","kind":"Node","name":"n1","uid":"u"}]""", "", "node \"n1\" can only create pods with a controller owner reference set to itself")]
    [InlineData("""[{"apiVersion":"v1","kind":"Node","name":"n1","uid":"u","controller":true,"blockOwnerDeletion":true}]""", "", "node \"n1\" must not set blockOwnerDeletion on an owner reference")]
    [InlineData("""[{"apiVersion":"v1","kind":"Node","name":"n1","uid":"u","controller":true}]""", "\"imagePullSecrets\":[{\"name\":\"s\"}],", "a mirror pod may not reference secrets")]
    [InlineData("""[{"apiVersion":"v1","kind":"Node","name":"n1","uid":"u","controller":true}]""", "\"volumes\":[{\"name\":\"v\",\"configMap\":{\"name\":\"c\"}}],", "node \"n1\" can not create pods that reference configmaps")]
    [InlineData("""[{"apiVersion":"v1","kind":"Node","name":"n1","uid":"u","controller":true}]""", "", null)]
    public async Task A_node_reports_only_pods_of_its_own_that_need_nothing(string owners, string more, string? refusal)
    {
        var world = await StartAsync();
        world.User = new UserInfo(NodeUser, [UserInfo.Nodes, UserInfo.Authenticated]);
        var pod = JsonNode.Parse(Pod("p", more: more + "\"nodeName\":\"n1\","))!.AsObject();
        pod["metadata"]!["annotations"] = new JsonObject { ["kubernetes.io/config.mirror"] = "x" };
        pod["metadata"]!["ownerReferences"] = JsonNode.Parse(owners);
        var result = await world.CreateAsync(ResourceTypes.Pods, pod.ToJsonString());
        Assert.Equal(refusal is null ? null : $"pods \"p\" is forbidden: {refusal}", result.Failure?.Message);
    }

    [Theory]
    [InlineData("\"env\":[{\"name\":\"E\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"s\",\"key\":\"k\"}}}]", "container main with envVar E referencing secret.secretName=\"s\" is not allowed because service account strict does not reference that secret")]
    [InlineData("\"envFrom\":[{\"secretRef\":{\"name\":\"s\"}}]", "container main with envFrom referencing secret.secretName=\"s\" is not allowed because service account strict does not reference that secret")]
    [InlineData("\"envFrom\":[{\"secretRef\":{\"name\":\"mine\"}}]", null)]
    public async Task An_account_can_keep_its_pods_to_its_own_secrets(string variables, string? refusal)
    {
        var world = await StartAsync();
        await world.MustAsync(ResourceTypes.ServiceAccounts, """{"metadata":{"name":"strict","annotations":{"kubernetes.io/enforce-mountable-secrets":"true"}},"secrets":[{"name":"mine"}]}""");
        var pod = Pod("p", more: "\"serviceAccountName\":\"strict\",").Replace("\"image\":", variables + ",\"image\":", StringComparison.Ordinal);
        var result = await world.CreateAsync(ResourceTypes.Pods, pod);
        Assert.Equal(refusal is null ? null : $"pods \"p\" is forbidden: {refusal}", result.Failure?.Message);
    }

    [Fact]
    public async Task Label_keys_become_selectors_of_the_pods_own_labels()
    {
        var world = await StartAsync();
        var pod = JsonNode.Parse(Pod("p", more: """
            "topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"k","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"a":"b"}},"matchLabelKeys":["hash","none"]}],
            "affinity":{"podAntiAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"podAffinityTerm":{"topologyKey":"k","labelSelector":{},"mismatchLabelKeys":["hash"]}}]}},
            """))!.AsObject();
        pod["metadata"]!["labels"] = new JsonObject { ["a"] = "b", ["hash"] = "1" };
        var spec = (await world.MustAsync(ResourceTypes.Pods, pod.ToJsonString()))["spec"]!;
        Assert.Equal("""[{"key":"hash","operator":"In","values":["1"]}]""", spec["topologySpreadConstraints"]![0]!["labelSelector"]!["matchExpressions"]!.ToJsonString());
        var term = spec["affinity"]!["podAntiAffinity"]!["preferredDuringSchedulingIgnoredDuringExecution"]![0]!["podAffinityTerm"]!;
        Assert.Equal("""[{"key":"hash","operator":"NotIn","values":["1"]}]""", term["labelSelector"]!["matchExpressions"]!.ToJsonString());
    }
}
