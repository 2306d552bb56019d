using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Contracts.Tests.Catalog;

public class SelectorTests
{
    private static readonly Dictionary<string, string> Labels = new() { ["app"] = "web", ["tier"] = "front", ["n"] = "7" };

    [Theory]
    [InlineData("", true)]
    [InlineData("app=web", true)]
    [InlineData("app==web,tier=front", true)]
    [InlineData("app=db", false)]
    [InlineData("app!=db", true)]
    [InlineData("other!=db", true)]
    [InlineData("app in (web, db)", true)]
    [InlineData("app notin (web,db)", false)]
    [InlineData("other notin (web)", true)]
    [InlineData("app", true)]
    [InlineData("!app", false)]
    [InlineData("!other", true)]
    [InlineData("n>6,n<8", true)]
    [InlineData("n > 7", false)]
    [InlineData("app=web,!tier", false)]
    [InlineData("other in ()", false)]
    [InlineData("x=", false)]
    public void A_label_selector_matches_labels(string text, bool expected)
    {
        Assert.True(LabelSelector.TryParse(text, out var selector, out var error), error);
        Assert.Equal(expected, selector.Matches(Labels));
    }

    [Theory]
    [InlineData("app=web,")]
    [InlineData("=web")]
    [InlineData("app in web")]
    [InlineData("app in (web")]
    [InlineData("app web")]
    [InlineData("n>x")]
    [InlineData("a/b/c=d")]
    [InlineData("app=a b")]
    public void A_malformed_label_selector_is_refused(string text)
    {
        Assert.False(LabelSelector.TryParse(text, out _, out var error));
        Assert.StartsWith("unable to parse requirement: ", error);
    }

    [Fact]
    public void An_objects_own_selector_is_read_from_json()
    {
        var json = JsonNode.Parse("""{"matchLabels":{"app":"web"},"matchExpressions":[{"key":"tier","operator":"In","values":["front"]}]}""")!.AsObject();
        var selector = LabelSelector.From(json);
        Assert.True(selector.Matches(Labels));
        Assert.Equal("app=web,tier=front", selector.ToString());
        Assert.True(LabelSelector.From(new JsonObject()).Matches(Labels));
        Assert.False(LabelSelector.From((JsonObject?)null).Matches(Labels));
        Assert.False(LabelSelector.FromMap(null).Matches(Labels));
    }

    private static StoredObject Pod(string json) => new(
        new ObjectKey(ResourceTypes.Pods, "shop", "web-1"), "u", new Revision(3), Encoding.UTF8.GetBytes(json), ImmutableArray<string>.Empty);

    [Theory]
    [InlineData("metadata.name=web-1", true)]
    [InlineData("metadata.namespace!=shop", false)]
    [InlineData("spec.nodeName=n1,status.phase!=Failed", true)]
    [InlineData("spec.nodeName=", false)]
    [InlineData("status.podIP=", true)]
    [InlineData("spec.hostNetwork=true", true)]
    [InlineData("status.phase==Pending", false)]
    public void A_field_selector_reads_the_bytes(string text, bool expected)
    {
        var pod = Pod("""{"metadata":{"name":"web-1"},"spec":{"containers":[{"nodeName":"x"}],"nodeName":"n1","hostNetwork":true},"status":{"phase":"Running"}}""");
        Assert.True(FieldSelector.TryParse(ResourceCatalog.BuiltIn[ResourceTypes.Pods], text, out var selector, out var error), error);
        Assert.Equal(expected, selector.Matches(pod));
    }

    [Fact]
    public void A_field_that_is_absent_has_its_zero_value()
    {
        var node = ResourceCatalog.BuiltIn[ResourceTypes.Nodes];
        Assert.Equal("false", FieldSelector.Read(node.SelectableFields[0], "{}"u8));
        Assert.Equal("false", FieldSelector.Read(node.SelectableFields[0], """{"spec":null}"""u8));
    }

    [Fact]
    public void An_unknown_field_label_is_refused_in_the_words_of_its_kind()
    {
        Assert.False(FieldSelector.TryParse(ResourceCatalog.BuiltIn[ResourceTypes.Pods], "spec.foo=1", out _, out var ofPods));
        Assert.Equal("field label not supported: spec.foo", ofPods);
        Assert.False(FieldSelector.TryParse(ResourceCatalog.BuiltIn[ResourceTypes.ConfigMaps], "spec.foo=1", out _, out var ofConfigMaps));
        Assert.Equal("\"spec.foo\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"", ofConfigMaps);
        Assert.False(FieldSelector.TryParse(ResourceCatalog.BuiltIn[ResourceTypes.Pods], "nonsense", out _, out var malformed));
        Assert.Equal("invalid selector: 'nonsense'; can't understand 'nonsense'", malformed);
    }
}
