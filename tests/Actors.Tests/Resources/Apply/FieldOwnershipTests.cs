using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Schema;
using k8s.Models;

namespace ActorOrchestrator.Actors.Tests.Resources.Apply;

/// <summary>The rules of structured-merge-diff, with the situations of its own tests told on the fields of a Pod.</summary>
public sealed class FieldOwnershipTests
{
    [Theory]
    // Plain fields.
    [InlineData("""
        apply one {"spec":{"priority":1,"hostname":"a"}}
        apply one {"spec":{"priority":1,"hostname":"b","hostNetwork":false}}
        """, """{"spec":{"priority":1,"hostname":"b","hostNetwork":false}}""", "one .spec.hostNetwork .spec.hostname .spec.priority")]
    [InlineData("""
        apply one {"spec":{"priority":1,"hostname":"a"}}
        update ctl {"spec":{"priority":1,"hostname":"a","hostNetwork":true}}
        apply one {"spec":{"priority":2,"hostname":"a"}}
        """, """{"spec":{"priority":2,"hostname":"a","hostNetwork":true}}""", "ctl .spec.hostNetwork\none .spec.hostname .spec.priority")]
    [InlineData("""
        apply one {"spec":{"priority":1,"hostname":"a"}}
        update ctl {"spec":{"priority":1,"hostname":"b"}}
        apply one {"spec":{"priority":2,"hostname":"a"}} -> ctl .spec.hostname
        force one {"spec":{"priority":2,"hostname":"a"}}
        """, """{"spec":{"priority":2,"hostname":"a"}}""", "one .spec.hostname .spec.priority")]
    [InlineData("""
        apply one {"spec":{"priority":1,"hostname":"a"}}
        apply one {"spec":{"hostname":"a"}}
        """, """{"spec":{"hostname":"a"}}""", "one .spec.hostname")]
    [InlineData("""
        update ctl {"spec":{"hostname":"a"}}
        apply one {"metadata":{"labels":{"x":"1"}}}
        """, """{"spec":{"hostname":"a"},"metadata":{"labels":{"x":"1"}}}""", "ctl .spec.hostname\none .metadata.labels.x")]
    [InlineData("""
        update ctl {"spec":{"hostname":"a"}}
        update ctl {}
        """, "{}", "")]
    [InlineData("""
        apply one {"spec":{"hostname":"a"}}
        apply one {}
        """, "{}", "")]
    // The same value is shared, and stays for the other when one gives it up.
    [InlineData("""
        apply one {"spec":{"hostname":"a"}}
        apply two {"spec":{"hostname":"a"}}
        apply one {}
        """, """{"spec":{"hostname":"a"}}""", "two .spec.hostname")]
    [InlineData("""
        apply one {"spec":{"hostname":"a"}}
        apply two {"spec":{"hostname":"a"}}
        apply two {"spec":{"hostname":"b"}} -> one .spec.hostname
        force two {"spec":{"hostname":"b"}}
        """, """{"spec":{"hostname":"b"}}""", "two .spec.hostname")]
    // A removed field that an update set is the updater's, and stays.
    [InlineData("""
        apply one {"spec":{"hostname":"a"}}
        update ctl {"spec":{"hostname":"b"}}
        apply one {}
        """, """{"spec":{"hostname":"b"}}""", "ctl .spec.hostname")]
    // Sets.
    [InlineData("""
        apply one {"metadata":{"finalizers":["a","c"]}}
        apply one {"metadata":{"finalizers":["a","b","c","d"]}}
        """, """{"metadata":{"finalizers":["a","b","c","d"]}}""", """one .metadata.finalizers[="a"] .metadata.finalizers[="b"] .metadata.finalizers[="c"] .metadata.finalizers[="d"]""")]
    [InlineData("""
        apply one {"metadata":{"finalizers":["a","c"]}}
        update ctl {"metadata":{"finalizers":["a","b","c","d"]}}
        apply one {"metadata":{"finalizers":["a","aprime","c","cprime"]}}
        """, """{"metadata":{"finalizers":["a","b","aprime","c","d","cprime"]}}""",
        """
        ctl .metadata.finalizers[="b"] .metadata.finalizers[="d"]
        one .metadata.finalizers[="a"] .metadata.finalizers[="aprime"] .metadata.finalizers[="c"] .metadata.finalizers[="cprime"]
        """)]
    [InlineData("""
        apply one {"metadata":{"finalizers":["a","b","c","d"]}}
        apply one {"metadata":{"finalizers":["a","d","c","b"]}}
        """, """{"metadata":{"finalizers":["a","d","c","b"]}}""", """one .metadata.finalizers[="a"] .metadata.finalizers[="b"] .metadata.finalizers[="c"] .metadata.finalizers[="d"]""")]
    [InlineData("""
        apply one {"metadata":{"finalizers":["a","b","c","d"]}}
        update ctl {"metadata":{"finalizers":["a","d","e","c","b"]}}
        apply one {"metadata":{"finalizers":["a","b","c","d"]}}
        """, """{"metadata":{"finalizers":["a","e","b","c","d"]}}""",
        """
        ctl .metadata.finalizers[="e"]
        one .metadata.finalizers[="a"] .metadata.finalizers[="b"] .metadata.finalizers[="c"] .metadata.finalizers[="d"]
        """)]
    [InlineData("""
        apply one {"metadata":{"finalizers":["a","b","c","d"]}}
        apply one@v2 {"metadata":{"finalizers":["a","c"]}}
        """, """{"metadata":{"finalizers":["a","c"]}}""", """one@v2 .metadata.finalizers[="a"] .metadata.finalizers[="c"]""")]
    // Lists with keys.
    [InlineData("""
        apply one {"spec":{"containers":[{"name":"a"},{"name":"b"}]}}
        apply two@v2 {"spec":{"containers":[{"name":"c"}]}}
        apply one@v3 {"spec":{"containers":[{"name":"a"}]}}
        """, """{"spec":{"containers":[{"name":"a"},{"name":"c"}]}}""",
        """
        one@v3 .spec.containers[name="a"] .spec.containers[name="a"].name
        two@v2 .spec.containers[name="c"] .spec.containers[name="c"].name
        """)]
    [InlineData("""
        apply one {"spec":{"containers":[{"name":"a","image":"1"}]}}
        apply two {"spec":{"containers":[{"name":"a","image":"2"}]}} -> one .spec.containers[name="a"].image
        force two {"spec":{"containers":[{"name":"a","image":"2"}]}}
        """, """{"spec":{"containers":[{"name":"a","image":"2"}]}}""",
        """
        one .spec.containers[name="a"] .spec.containers[name="a"].name
        two .spec.containers[name="a"] .spec.containers[name="a"].image .spec.containers[name="a"].name
        """)]
    [InlineData("""
        apply one {"spec":{"containers":[{"name":"a","image":"1"}]}}
        apply two {"spec":{"containers":[{"name":"a","tty":true},{"name":"b","image":"2"}]}}
        apply one {"spec":{"containers":[{"name":"b","image":"2"}]}}
        """, """{"spec":{"containers":[{"name":"a","tty":true},{"name":"b","image":"2"}]}}""",
        """
        one .spec.containers[name="b"] .spec.containers[name="b"].image .spec.containers[name="b"].name
        two .spec.containers[name="a"] .spec.containers[name="a"].name .spec.containers[name="a"].tty .spec.containers[name="b"] .spec.containers[name="b"].image .spec.containers[name="b"].name
        """)]
    // An item goes with its applier, also with what an update put into it; another applier of the item keeps it.
    [InlineData("""
        apply one {"spec":{"containers":[{"name":"a","image":"1"}]}}
        update ctl {"spec":{"containers":[{"name":"a","image":"1","tty":true}]}}
        apply one {"spec":{"containers":[]}}
        """, "{}", "")]
    [InlineData("""
        apply one {"spec":{"containers":[{"name":"a","image":"1"}]}}
        apply two {"spec":{"containers":[{"name":"a","tty":true}]}}
        apply one {"spec":{"containers":[]}}
        """, """{"spec":{"containers":[{"name":"a","tty":true}]}}""", """two .spec.containers[name="a"] .spec.containers[name="a"].name .spec.containers[name="a"].tty""")]
    // An item whose key changes is another item.
    [InlineData("""
        apply one {"spec":{"containers":[{"name":"a","image":"1"}]}}
        apply one {"spec":{"containers":[{"name":"b","image":"1"}]}}
        """, """{"spec":{"containers":[{"name":"b","image":"1"}]}}""",
        """one .spec.containers[name="b"] .spec.containers[name="b"].image .spec.containers[name="b"].name""")]
    // Lists in lists, and keys with a default.
    [InlineData("""
        apply one {"spec":{"containers":[{"name":"a","ports":[{"containerPort":80}]}]}}
        apply one {"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"protocol":"TCP","name":"web"},{"containerPort":80,"protocol":"UDP"}]}]}}
        """, """{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"protocol":"TCP","name":"web"},{"containerPort":80,"protocol":"UDP"}]}]}}""",
        """
        one .spec.containers[name="a"] .spec.containers[name="a"].name .spec.containers[name="a"].ports[containerPort=80,protocol="TCP"] .spec.containers[name="a"].ports[containerPort=80,protocol="TCP"].containerPort .spec.containers[name="a"].ports[containerPort=80,protocol="TCP"].name .spec.containers[name="a"].ports[containerPort=80,protocol="TCP"].protocol .spec.containers[name="a"].ports[containerPort=80,protocol="UDP"] .spec.containers[name="a"].ports[containerPort=80,protocol="UDP"].containerPort .spec.containers[name="a"].ports[containerPort=80,protocol="UDP"].protocol
        """)]
    [InlineData("""
        apply one {"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"name":"foo"}]}]}}
        apply two {"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"protocol":"TCP","name":"bar"}]}]}} -> one .spec.containers[name="a"].ports[containerPort=80,protocol="TCP"].name
        """, """{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"name":"foo"}]}]}}""",
        """one .spec.containers[name="a"] .spec.containers[name="a"].name .spec.containers[name="a"].ports[containerPort=80,protocol="TCP"] .spec.containers[name="a"].ports[containerPort=80,protocol="TCP"].containerPort .spec.containers[name="a"].ports[containerPort=80,protocol="TCP"].name""")]
    // Atomic lists and maps change hands as a whole.
    [InlineData("""
        apply one {"spec":{"tolerations":[{"key":"a"}],"nodeSelector":{"a":"1"}}}
        apply two {"spec":{"tolerations":[{"key":"b"}],"nodeSelector":{"a":"1","b":"2"}}} -> one .spec.nodeSelector, one .spec.tolerations
        force two {"spec":{"tolerations":[{"key":"b"}],"nodeSelector":{"a":"1","b":"2"}}}
        """, """{"spec":{"tolerations":[{"key":"b"}],"nodeSelector":{"a":"1","b":"2"}}}""", "two .spec.nodeSelector .spec.tolerations")]
    // Maps.
    [InlineData("""
        apply one {"metadata":{"labels":{"a":"1","b":"2"}}}
        apply two {"metadata":{"labels":{"b":"2","c":"3"}}}
        apply one {"metadata":{"labels":{}}}
        """, """{"metadata":{"labels":{"b":"2","c":"3"}}}""", "one .metadata.labels\ntwo .metadata.labels.b .metadata.labels.c")]
    // An empty structure is owned itself.
    [InlineData("""
        apply one {"spec":{"securityContext":{}}}
        update ctl {"spec":{"securityContext":{"runAsUser":1}}}
        apply one {"spec":{}}
        """, """{"spec":{"securityContext":{"runAsUser":1}}}""", "ctl .spec.securityContext.runAsUser\none .spec")]
    // Versions that are not served any more are forgotten with their owners.
    [InlineData("""
        update old@gone {"spec":{"hostname":"a"}}
        apply one {"spec":{"hostname":"b"}}
        """, """{"spec":{"hostname":"b"}}""", "one .spec.hostname")]
    // Items that share their key are owned once, and replaced by an applied one.
    [InlineData("""
        update one {"metadata":{"finalizers":["1","1","3"]}}
        """, """{"metadata":{"finalizers":["1","1","3"]}}""", """one .metadata.finalizers .metadata.finalizers[="1"] .metadata.finalizers[="3"]""")]
    [InlineData("""
        update one {"metadata":{"finalizers":["1","3"]}}
        update two {"metadata":{"finalizers":["1","1","3"]}}
        """, """{"metadata":{"finalizers":["1","1","3"]}}""", "one .metadata.finalizers .metadata.finalizers[=\"3\"]\ntwo .metadata.finalizers[=\"1\"]")]
    [InlineData("""
        update ctl {"metadata":{"finalizers":["1","1","3","4"]}}
        apply one {"metadata":{"finalizers":["1"]}} -> ctl .metadata.finalizers[="1"]
        force one {"metadata":{"finalizers":["1"]}}
        """, """{"metadata":{"finalizers":["1","3","4"]}}""",
        """
        ctl .metadata.finalizers .metadata.finalizers[="3"] .metadata.finalizers[="4"]
        one .metadata.finalizers[="1"]
        """)]
    [InlineData("""
        update ctl {"metadata":{"finalizers":["1","1","3","4"]}}
        apply one {"metadata":{"finalizers":["5"]}}
        """, """{"metadata":{"finalizers":["1","1","3","4","5"]}}""",
        """
        ctl .metadata.finalizers .metadata.finalizers[="1"] .metadata.finalizers[="3"] .metadata.finalizers[="4"]
        one .metadata.finalizers[="5"]
        """)]
    [InlineData("""
        update ctl {"spec":{"containers":[{"name":"a","image":"1"},{"name":"a","image":"2"},{"name":"b","image":"3"}]}}
        """, """{"spec":{"containers":[{"name":"a","image":"1"},{"name":"a","image":"2"},{"name":"b","image":"3"}]}}""",
        """ctl .spec.containers[name="a"] .spec.containers[name="b"] .spec.containers[name="b"].image .spec.containers[name="b"].name""")]
    public void Ownership_follows_the_writes(string steps, string expected, string owners)
    {
        var world = new OwnershipScenario(ObjectSchema.Of(typeof(V1Pod))).Run(steps);

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), world.Object), $"expected {expected}\nbut was  {world.Object.ToJsonString()}");
        Assert.Equal(OwnershipScenario.Lines(owners), world.Owners());
    }
}
