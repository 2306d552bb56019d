using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using static ActorOrchestrator.Actors.Tests.Resources.Admission.AdmissionWorld;

namespace ActorOrchestrator.Actors.Tests.Resources.Admission;

public sealed class MutatingAdmissionPolicyTests
{
    [Fact]
    public async Task A_configuration_is_applied_over_the_object()
    {
        var world = await StartAsync();
        await AddAsync(world, "p", Apply("Object{metadata: Object.metadata{labels: {'team': request.userInfo.username}}, data: {'b': object.data.a + '!'}}"));
        var made = await world.MustAsync(ResourceTypes.ConfigMaps, """{"metadata":{"name":"c","labels":{"x":"y"}},"data":{"a":"1"}}""");
        Assert.Equal("""{"a":"1","b":"1!"}""", made["data"]!.ToJsonString());
        Assert.Equal("""{"x":"y","team":"alice"}""", made["metadata"]!["labels"]!.ToJsonString());
    }

    [Fact]
    public async Task Lists_with_keys_are_merged_by_them()
    {
        var world = await StartAsync();
        await AddAsync(world, "p", Apply("Object{spec: Object.spec{initContainers: [Object.spec.initContainers{name: 'mesh', image: 'mesh:1', restartPolicy: 'Always'}], containers: [Object.spec.containers{name: 'main', imagePullPolicy: 'Never'}]}}"), resource: "pods");
        var pod = await world.MustAsync(ResourceTypes.Pods, Pod("p"));
        Assert.Equal("mesh", (string)pod["spec"]!["initContainers"]![0]!["name"]!);
        Assert.Equal("busybox", (string)pod["spec"]!["containers"]![0]!["image"]!);
        Assert.Equal("Never", (string)pod["spec"]!["containers"]![0]!["imagePullPolicy"]!);
        Assert.Single(pod["spec"]!["containers"]!.AsArray());
    }

    [Fact]
    public async Task A_patch_is_made_by_an_expression()
    {
        var world = await StartAsync();
        await AddAsync(world, "p", Patch("[JSONPatch{op: 'test', path: '/data/a', value: '1'}, JSONPatch{op: 'add', path: '/metadata/annotations', value: {}}, JSONPatch{op: 'add', path: '/metadata/annotations/' + jsonpatch.escapeKey('k8s.io/my.x'), value: string(object.data.size())}] + (has(object.data.z) ? [JSONPatch{op: 'remove', path: '/data/z'}] : [])"));
        var made = await world.MustAsync(ResourceTypes.ConfigMaps, """{"metadata":{"name":"c"},"data":{"a":"1","z":"2"}}""");
        Assert.Equal("""{"k8s.io/my.x":"2"}""", made["metadata"]!["annotations"]!.ToJsonString());
        Assert.Equal("""{"a":"1"}""", made["data"]!.ToJsonString());

        // The author's test does not hold: nothing is done and nobody complains.
        var other = await world.MustAsync(ResourceTypes.ConfigMaps, """{"metadata":{"name":"d"},"data":{"a":"2"}}""");
        Assert.Null(other["metadata"]!["annotations"]);
    }

    [Fact]
    public async Task Mutations_see_what_those_before_them_made_and_variables_follow()
    {
        var world = await StartAsync();
        await AddAsync(
            world, "p", """ "variables":[{"name":"n","expression":"object.data.size()"}],"mutations":[""" + Mutation("Object{data: {'first': string(variables.n)}}") + "," + Mutation("Object{data: {'second': string(variables.n)}}") + "]");
        var made = await world.MustAsync(ResourceTypes.ConfigMaps, """{"metadata":{"name":"c"},"data":{"a":"1"}}""");
        Assert.Equal("""{"a":"1","first":"1","second":"2"}""", made["data"]!.ToJsonString());
    }

    [Theory]
    [InlineData("IfNeeded", "2")]
    [InlineData("Never", "1")]
    public async Task A_policy_that_asks_for_it_sees_what_later_ones_made(string reinvocation, string count)
    {
        var world = await StartAsync();
        await AddAsync(world, "a", Apply("Object{metadata: Object.metadata{labels: {'count': string(object.data.size())}}}"), reinvocation: reinvocation);
        await AddAsync(world, "b", Apply("Object{data: {'b': '1'}}"));
        var made = await world.MustAsync(ResourceTypes.ConfigMaps, """{"metadata":{"name":"c"},"data":{"a":"1"}}""");
        Assert.Equal(count, (string)made["metadata"]!["labels"]!["count"]!);
    }

    [Theory]
    [InlineData("Object{spec: Object.spec{containers: [Object.spec.containers{name: 'main', args: ['x']}]}}", "error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.containers[0].args")]
    [InlineData("Object{spec: Object.wrong{hostNetwork: true}}", "type mismatch: unexpected type name \"Object.wrong\", expected \"Object.spec\", which matches field name path from root Object type")]
    [InlineData("Object{spec: Object.spec{nothing: 1}}", "error applying patch: failed to convert patch object to typed object: .spec.nothing: field not declared in schema")]
    [InlineData("Object{metadata: Object.metadata{name: object.metadata.missing}}", "expression 'Object{metadata: Object.metadata{name: object.metadata.missing}}' resulted in error: no such key: missing")]
    public async Task What_cannot_be_applied_is_refused_in_upstreams_words(string expression, string why)
    {
        var world = await StartAsync();
        await AddAsync(world, "p", Apply(expression), resource: "pods");
        var failure = (await world.CreateAsync(ResourceTypes.Pods, Pod("p"))).Failure!;
        Assert.Equal((403, "Invalid", $"policy 'p' with binding 'p' denied request: {why}"), (failure.Code, failure.Reason, failure.Message));

        var lenient = await StartAsync();
        await AddAsync(lenient, "p", Apply(expression), resource: "pods", failurePolicy: "Ignore");
        await lenient.MustAsync(ResourceTypes.Pods, Pod("p"));
    }

    [Fact]
    public async Task Parameters_and_match_conditions_decide_what_is_made_of_whom()
    {
        var world = await StartAsync();
        await world.MustAsync(ResourceTypes.ConfigMaps, """{"metadata":{"name":"settings"},"data":{"tier":"gold"}}""");
        await AddAsync(
            world, "p", """ "paramKind":{"apiVersion":"v1","kind":"ConfigMap"},"matchConditions":[{"name":"x","expression":"object.metadata.name != 'free'"}],""" + Apply("Object{data: {'tier': params.data.tier}}"),
            paramRef: ""","paramRef":{"name":"settings","namespace":"shop","parameterNotFoundAction":"Deny"}""");
        Assert.Equal("gold", (string)(await world.MustAsync(ResourceTypes.ConfigMaps, """{"metadata":{"name":"c"},"data":{"a":"1"}}"""))["data"]!["tier"]!);
        Assert.Null((await world.MustAsync(ResourceTypes.ConfigMaps, """{"metadata":{"name":"free"},"data":{"a":"1"}}"""))["data"]!["tier"]);
    }

    [Fact]
    public async Task Updates_are_mutated_too_and_deletions_are_not()
    {
        var world = await StartAsync();
        await AddAsync(world, "p", Apply("Object{data: {'op': request.operation}}"));
        await world.MustAsync(ResourceTypes.ConfigMaps, """{"metadata":{"name":"c"}}""");
        var changed = await world.ChangeAsync(ResourceTypes.ConfigMaps, "c", obj => obj["data"]!["x"] = "1");
        Assert.Equal("""{"op":"UPDATE","x":"1"}""", changed.Object!.ToJson()["data"]!.ToJsonString());
        Assert.True((await world.Store.DeleteAsync(new ObjectKey(ResourceTypes.ConfigMaps, Namespace, "c"), new DeleteRequest(), new WriteOptions(world.User, "delete"))).Ok);
    }

    private static string Mutation(string expression) => new JsonObject { ["patchType"] = "ApplyConfiguration", ["applyConfiguration"] = new JsonObject { ["expression"] = expression } }.ToJsonString();

    private static string Apply(string expression) => $"\"mutations\":[{Mutation(expression)}]";

    private static string Patch(string expression) =>
        "\"mutations\":[" + new JsonObject { ["patchType"] = "JSONPatch", ["jsonPatch"] = new JsonObject { ["expression"] = expression } }.ToJsonString() + "]";

    private static async Task AddAsync(
        AdmissionWorld world, string name, string spec, string resource = "configmaps", string reinvocation = "Never", string failurePolicy = "Fail", string paramRef = "")
    {
        await world.MustAsync(
            ResourceTypes.MutatingAdmissionPolicies,
            $$$"""
            {"metadata":{"name":"{{{name}}}"},"spec":{"failurePolicy":"{{{failurePolicy}}}","reinvocationPolicy":"{{{reinvocation}}}",
             "matchConstraints":{"resourceRules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE","UPDATE"],"resources":["{{{resource}}}"]}]},{{{spec}}}}}
            """,
            "");
        await world.MustAsync(ResourceTypes.MutatingAdmissionPolicyBindings, $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"policyName":"{{{name}}}"{{{paramRef}}}}}""", "");
    }
}
