using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Expressions;

namespace ActorOrchestrator.Actors.Tests.Resources.Expressions;

/// <summary>The estimates are upstream's to the unit: whoever wrote a definition for Kubernetes is neither refused nor let through where it is not.</summary>
public sealed class CostTests
{
    private const string Number = """{"type":"number"}""";
    private const string Text = """{"type":"string"}""";

    [Theory]
    [InlineData("array", Number, "self.all(x, true)", 4718591, 10, 32)]
    [InlineData("array", Text, "self.all(x, true)", 3145727, 20, 62)]
    [InlineData("array", """{"type":"boolean"}""", "self.all(x, true)", 1887437, 5, 17)]
    [InlineData("array", """{"type":"array","items":{"type":"number"}}""", "self.all(x, true)", 3145727, 100, 302)]
    [InlineData("map", Number, "self.all(x, true)", 1348169, 10, 32)]
    [InlineData("map", Text, "self.all(x, true)", 1179647, 3, 11)]
    [InlineData("map", """{"type":"boolean"}""", "self.all(x, true)", 943718, 100, 302)]
    [InlineData("string", "", "self.contains('test')", 314574, 10, 5)]
    [InlineData("string", "", "self.startsWith('test')", 2, 15, 2)]
    [InlineData("string", "", "self.endsWith('test')", 2, 30, 2)]
    [InlineData("string", "", "size(self + \"hello\") > size(\"hello\")", 314578, 4, 7)]
    [InlineData("array", Number, "self[1] == 0.0", 2, 5000, 2)]
    [InlineData("array", Text, "self[1] == self[1]", 314577, 8, 314577)]
    [InlineData("array", Number, "self.all(x, self.all(y, true))", -1, 10, 352)]
    [InlineData("array", Number, "self.all(x, self.all(y, self.all(z, true)))", -1, 10, 3552)]
    [InlineData("string", "", "self.matches(\"x\")", 314574, 50, 22)]
    [InlineData("string", "", "\"\".matches(\"(((((((((())))))))))[0-9]\")", 7, 10, 7)]
    [InlineData("string", "", "self.matches(\"\")", 1, 100, 1)]
    [InlineData("map", Text, "self.all(x, x.contains(self[x]))", 2752507, 10, 72)]
    [InlineData("map", Number, "self[\"x\"] == 0.0", 2, 0, 2)]
    [InlineData("string", "", "self == \"x\"", 2, 0, 1)]
    [InlineData("array", Number, "self.all(x, x == 0.0)", 6291454, 3 * 1024 * 2048, 25165826)]
    [InlineData("array", """{"x-kubernetes-int-or-string":true}""", "self.all(x, true)", 4718591, 10, 32)]
    [InlineData("array", """{"x-kubernetes-int-or-string":true}""", "self[0] == 5", 3, 10, 3)]
    [InlineData("array", """{"type":"array","items":{"type":"number"}}""", "self[0][0] == -1.0", 3, 51, 3)]
    [InlineData("array", """{"type":"object","additionalProperties":{"type":"number"}}""", "self.all(x, x.y == 25.2)", 6291452, 12, 74)]
    [InlineData("array", """{"type":"object","additionalProperties":{"type":"number"}}""", "self[0].x > 2.0", 4, 3000, 4)]
    [InlineData("array", """{"type":"string","format":"duration"}""", "self.all(x, true)", 2359295, 5, 17)]
    [InlineData("array", """{"type":"string","format":"duration"}""", "self[0].getHours() == 2", 4, 525, 4)]
    [InlineData("array", """{"type":"string","format":"date"}""", "self.all(x, true)", 725936, 15, 47)]
    [InlineData("array", """{"type":"string","format":"date-time"}""", "self.all(x, true)", 428963, 25, 77)]
    [InlineData("map", """{"x-kubernetes-int-or-string":true}""", "self.all(x, true)", 1348169, 15, 47)]
    public void Estimates_are_upstreams(string holder, string item, string rule, long unbounded, long most, long bounded)
    {
        Assert.Equal(unbounded, Estimate(holder, item, rule, null));
        Assert.Equal(bounded, Estimate(holder, item, rule, most));
    }

    /// <summary>-1 when it is above what any rule may cost.</summary>
    private static long Estimate(string holder, string item, string rule, long? most)
    {
        var bound = holder switch { "array" => "maxItems", "map" => "maxProperties", _ => "maxLength" };
        var schema = JsonNode.Parse(holder switch
        {
            "array" => $$"""{"type":"array","items":{{item}}}""",
            "map" => $$"""{"type":"object","additionalProperties":{{item}}}""",
            _ => """{"type":"string"}""",
        })!.AsObject();
        if (most is not null)
        {
            schema[bound] = most;
        }

        var self = ExpressionSchema.OfStructural(schema)!;
        var compiled = Expression.Compile(rule, new ExpressionEnvironment(("self", self)), ExpressionType.Bool);
        Assert.Null(compiled.Error);
        var cost = compiled.Program!.MostCost(self);
        return most is null && cost > 10_000_000 ? -1 : (long)cost;
    }
}
