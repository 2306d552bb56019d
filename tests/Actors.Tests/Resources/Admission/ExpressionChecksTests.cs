using ActorOrchestrator.Contracts.Resources;
using static ActorOrchestrator.Actors.Tests.Resources.Admission.AdmissionWorld;

namespace ActorOrchestrator.Actors.Tests.Resources.Admission;

/// <summary>What is wrong with an expression is told when it is written, with the place and in upstream's words.</summary>
public sealed class ExpressionChecksTests
{
    private const string Match = """ "matchConstraints":{"resourceRules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["configmaps"]}]} """;

    [Theory]
    [InlineData(""" "validations":[{"expression":"object.a +"}] """, "spec.validations[0].expression", "compilation failed: ERROR: <input>:1:11: Syntax error: mismatched input")]
    [InlineData(""" "validations":[{"expression":"object.a"}] """, "spec.validations[0].expression", "must evaluate to bool but got dyn")]
    [InlineData(""" "validations":[{"expression":"params.x == 1"}] """, "spec.validations[0].expression", "compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')")]
    [InlineData(""" "validations":[{"expression":"true","messageExpression":"1"}] """, "spec.validations[0].messageExpression", "must evaluate to string but got int")]
    [InlineData(""" "validations":[{"expression":"true","messageExpression":"string(authorizer.path('/').check('get').allowed())"}] """, "spec.validations[0].messageExpression", "undeclared reference to 'authorizer'")]
    [InlineData(""" "validations":[{"expression":"true"}],"auditAnnotations":[{"key":"k","valueExpression":"1"}] """, "spec.auditAnnotations[0].valueExpression", "must evaluate to one of [string null_type] but got int")]
    [InlineData(""" "validations":[{"expression":"variables.x"}],"variables":[{"name":"x","expression":"1 + 'a'"}] """, "spec.variables[0].expression", "found no matching overload for '_+_' applied to '(int, string)'")]
    [InlineData(""" "validations":[{"expression":"true"}],"variables":[{"name":"for","expression":"1"}] """, "spec.variables[0].name", "name is not a valid CEL identifier")]
    [InlineData(""" "validations":[{"expression":"true"}],"matchConditions":[{"name":"c","expression":"variables.x"}],"variables":[{"name":"x","expression":"true"}] """, "spec.matchConditions[0].expression", "undeclared reference to 'variables'")]
    [InlineData(""" "validations":[{"expression":"Object{} == Object{}"}] """, "spec.validations[0].expression", "undeclared reference to 'Object'")]
    public Task Validating_policies(string spec, string field, string why) =>
        RefusedAsync(ResourceTypes.ValidatingAdmissionPolicies, "{\"metadata\":{\"name\":\"p\"},\"spec\":{" + Match + "," + spec + "}}", field, why);

    [Theory]
    [InlineData("ApplyConfiguration", "applyConfiguration", "{}", "must evaluate to Object but got map(dyn, dyn)")]
    [InlineData("ApplyConfiguration", "applyConfiguration", "Object.spec{}", "must evaluate to Object but got Object.spec")]
    [InlineData("ApplyConfiguration", "applyConfiguration", "Wrong{}", "compilation failed: ERROR: <input>:1:6: undeclared reference to 'Wrong' (in container '')")]
    [InlineData("JSONPatch", "jsonPatch", "[JSONPatch{op: 1}]", "expected type of field 'op' is 'string' but provided type is 'int'")]
    [InlineData("JSONPatch", "jsonPatch", "[JSONPatch{nothing: 1}]", "undefined field 'nothing'")]
    [InlineData("JSONPatch", "jsonPatch", "JSONPatch{}", "must evaluate to list(JSONPatch) but got JSONPatch")]
    public Task Mutating_policies(string type, string field, string expression, string why) => RefusedAsync(
        ResourceTypes.MutatingAdmissionPolicies,
        "{\"metadata\":{\"name\":\"p\"},\"spec\":{\"reinvocationPolicy\":\"Never\"," + Match + ",\"mutations\":[{\"patchType\":\"" + type + "\",\"" + field + "\":{\"expression\":\"" + expression + "\"}}]}}",
        $"spec.mutations[0].{field}.expression",
        why);

    [Fact]
    public Task Webhooks() => RefusedAsync(
        ResourceTypes.ValidatingWebhookConfigurations,
        """
        {"metadata":{"name":"w"},"webhooks":[{"name":"a.example.com","admissionReviewVersions":["v1"],"sideEffects":"None","clientConfig":{"url":"https://localhost/"},
         "matchConditions":[{"name":"fine","expression":"true"},{"name":"wrong","expression":"request.nothing == 1"}]}]}
        """,
        "webhooks[0].matchConditions[1].expression",
        "compilation failed: ERROR: <input>:1:8: undefined field 'nothing'");

    [Theory]
    [InlineData("self.a", "cel expression must evaluate to a bool", "rule", "")]
    [InlineData("self.b == 1", "compilation failed: ERROR: <input>:1:5: undefined field 'b'", "rule", "")]
    [InlineData("self.a == 1", "messageExpression must evaluate to a string", "messageExpression", "1")]
    [InlineData("self.a == 1", "messageExpression compilation failed: ERROR: <input>:1:1: undeclared reference to 'x'", "messageExpression", "x")]
    public Task Rules_of_custom_kinds(string rule, string why, string field, string message) => RefusedAsync(
        ResourceTypes.CustomResourceDefinitions,
        """
        {"metadata":{"name":"things.example.com"},"spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"things","kind":"Thing","listKind":"ThingList","singular":"thing"},
         "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object",
          "x-kubernetes-validations":[{"rule":"RULE"MESSAGE}],"properties":{"a":{"type":"integer"}}}}}}}]}}
        """
            .Replace("RULE", rule, StringComparison.Ordinal).Replace("MESSAGE", message.Length == 0 ? "" : $",\"messageExpression\":\"{message}\"", StringComparison.Ordinal),
        $"spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].{field}",
        why);

    [Theory]
    [InlineData("""{"type":"array","items":{"type":"string","x-kubernetes-validations":[{"rule":"self.contains('x')"}]}}""", "items.x-kubernetes-validations[0].rule", "Forbidden: estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)")]
    [InlineData("""{"type":"array","items":{"type":"string"},"x-kubernetes-validations":[{"rule":"true","messageExpression":"string(self[0]) + string(self[1]) + string(self[2])"}]}""", "x-kubernetes-validations[0].messageExpression", "Forbidden: estimated messageExpression cost exceeds budget")]
    [InlineData("""{"type":"array","items":{"type":"string","x-kubernetes-validations":[{"rule":"self.contains('x')"}]}}""", "", "Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget")]
    [InlineData("""{"type":"array","maxItems":100,"items":{"type":"string","maxLength":1000,"x-kubernetes-validations":[{"rule":"self.contains('x')"}]}}""", "", null)]
    [InlineData("""{"type":"array","maxItems":40,"items":{"type":"string","x-kubernetes-validations":[{"rule":"self.contains('x')"}]}}""", "items.x-kubernetes-validations[0].rule", "Forbidden: estimated rule cost exceeds budget by factor of 1.258296x")]
    public async Task Rules_that_may_cost_too_much_are_refused_by_the_bounds_of_the_schema(string field, string place, string? why)
    {
        const string Root = "spec.validation.openAPIV3Schema";
        var world = await StartAsync();
        var definition = """
            {"metadata":{"name":"things.example.com"},"spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"things","kind":"Thing","listKind":"ThingList","singular":"thing"},
             "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"f":FIELD}}}}]}}
            """.Replace("FIELD", field, StringComparison.Ordinal);
        var result = await world.CreateAsync(ResourceTypes.CustomResourceDefinitions, definition, "");
        if (why is null)
        {
            Assert.True(result.Ok, result.Failure?.Message);
            return;
        }

        Assert.Contains(result.Failure!.Causes, cause => cause.Field == (place.Length == 0 ? Root : $"{Root}.properties[f].{place}") && cause.Message.StartsWith(why, StringComparison.Ordinal));
    }

    private static async Task RefusedAsync(ResourceType type, string json, string field, string why)
    {
        var world = await StartAsync();
        var failure = (await world.CreateAsync(type, json, "")).Failure!;
        Assert.Equal(422, failure.Code);
        var cause = Assert.Single(failure.Causes, cause => cause.Field == field);
        Assert.Contains(why, cause.Message);
    }
}
