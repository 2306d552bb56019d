using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Patching;
using ActorOrchestrator.Contracts.Schema;
using k8s.Models;

namespace ActorOrchestrator.Actors.Tests.Resources;

public sealed class PatchingTests
{
    [Theory]
    [InlineData("""{"foo":"bar"}""", """[{"op":"add","path":"/baz","value":"qux"}]""", """{"foo":"bar","baz":"qux"}""")]
    [InlineData("""{"foo":["bar","baz"]}""", """[{"op":"add","path":"/foo/1","value":"qux"}]""", """{"foo":["bar","qux","baz"]}""")]
    [InlineData("""{"foo":["bar"]}""", """[{"op":"add","path":"/foo/-","value":["abc","def"]}]""", """{"foo":["bar",["abc","def"]]}""")]
    [InlineData("""{"baz":"qux","foo":"bar"}""", """[{"op":"remove","path":"/baz"}]""", """{"foo":"bar"}""")]
    [InlineData("""{"foo":["bar","qux","baz"]}""", """[{"op":"remove","path":"/foo/1"}]""", """{"foo":["bar","baz"]}""")]
    [InlineData("""{"baz":"qux"}""", """[{"op":"replace","path":"/baz","value":null}]""", """{"baz":null}""")]
    [InlineData("""{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}""", """[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]""", """{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}""")]
    [InlineData("""{"foo":["all","grass","cows","eat"]}""", """[{"op":"move","from":"/foo/1","path":"/foo/3"}]""", """{"foo":["all","cows","eat","grass"]}""")]
    [InlineData("""{"baz":{"a":[1]}}""", """[{"op":"copy","from":"/baz/a","path":"/b"}]""", """{"baz":{"a":[1]},"b":[1]}""")]
    [InlineData("""{"baz":"qux","foo":["a",2,"c"]}""", """[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]""", """{"baz":"qux","foo":["a",2,"c"]}""")]
    [InlineData("""{"/":9,"~1":10}""", """[{"op":"test","path":"/~01","value":10},{"op":"remove","path":"/~1"}]""", """{"~1":10}""")]
    [InlineData("""{"a":1}""", """[{"op":"replace","path":"","value":{"b":2}}]""", """{"b":2}""")]
    public void A_JSON_patch_does_what_the_RFC_shows(string document, string patch, string expected) =>
        Same(expected, JsonPatch.Apply(JsonNode.Parse(document), JsonNode.Parse(patch)!.AsArray()));

    [Theory]
    [InlineData("""[{"op":"test","path":"/foo","value":"other"}]""", 422)]
    [InlineData("""[{"op":"remove","path":"/none"}]""", 422)]
    [InlineData("""[{"op":"add","path":"/none/x","value":1}]""", 422)]
    [InlineData("""[{"op":"add","path":"/list/5","value":1}]""", 422)]
    [InlineData("""[{"op":"add","path":"/list/01","value":1}]""", 422)]
    [InlineData("""[{"op":"move","from":"/obj","path":"/obj/x"}]""", 422)]
    [InlineData("""[{"op":"jump","path":"/foo"}]""", 422)]
    [InlineData("""[{"op":"add","path":"/foo"}]""", 422)]
    [InlineData("""[{"op":"add","path":"foo","value":1}]""", 422)]
    [InlineData("""[5]""", 400)]
    public void A_JSON_patch_that_does_not_fit_is_refused(string patch, int code)
    {
        var document = JsonNode.Parse("""{"foo":"bar","list":[1],"obj":{}}""");
        var refusal = Assert.Throws<PatchException>(() => JsonPatch.Apply(document, JsonNode.Parse(patch)!.AsArray()));
        Assert.Equal(code, refusal.Status.Code);
    }

    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("""{}""", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void A_merge_patch_does_what_the_RFC_shows(string document, string patch, string expected) =>
        Same(expected, MergePatch.Apply(JsonNode.Parse(document)!.AsObject(), JsonNode.Parse(patch)!.AsObject()));

    [Theory]
    // Lists merge by their key; what the patch names comes first, what only the server has keeps its order.
    [InlineData("""{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]}}""", """{"spec":{"containers":[{"name":"b","image":"2"}]}}""",
        """{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a"}]}}""", """{"spec":{"containers":[{"name":"c","image":"x"}]}}""",
        """{"spec":{"containers":[{"name":"c","image":"x"},{"name":"a"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}""", """{"spec":{"containers":[{"$patch":"delete","name":"a"}]}}""",
        """{"spec":{"containers":[{"name":"b"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}""", """{"spec":{"containers":[{"name":"c"},{"$patch":"replace"}]}}""",
        """{"spec":{"containers":[{"name":"c"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}""", """{"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"a","image":"2"}]}}""",
        """{"spec":{"containers":[{"name":"b"},{"name":"a","image":"2"}]}}""")]
    [InlineData("""{"metadata":{"finalizers":["x/a","x/b"]}}""", """{"metadata":{"$deleteFromPrimitiveList/finalizers":["x/a"]}}""", """{"metadata":{"finalizers":["x/b"]}}""")]
    [InlineData("""{"metadata":{"finalizers":["x/a"]}}""", """{"metadata":{"finalizers":["x/b"]}}""", """{"metadata":{"finalizers":["x/b","x/a"]}}""")]
    [InlineData("""{"spec":{"volumes":[{"name":"v","emptyDir":{}}]}}""", """{"spec":{"volumes":[{"name":"v","emptyDir":null,"$retainKeys":["name","hostPath"],"hostPath":{"path":"/x"}}]}}""",
        """{"spec":{"volumes":[{"name":"v","hostPath":{"path":"/x"}}]}}""")]
    [InlineData("""{"spec":{"nodeSelector":{"a":"1","b":"2"}}}""", """{"spec":{"nodeSelector":{"$patch":"replace","c":"3"}}}""", """{"spec":{"nodeSelector":{"c":"3"}}}""")]
    [InlineData("""{"spec":{"nodeSelector":{"a":"1"}}}""", """{"spec":{"nodeSelector":{"$patch":"delete"}}}""", """{"spec":{"nodeSelector":{}}}""")]
    [InlineData("""{"spec":{"tolerations":[{"key":"a"}]}}""", """{"spec":{"tolerations":[{"key":"b"}]}}""", """{"spec":{"tolerations":[{"key":"b"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80},{"containerPort":81}]}]}}""",
        """{"spec":{"containers":[{"name":"a","ports":[{"containerPort":81,"name":"x"}]}]}}""",
        """{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80},{"containerPort":81,"name":"x"}]}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a","env":[{"name":"X","value":"1"}]}]}}""", """{"spec":{"containers":[{"name":"a","env":[{"name":"X","$patch":"delete"}]}]}}""",
        """{"spec":{"containers":[{"name":"a","env":[]}]}}""")]
    [InlineData("""{"metadata":{}}""", """{"metadata":{"labels":{"a":"1","b":null}}}""", """{"metadata":{"labels":{"a":"1"}}}""")]
    public void A_strategic_merge_patch_merges_as_upstream(string document, string patch, string expected)
    {
        var shape = MergeShape.Of(ObjectSchema.Of(typeof(V1Pod)));
        Same(expected, StrategicMergePatch.Apply(JsonNode.Parse(document)!.AsObject(), JsonNode.Parse(patch)!.AsObject(), shape));
    }

    [Theory]
    [InlineData("""{"spec":{"containers":[{"image":"x"}]}}""", 422)]
    [InlineData("""{"spec":{"containers":[{"name":"a","$patch":"merge"}]}}""", 400)]
    [InlineData("""{"spec":{"$patch":"frobnicate"}}""", 400)]
    [InlineData("""{"spec":{"volumes":[{"name":"v","$retainKeys":["name"],"hostPath":{}}]}}""", 400)]
    [InlineData("""{"spec":{"$setElementOrder/containers":[{"name":"b"}],"containers":[{"name":"a","image":"2"}]}}""", 400)]
    [InlineData("""{"spec":{"$setElementOrder/containers":5}}""", 400)]
    public void A_strategic_merge_patch_that_makes_no_sense_is_refused(string patch, int code)
    {
        var document = JsonNode.Parse("""{"spec":{"containers":[{"name":"a"}],"volumes":[{"name":"v"}]}}""")!.AsObject();
        var shape = MergeShape.Of(ObjectSchema.Of(typeof(V1Pod)));
        var refusal = Assert.Throws<PatchException>(() => StrategicMergePatch.Apply(document, JsonNode.Parse(patch)!.AsObject(), shape));
        Assert.Equal(code, refusal.Status.Code);
    }

    private static void Same(string expected, JsonNode? actual)
    {
        if (!JsonNode.DeepEquals(JsonNode.Parse(expected), actual))
        {
            Assert.Fail($"expected {expected}\nbut was  {actual?.ToJsonString()}");
        }
    }
}
