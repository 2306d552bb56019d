using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Patching;

namespace ActorOrchestrator.Actors.Tests.Resources.Patching;

/// <summary>The facts that the public test suite of RFC 6902 states: document, patch and result, or <c>!</c> where the patch must be refused.</summary>
public sealed class JsonPatchSuiteTests
{
    public static TheoryData<string, string, string> Cases()
    {
        using var stream = typeof(JsonPatchSuiteTests).Assembly.GetManifestResourceStream("json-patch.tsv")!;
        using var reader = new StreamReader(stream);
        var cases = new TheoryData<string, string, string>();
        while (reader.ReadLine() is { } line)
        {
            var parts = line.Split('\t');
            cases.Add(parts[0], parts[1], parts[2]);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_patch_does_what_the_suite_says(string document, string patch, string expected)
    {
        JsonNode? Patched() => JsonPatch.Apply(JsonNode.Parse(document), JsonNode.Parse(patch)!.AsArray());
        if (expected == "!")
        {
            Assert.InRange(Assert.Throws<PatchException>(Patched).Status.Code, 400, 422);
        }
        else
        {
            var result = Patched();
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), result), $"expected {expected}\nbut was  {result?.ToJsonString()}");
        }
    }

    [Fact]
    public void The_whole_suite_is_there() => Assert.True(Cases().Count > 100);

    [Fact]
    public void Numbers_are_equal_by_value()
    {
        var document = JsonNode.Parse("""{"a":1.0,"b":[10,{"c":1e2}]}""");
        JsonPatch.Apply(document, JsonNode.Parse("""[{"op":"test","path":"/a","value":1},{"op":"test","path":"/b","value":[1e1,{"c":100}]}]""")!.AsArray());
    }

    [Fact]
    public void What_upstream_lets_pass_passes()
    {
        var patch = JsonNode.Parse("""[{"op":"replace","path":"/a","value":1},{"op":"test","path":"/none","value":null}]""")!.AsArray();
        Assert.Equal("""{"a":1}""", JsonPatch.Apply(new JsonObject(), patch)!.ToJsonString());
    }

    [Theory]
    [InlineData("""[{"op":"remove","path":"/none"}]""", "error in remove for path: '/none': Unable to remove nonexistent key: none: missing value")]
    [InlineData("""[{"op":"add","path":"/no/ne","value":1}]""", "add operation does not apply: doc is missing path: \"/no/ne\": missing value")]
    [InlineData("""[{"op":"replace","path":"/no/ne","value":1}]""", "replace operation does not apply: doc is missing path: /no/ne: missing value")]
    [InlineData("""[{"op":"test","path":"/a","value":1}]""", "testing value /a failed: test failed")]
    [InlineData("""[{"op":"jump","path":"/a"}]""", "Unexpected kind: jump")]
    public void A_refusal_has_upstreams_words(string patch, string words)
    {
        var refusal = Assert.Throws<PatchException>(() => JsonPatch.Apply(JsonNode.Parse("""{"a":[1]}"""), JsonNode.Parse(patch)!.AsArray()));
        Assert.Equal("the server rejected our request due to an error in our request", refusal.Status.Message);
        Assert.Equal(words, Assert.Single(refusal.Status.Causes).Message);
    }

    [Fact]
    public void Copies_of_copies_are_bounded()
    {
        var patch = new JsonArray([.. Enumerable.Range(0, 64).Select(_ => (JsonNode)new JsonObject { ["op"] = "copy", ["from"] = "/a", ["path"] = "/a/-" })]);
        Assert.Throws<PatchException>(() => JsonPatch.Apply(JsonNode.Parse("""{"a":[1]}"""), patch));
    }
}
