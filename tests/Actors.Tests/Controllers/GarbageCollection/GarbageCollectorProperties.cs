using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.GarbageCollection;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using FsCheck;
using FsCheck.Fluent;

namespace ActorOrchestrator.Actors.Tests.Controllers.GarbageCollection;

/// <summary>Any graph of owners, circles and owners that never were included, and one deletion in it.</summary>
public sealed class GarbageCollectorProperties
{
    private const int Objects = 8;
    private readonly ControllerDefinition _collector = new GarbageCollectorReconciler(ResourceCatalog.BuiltIn).Definition;

    /// <param name="Owners">For each object the numbers of its owners; one beyond the last is nobody.</param>
    /// <param name="Blocks">Whether an object's references hold its owners back.</param>
    private sealed record Graph(int[][] Owners, bool[] Blocks, int Deleted, bool Foreground);

    private static Arbitrary<Graph> Graphs()
    {
        var owners = Gen.ArrayOf(Gen.Choose(0, Objects)).Select(numbers => numbers.Distinct().Take(2).ToArray());
        return (from links in Gen.ArrayOf(Gen.Frequency((2, Gen.Constant(Array.Empty<int>())), (3, owners.Resize(3))), Objects)
                from blocks in Gen.ArrayOf(Gen.Elements(true, false), Objects)
                from deleted in Gen.Choose(0, Objects - 1)
                from foreground in Gen.Elements(true, false)
                select new Graph([.. links.Select((list, index) => list.Where(owner => owner != index).ToArray())], blocks, deleted, foreground)).ToArbitrary();
    }

    [Fact]
    public void What_stays_is_exactly_what_somebody_alive_owns_or_nobody_does() => Prop.ForAll(Graphs(), graph =>
    {
        var world = new PlanWorld();
        for (var i = 0; i < Objects; i++)
        {
            var block = graph.Blocks[i];
            world.Put(ResourceTypes.ReplicaSets, new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["name"] = Name(i),
                    ["namespace"] = "default",
                    ["uid"] = Name(i),
                    ["ownerReferences"] = new JsonArray([.. graph.Owners[i].Select(owner => (JsonNode)new JsonObject
                    {
                        ["apiVersion"] = "apps/v1", ["kind"] = "ReplicaSet", ["name"] = Name(owner), ["uid"] = Name(owner), ["blockOwnerDeletion"] = block,
                    })]),
                },
            });
        }

        Rest(world);
        Assert.Equal(Survivors(graph, deleted: -1), Present(world));
        if (world.Cluster.Find(Key(graph.Deleted)) is { } leaving)
        {
            world.Carry(Plan.Do(DeleteObject.Of(leaving, graph.Foreground ? "Foreground" : "Background")));
            Rest(world);
            Assert.Equal(Survivors(graph, graph.Deleted), Present(world));
        }

        Assert.All(world.Cluster.All(ResourceTypes.ReplicaSets), kept => Assert.All(kept.Metadata.OwnerReferences, owner => Assert.NotNull(world.Cluster.Find(kept.Key with { Name = owner.Name }))));
    }).QuickCheckThrowOnFailure();

    /// <summary>Everybody is looked at until nothing is left to be done, in an order that favours nobody.</summary>
    private void Rest(PlanWorld world)
    {
        for (var round = 0; round < 100; round++)
        {
            var before = world.Writes;
            for (var i = 0; i < Objects; i++)
            {
                world.Carry(_collector.Reconcile(Observed.At(Key((i * 3) + round), world.Cluster), world.Now));
            }

            if (world.Writes == before)
            {
                return;
            }
        }

        Assert.Fail("the collector never comes to rest");
    }

    private static string[] Survivors(Graph graph, int deleted)
    {
        // What owns itself in a circle is owned by somebody alive for as long as nothing outside of the circle takes it down.
        var alive = Enumerable.Range(0, Objects).Where(i => i != deleted).ToHashSet();
        while (alive.RemoveWhere(i => graph.Owners[i].Length > 0 && !graph.Owners[i].Any(alive.Contains)) > 0)
        {
        }

        return [.. alive.Order().Select(Name)];
    }

    private static string[] Present(PlanWorld world) => [.. world.Cluster.All(ResourceTypes.ReplicaSets).Select(obj => obj.Key.Name)];

    private static string Name(int number) => $"o{number}";

    private static ObjectKey Key(int number) => new(ResourceTypes.ReplicaSets, "default", Name(number % Objects));
}
