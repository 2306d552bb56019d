using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Expressions;
using FsCheck;
using FsCheck.Fluent;

namespace ActorOrchestrator.Actors.Tests.Resources.Expressions;

/// <summary>Whatever the text is, there is an answer or an error, and it comes within the budget.</summary>
public sealed class ExpressionProperties
{
    private static readonly string[] Pieces =
    [
        "object", "x", ".", "?", "(", ")", "[", "]", "{", "}", ",", ":", "+", "-", "*", "/", "%", "!", "==", "!=", "<", ">=", "&&", "||", " in ", "1", "2u", "3.5", "-9223372036854775808",
        "'a'", "b'\\xff'", "true", "null", "has(", ".all(i, ", ".map(i, ", ".filter(i, ", ".exists(k, v, ", ".optMap(o, ", ".orValue(", ".size()", ".matches('", "')", "duration('1h')",
        "timestamp('2026-01-01T00:00:00Z')", "quantity('1Gi')", ".format([", "lists.range(100000)", "int(", "string(", "dyn(", ".spec", "[0]", "\"", "\\", "//", "\n", "😀", "_", "ip('1.2.3.4')",
        "sets.contains(", ".split('')", ".join()", ".flatten()", ".sum()", ".sort()", ".substring(", ".replace('', 'aa')", "self", "namespace", ".getHours('", "optional.none()", ".transformMap(a, b, ",
    ];

    private static readonly ExpressionEnvironment Environment = new(("object", ExpressionType.Dyn), ("x", ExpressionType.List(ExpressionType.Int)));

    private static readonly Dictionary<string, object?> Bindings = new()
    {
        ["object"] = JsonNode.Parse("""{"spec":{"a":[1,2.5,"x",null,{"b":true}]}}"""),
        ["x"] = JsonNode.Parse("[3,1,2]"),
    };

    [Fact]
    public void No_text_throws_or_runs_past_its_budget() => Prop
        .ForAll(Gen.Elements(Pieces).ListOf().ToArbitrary(), pieces => Try(string.Concat(pieces)))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(3_000).WithEndSize(14));

    [Fact]
    public void No_well_formed_text_throws_either() => Prop
        .ForAll(Gen.Sized(Wellformed).ToArbitrary(), Try)
        .Check(Config.QuickThrowOnFailure.WithMaxTest(3_000).WithEndSize(30));

    [Theory]
    [InlineData("(", ")", "1")]
    [InlineData("!", "", "true")]
    [InlineData("[", "]", "1")]
    [InlineData("1 + ", "", "1")]
    [InlineData("", ".a", "object")]
    [InlineData("true ? 1 : ", "", "1")]
    [InlineData("", "[0]", "x")]
    [InlineData("[1].map(i, ", ")", "1")]
    [InlineData("{'a': ", "}", "1")]
    [InlineData("x.all(i, ", ")", "true")]
    public void Deep_texts_are_bounded(string before, string after, string core) =>
        Assert.True(Try(string.Concat(Enumerable.Repeat(before, 9_000)) + core + string.Concat(Enumerable.Repeat(after, 9_000))));

    private static bool Try(string text)
    {
        var compiled = Expression.Compile(text, Environment);
        if (compiled.Program is null)
        {
            return compiled.Error is not null;
        }

        var budget = new EvaluationBudget(EvaluationBudget.PerCall);
        var answer = compiled.Program.Evaluate(Bindings, budget);
        _ = answer.ToString();
        _ = answer.ToJson();

        // The last step may overshoot by its own cost, which its operands bound.
        return answer.Error is null ? !budget.Exhausted : true;
    }

    private static Gen<string> Wellformed(int size)
    {
        if (size <= 1)
        {
            return Gen.Elements("1", "2u", "1.5", "'a'", "true", "null", "object", "object.spec", "x", "[]", "{}", "duration('1s')", "timestamp('2026-01-01T00:00:00Z')", "dyn(1)", "i", "dyn('7')", "object.spec.a");
        }

        var part = Wellformed(size / 2);
        return Gen.OneOf(
            part.Two().SelectMany(_ => Gen.Elements("+", "-", "*", "/", "%", "==", "<", ">=", "in", "&&", "||"), (two, op) => $"({two.Item1} {op} {two.Item2})"),
            part.Two().SelectMany(_ => Gen.Elements("all", "exists", "exists_one", "filter", "map", "sortBy"), (two, macro) => $"dyn({two.Item1}).{macro}(i, dyn({two.Item2}))"),
            part.Two().SelectMany(_ => Gen.Elements("contains", "indexOf", "split", "matches", "find", "add", "charAt", "substring", "format", "containsIP", "validate", "slice"), (two, f) => $"dyn({two.Item1}).{f}(dyn({two.Item2}))"),
            part.SelectMany(_ => Gen.Elements("size", "int", "string", "double", "uint", "bool", "type", "duration", "timestamp", "quantity", "url", "ip", "cidr", "bytes", "semver", "lists.range"), (one, f) => $"{f}(dyn({one}))"),
            part.SelectMany(_ => Gen.Elements("trim", "sum", "min", "sort", "isSorted", "reverse", "distinct", "flatten", "getHours", "lowerAscii", "value", "join", "asInteger"), (one, f) => $"dyn({one}).{f}()"),
            part.Three().Select(three => $"(dyn({three.Item1}) ? dyn({three.Item2}) : dyn({three.Item3}))"),
            part.Two().Select(two => $"[dyn({two.Item1}), dyn({two.Item2})]"),
            part.Two().Select(two => $"{{'k': dyn({two.Item1}), 'l': dyn({two.Item2})}}"),
            part.Two().Select(two => $"dyn({two.Item1})[dyn({two.Item2})]"),
            part.Two().Select(two => $"dyn({two.Item1})[?dyn({two.Item2})].orValue(1)"));
    }
}
