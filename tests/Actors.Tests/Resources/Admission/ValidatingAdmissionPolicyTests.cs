using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Controllers.AdmissionPolicies;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using static ActorOrchestrator.Actors.Tests.Resources.Admission.AdmissionWorld;

namespace ActorOrchestrator.Actors.Tests.Resources.Admission;

public sealed class ValidatingAdmissionPolicyTests
{
    private const string OnConfigMaps = """ "matchConstraints":{"resourceRules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE","UPDATE"],"resources":["configmaps"]}]} """;

    [Fact]
    public async Task A_failed_validation_denies_with_its_message()
    {
        var world = await WithPolicyAsync(""" "validations":[{"expression":"has(object.data) && object.data.size() > 1","message":"two at least"}] """);
        var result = await world.CreateAsync(ResourceTypes.ConfigMaps, """{"metadata":{"name":"c"},"data":{"a":"1"}}""");
        Assert.Equal(422, result.Failure?.Code);
        Assert.Equal("Invalid", result.Failure!.Reason);
        Assert.Equal("configmaps \"c\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: two at least", result.Failure.Message);
        await world.MustAsync(ResourceTypes.ConfigMaps, """{"metadata":{"name":"c"},"data":{"a":"1","b":"2"}}""");
    }

    [Theory]
    [InlineData(""" "validations":[{"expression":"object.data.a == '1'","messageExpression":"'got ' + object.data.a + ' from ' + request.userInfo.username"}] """, "got 2 from alice")]
    [InlineData(""" "validations":[{"expression":"object.data.a == '1'"}] """, "failed expression: object.data.a == '1'")]
    [InlineData(""" "validations":[{"expression":"object.missing == '1'"}] """, "expression 'object.missing == '1'' resulted in error: no such key: missing")]
    [InlineData(""" "variables":[{"name":"a","expression":"object.data.a"},{"name":"n","expression":"int(variables.a) * 10"}],"validations":[{"expression":"variables.n < 20","messageExpression":"'n is ' + string(variables.n)"}] """, "n is 20")]
    [InlineData(""" "validations":[{"expression":"namespaceObject.metadata.name != 'shop'","message":"not here"}] """, "not here")]
    [InlineData(""" "validations":[{"expression":"authorizer.group('').resource('secrets').namespace('shop').check('get').allowed() == false","message":"may read secrets"}] """, "may read secrets")]
    public async Task Messages_variables_and_what_expressions_see(string policy, string message)
    {
        var world = await WithPolicyAsync(policy);
        var result = await world.CreateAsync(ResourceTypes.ConfigMaps, """{"metadata":{"name":"c"},"data":{"a":"2"}}""");
        Assert.EndsWith($"denied request: {message}", result.Failure?.Message);
    }

    [Fact]
    public async Task A_binding_may_warn_and_note_instead()
    {
        var world = await WithPolicyAsync(
            """ "validations":[{"expression":"false","message":"no"}],"auditAnnotations":[{"key":"name","valueExpression":"string(object.metadata.name)"}] """, """["Warn","Audit"]""");
        await world.MustAsync(ResourceTypes.ConfigMaps, """{"metadata":{"name":"c"}}""");
        Assert.Equal(["Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': no"], world.Warnings);
        Assert.Equal("c", world.Annotations["p/name"]);
        Assert.Contains("\"message\":\"no\"", world.Annotations["validation.policy.admission.k8s.io/validation_failure"]);
    }

    [Fact]
    public async Task Match_conditions_and_failure_policy_decide_whether_it_judges()
    {
        var world = await WithPolicyAsync(""" "failurePolicy":"Ignore","matchConditions":[{"name":"x","expression":"object.metadata.name != 'free'"}],"validations":[{"expression":"object.nothing.there == 1","message":"no"}] """);
        await world.MustAsync(ResourceTypes.ConfigMaps, """{"metadata":{"name":"free"}}""");
        await world.MustAsync(ResourceTypes.ConfigMaps, """{"metadata":{"name":"ignored"}}""");
        var strict = await WithPolicyAsync(""" "matchConditions":[{"name":"x","expression":"object.metadata.name != 'free'"}],"validations":[{"expression":"false","message":"no"}] """);
        await strict.MustAsync(ResourceTypes.ConfigMaps, """{"metadata":{"name":"free"}}""");
        Assert.False((await strict.CreateAsync(ResourceTypes.ConfigMaps, """{"metadata":{"name":"bound"}}""")).Ok);
    }

    [Fact]
    public async Task Parameters_come_from_an_object_that_the_binding_names()
    {
        var world = await WithPolicyAsync(
            """ "paramKind":{"apiVersion":"v1","kind":"ConfigMap"},"matchConditions":[{"name":"x","expression":"object.metadata.name != 'limits'"}],"validations":[{"expression":"object.data.size() <= int(params.data.max)","messageExpression":"'at most ' + params.data.max"}] """,
            """["Deny"],"paramRef":{"name":"limits","namespace":"shop","parameterNotFoundAction":"Deny"}""");
        var missing = await world.CreateAsync(ResourceTypes.ConfigMaps, """{"metadata":{"name":"c"},"data":{"a":"1"}}""");
        Assert.Contains("failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction", missing.Failure?.Message);
    }

    [Fact]
    public async Task Expressions_are_checked_against_the_kinds_they_match()
    {
        var world = await StartAsync();
        await world.MustAsync(
            ResourceTypes.ValidatingAdmissionPolicies,
            """
            {"metadata":{"name":"p"},"spec":{"matchConstraints":{"resourceRules":[{"apiGroups":["apps"],"apiVersions":["v1"],"operations":["CREATE"],"resources":["deployments"]}]},
             "validations":[{"expression":"object.spec.replicas > 1"},{"expression":"object.replicas > 1"},{"expression":"object.spec.replicas > '1'"}]}}
            """,
            "");
        var stored = world.Ledger.View.Current.All(ResourceTypes.ValidatingAdmissionPolicies).Single();
        var plan = new ValidatingAdmissionPolicyReconciler(ResourceCatalog.BuiltIn).Definition.Reconcile(Observed.At(stored.Key, world.Ledger.View.Current), world.Time.GetUtcNow());
        var status = ((ChangeObject)plan.Steps.Single().Actions.Single()).Change(stored, stored.ToJson()).Object!["status"]!;
        var warnings = status["typeChecking"]!["expressionWarnings"]!.AsArray();
        Assert.Equal(["spec.validations[1].expression", "spec.validations[2].expression"], warnings.Select(warning => (string)warning!["fieldRef"]!));
        Assert.StartsWith("apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'", (string)warnings[0]!["warning"]!);
        Assert.Contains("found no matching overload for '_>_' applied to '(int, string)'", (string)warnings[1]!["warning"]!);
    }

    [Fact]
    public async Task Connections_are_judged_by_their_options()
    {
        var world = await StartAsync();
        await world.MustAsync(
            ResourceTypes.ValidatingAdmissionPolicies,
            """
            {"metadata":{"name":"p"},"spec":{"matchConstraints":{"resourceRules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CONNECT"],"resources":["pods/exec"]}]},
             "validations":[{"expression":"object.command[0] != 'rm'","messageExpression":"request.kind.kind + ': ' + object.command[0]"}]}}
            """,
            "");
        await world.MustAsync(ResourceTypes.ValidatingAdmissionPolicyBindings, """{"metadata":{"name":"b"},"spec":{"policyName":"p","validationActions":["Deny"]}}""", "");
        var options = new WriteOptions(world.User, "connect") { Subresource = "exec" };
        var pod = new ObjectKey(ResourceTypes.Pods, Namespace, "web");
        Assert.Null(await world.Store.ConnectAsync(pod, "PodExecOptions", new JsonObject { ["command"] = new JsonArray("ls") }, options));
        var refusal = await world.Store.ConnectAsync(pod, "PodExecOptions", new JsonObject { ["command"] = new JsonArray("rm") }, options);
        Assert.EndsWith("denied request: PodExecOptions: rm", refusal!.Message);
    }

    private static async Task<AdmissionWorld> WithPolicyAsync(string spec, string actions = """["Deny"]""")
    {
        var world = await StartAsync();
        await world.MustAsync(ResourceTypes.ValidatingAdmissionPolicies, "{\"metadata\":{\"name\":\"p\"},\"spec\":{" + OnConfigMaps.Trim() + "," + spec + "}}", "");
        await world.MustAsync(ResourceTypes.ValidatingAdmissionPolicyBindings, "{\"metadata\":{\"name\":\"b\"},\"spec\":{\"policyName\":\"p\",\"validationActions\":" + actions + "}}", "");
        return world;
    }
}
