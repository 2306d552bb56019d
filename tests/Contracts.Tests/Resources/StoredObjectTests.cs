using System.Text;
using ActorOrchestrator.Contracts.Resources;
using k8s.Models;

namespace ActorOrchestrator.Contracts.Tests.Resources;

public sealed class StoredObjectTests
{
    private sealed record Name(string Text);

    [Fact]
    public void A_view_is_made_once_for_each_reader()
    {
        var made = 0;
        var names = new ViewCache<Name>(stored =>
        {
            made++;
            return new Name(stored.Key.Name);
        });
        var others = new ViewCache<Name>(_ => new Name("other"));
        var pod = Pod("a");
        Assert.Same(names[pod], names[pod]);
        Assert.Equal("other", others[pod].Text);
        Assert.Equal("a", names[pod].Text);
        Assert.Equal("b", names[Pod("b")].Text);
        Assert.Equal(2, made);
    }

    [Fact]
    public void Whoever_asks_at_the_same_time_gets_the_same_view()
    {
        var names = new ViewCache<Name>(stored => new Name(stored.Key.Name));
        for (var round = 0; round < 100; round++)
        {
            var pod = Pod("a");
            var views = new Name[8];
            Parallel.For(0, views.Length, i => views[i] = names[pod]);
            Assert.All(views, view => Assert.Same(views[0], view));
        }
    }

    [Fact]
    public void A_model_is_shared_until_many_others_were_read_and_is_made_again_then()
    {
        var pod = Pod("a");
        var model = pod.As<V1Pod>();
        var text = pod.ToElement();
        Assert.Same(model, pod.As<V1Pod>());
        for (var i = 0; i < 1000; i++)
        {
            Pod($"other-{i}").As<V1Pod>();
        }

        Assert.NotSame(model, pod.As<V1Pod>());
        Assert.Equal("a", pod.As<V1Pod>().Metadata.Name);
        Assert.Equal("a", text.GetProperty("metadata").GetProperty("name").GetString());
    }

    private static StoredObject Pod(string name) => new(
        new ObjectKey(ResourceTypes.Pods, "default", name), name, new Revision(1), Encoding.UTF8.GetBytes($$$"""{"metadata":{"name":"{{{name}}}"}}"""), []);
}
