using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.CustomResources;
using ActorOrchestrator.Contracts.CustomResources;

namespace ActorOrchestrator.Actors.Tests.Resources.CustomResources;

/// <summary>What rules of custom kinds tell, and what of it is tolerated because it was so before (KEP-2876, KEP-4008).</summary>
public class RuleEvaluationTests
{
    private const string Value = """{"type":"string","x-kubernetes-validations":[{"rule":"self == 'baz'","message":"gotta be baz"}]}""";

    [Theory]
    [InlineData("'made of ' + self.text", "told", "Invalid value: made of a")]
    [InlineData("'two\\nlines'", "told", "Invalid value: \"object\": told")]
    [InlineData("string('   ')", "told", "Invalid value: \"object\": told")]
    [InlineData("['a'][4]", "told", "Invalid value: \"object\": told")]
    [InlineData("['a'][4]", "", "Invalid value: \"object\": failed rule: false")]
    [InlineData("", "told", "Invalid value: \"object\": told")]
    public void A_message_that_cannot_be_made_gives_way_to_the_one_that_was_written(string expression, string message, string told)
    {
        var rule = new JsonObject { ["rule"] = "false", ["message"] = message, ["messageExpression"] = expression };
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["x-kubernetes-validations"] = new JsonArray(rule),
            ["properties"] = new JsonObject { ["text"] = new JsonObject { ["type"] = "string" } },
        };
        var (errors, _) = Judge(new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { ["spec"] = schema } }.ToJsonString(), """{"spec":{"text":"a"}}""", null);
        Assert.Equal([$"spec: {told}"], errors);
    }

    [Theory]
    [InlineData("FieldValueForbidden", ".text", "spec.text: Forbidden: told")]
    [InlineData("FieldValueRequired", ".map['a.b']", "spec.map[a.b]: Required value: told")]
    [InlineData("FieldValueDuplicate", ".text", "spec.text: Duplicate value: \"object\"")]
    [InlineData("FieldValueInvalid", "", "spec: Invalid value: \"object\": told")]
    public void A_rule_says_why_and_where(string reason, string fieldPath, string told)
    {
        var rule = new JsonObject { ["rule"] = "self.text != 'a'", ["message"] = "told", ["reason"] = reason, ["fieldPath"] = fieldPath };
        var (errors, _) = Judge(
            $$$$$$$$"""{"type":"object","properties":{"spec":{"type":"object","x-kubernetes-validations":[{{{{{{{{rule.ToJsonString()}}}}}}}}],"properties":{"text":{"type":"string"},"map":{"type":"object","additionalProperties":{"type":"string"}}}}}}""",
            """{"spec":{"text":"a"}}""", null);
        Assert.Equal([told], errors);
    }

    [Theory]
    [InlineData("""{"f":"x"}""", """{"f":"x"}""", "", "f")]
    [InlineData("""{"f":"x"}""", """{"f":"y"}""", "f", "")]
    [InlineData("""{"atomic":["x"]}""", """{"atomic":["x"],"f":"baz"}""", "", "atomic[0]")]
    [InlineData("""{"atomic":["x"]}""", """{"atomic":["x","baz"]}""", "atomic[0]", "")]
    [InlineData("""{"keyed":[{"k":"1","v":"x"},{"k":"2","v":"x"}]}""", """{"keyed":[{"k":"2","v":"x"},{"k":"1","v":"y"},{"k":"3","v":"baz"}]}""", "keyed[1].v", "keyed[0].v")]
    [InlineData("""{"map":{"a":"x","b":"x"}}""", """{"map":{"a":"x","b":"y"}}""", "map[b]", "map[a]")]
    [InlineData(null, """{"f":"x"}""", "f", "")]
    public void What_was_wrong_before_is_a_warning(string? old, string value, string refused, string warned)
    {
        var (errors, warnings) = Judge($$$$$$$$"""
            {"type":"object","properties":{"f":{{{{{{{{Value}}}}}}}},"atomic":{"type":"array","items":{{{{{{{{Value}}}}}}}}},"map":{"type":"object","additionalProperties":{{{{{{{{Value}}}}}}}}},
             "keyed":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object","properties":{"k":{"type":"string"},"v":{{{{{{{{Value}}}}}}}}}}}}}
            """, value, old);
        Assert.Equal(refused.Length == 0 ? [] : [refused], errors.Select(error => error.Split(": ")[0]));
        Assert.Equal(warned.Length == 0 ? [] : [warned], warnings.Select(warning => warning.Split(": ")[0]));
        Assert.All(warnings, warning => Assert.EndsWith(": Invalid value: \"x\": gotta be baz", warning, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("oldSelf == self", null, null, true)]
    [InlineData("oldSelf == self", null, "a", true)]
    [InlineData("oldSelf == self", null, "b", false)]
    [InlineData("oldSelf.hasValue()", true, null, false)]
    [InlineData("oldSelf.orValue('a') == self", true, null, true)]
    [InlineData("oldSelf.orValue('x') == self", true, "b", false)]
    public void Rules_of_change_are_asked_when_there_is_a_past_or_when_they_can_do_without(string rule, bool? optional, string? old, bool holds)
    {
        var written = new JsonObject { ["rule"] = rule };
        if (optional is not null)
        {
            written["optionalOldSelf"] = optional;
        }

        var (errors, _) = Judge(
            $$$$$$$$"""{"type":"object","properties":{"f":{"type":"string","x-kubernetes-validations":[{{{{{{{{written.ToJsonString()}}}}}}}}]}}}""",
            """{"f":"a"}""", old is null ? "{}" : $$"""{"f":"{{old}}"}""");
        Assert.Equal(holds, errors.Length == 0);
    }

    [Fact]
    public void A_call_that_is_too_dear_is_the_last()
    {
        const string Dear = "self.all(a, self.all(b, self.all(c, a + b + c != '')))";
        var (errors, _) = Judge(
            $$$$$$$$"""{"type":"object","properties":{"f":{"type":"array","items":{"type":"string"},"x-kubernetes-validations":[{"rule":"{{{{{{{{Dear}}}}}}}}"},{"rule":"false"}]}}}""",
            new JsonObject { ["f"] = new JsonArray([.. Enumerable.Range(0, 150).Select(i => (JsonNode)JsonValue.Create($"{i}"))]) }.ToJsonString(), null);
        Assert.Contains("no further validation rules will be run due to call cost exceeds limit for rule", Assert.Single(errors), StringComparison.Ordinal);
    }

    private static (string[] Errors, string[] Warnings) Judge(string schema, string value, string? old)
    {
        var warnings = new List<string>();
        var causes = RuleEvaluation.Judge(
            StructuralSchema.Read(JsonNode.Parse(schema)!.AsObject()), JsonNode.Parse(value)!.AsObject(), old is null ? null : JsonNode.Parse(old)!.AsObject(), [], warnings.Add);
        return ([.. causes.Select(cause => $"{cause.Field}: {cause.Message}")], [.. warnings]);
    }
}
