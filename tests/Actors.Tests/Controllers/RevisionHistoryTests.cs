using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.DaemonSets;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Revisions;
using ActorOrchestrator.Actors.Controllers.StatefulSets;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Controllers;

/// <summary>Names that are taken, revisions that are found, and two of one content.</summary>
public sealed class RevisionHistoryTests
{
    private static readonly ObjectKey Web = new(ResourceTypes.StatefulSets, ControllerWorld.Namespace, "web");
    private static readonly ObjectKey Agent = new(ResourceTypes.DaemonSets, ControllerWorld.Namespace, "agent");
    private readonly ControllerWorld _world = new();

    private StatefulSetView Set => StatefulSetView.Of(_world.Ledger.View.Current.Find(Web)!);

    private RevisionView[] Revisions =>
        [.. _world.Ledger.View.Current.All(ResourceTypes.ControllerRevisions).Select(RevisionView.Of).OrderBy(revision => revision.Number).ThenBy(revision => revision.Name, StringComparer.Ordinal)];

    private static JsonObject Workload(string kind, string name) => new()
    {
        ["apiVersion"] = "apps/v1",
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject
        {
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "web" } },
            ["template"] = ControllerWorld.Template("web:1"),
        },
    };

    private static JsonObject Revision(string name, JsonObject data, long number, bool matches, string? hashLabel = null, string hash = "") => new()
    {
        ["apiVersion"] = "apps/v1",
        ["kind"] = "ControllerRevision",
        ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = Labels(matches, hashLabel, hash) },
        ["data"] = data,
        ["revision"] = number,
    };

    private static JsonObject Labels(bool matches, string? hashLabel, string hash)
    {
        var labels = new JsonObject { ["app"] = matches ? "web" : "other" };
        if (hashLabel is not null)
        {
            labels[hashLabel] = hash;
        }

        return labels;
    }

    private async Task SettleAsync(ControllerDefinition controller, ObjectKey key)
    {
        for (var round = 0; round < 30; round++)
        {
            if (!await _world.LookAsync(controller, key))
            {
                return;
            }
        }

        Assert.Fail("the controller never comes to rest");
    }

    [Fact]
    public async Task A_name_that_another_template_has_taken_is_counted_and_the_next_one_is_made_with_the_count()
    {
        await _world.CreateAsync(ResourceTypes.StatefulSets, Workload("StatefulSet", "web"));
        var taken = $"web-{Set.Template.Hash(null)}";
        await _world.CreateAsync(ResourceTypes.ControllerRevisions, Revision(taken, new JsonObject { ["spec"] = new JsonObject() }, 7, matches: false));
        await SettleAsync(StatefulSetController.Definition, Web);

        Assert.Equal(1, Set.Status.Collisions);
        var made = Revisions.Single(revision => revision.Name != taken);
        Assert.Equal((made.Name, 1L), (Set.Status.UpdateRevision, made.Number));
        Assert.Null(Revisions.Single(revision => revision.Name == taken).Stored.Metadata.ControllerReference);
        Assert.Equal(made.Name, _world.Pods.Single().Stored.Metadata.Labels["controller-revision-hash"]);
    }

    [Fact]
    public async Task An_orphan_of_the_present_template_is_adopted_and_no_other_is_made()
    {
        await _world.CreateAsync(ResourceTypes.StatefulSets, Workload("StatefulSet", "web"));
        await _world.CreateAsync(ResourceTypes.ControllerRevisions, Revision("web-left", Set.Template.ToRevisionData(), 4, matches: true));
        await SettleAsync(StatefulSetController.Definition, Web);

        var adopted = Assert.Single(Revisions);
        Assert.Equal(("web-left", 4L, Set.Stored.Uid), (adopted.Name, adopted.Number, adopted.Stored.Metadata.ControllerReference!.Uid));
        Assert.Equal(("web-left", "web-left"), (Set.Status.UpdateRevision, Set.Status.CurrentRevision));
    }

    [Fact]
    public async Task Of_two_revisions_of_one_content_a_stateful_set_takes_the_newest()
    {
        await _world.CreateAsync(ResourceTypes.StatefulSets, Workload("StatefulSet", "web"));
        await _world.CreateAsync(ResourceTypes.ControllerRevisions, Revision("web-old", Set.Template.ToRevisionData(), 2, matches: true));
        await _world.CreateAsync(ResourceTypes.ControllerRevisions, Revision("web-new", Set.Template.ToRevisionData(), 5, matches: true));
        await SettleAsync(StatefulSetController.Definition, Web);
        Assert.Equal(("web-new", 2), (Set.Status.UpdateRevision, Revisions.Length));
    }

    [Fact]
    public async Task Of_two_revisions_of_one_content_a_daemon_set_keeps_the_newest_and_its_pods_are_that_ones()
    {
        var node = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["metadata"] = new JsonObject { ["name"] = "n1" }, ["spec"] = new JsonObject() };
        Assert.True((await _world.Store.CreateAsync(ResourceTypes.Nodes, "", node, new WriteOptions("tester", "test"))).Ok);
        await _world.ChangeAsync(new ObjectKey(ResourceTypes.Nodes, "", "n1"), obj => obj["spec"]!.AsObject().Remove("taints"));
        await _world.CreateAsync(ResourceTypes.DaemonSets, Workload("DaemonSet", "agent"));
        await SettleAsync(DaemonSetController.Definition, Agent);
        var pod = _world.Pods.Single().Stored;
        var template = DaemonSetView.Of(_world.Ledger.View.Current.Find(Agent)!).Template;
        await _world.CreateAsync(ResourceTypes.ControllerRevisions, Revision("agent-twin", template.ToRevisionData(), 9, matches: true, RevisionView.PodLabel, "twin"));
        await SettleAsync(DaemonSetController.Definition, Agent);

        Assert.Equal("agent-twin", Assert.Single(Revisions).Name);
        var after = _world.Pods.Single().Stored;
        Assert.Equal((pod.Uid, "twin"), (after.Uid, after.Metadata.Labels["controller-revision-hash"]));
    }

    [Theory]
    [InlineData(false, 3)]
    [InlineData(true, 2)]
    public async Task What_pods_still_have_counts_against_a_daemon_sets_limit_only(bool countsLive, int kept)
    {
        await _world.CreateAsync(ResourceTypes.StatefulSets, Workload("StatefulSet", "web"));
        for (var number = 1; number <= 4; number++)
        {
            var data = new JsonObject { ["spec"] = new JsonObject { ["template"] = ControllerWorld.Template($"web:{number}-old") } };
            await _world.CreateAsync(ResourceTypes.ControllerRevisions, Revision($"web-{number}", data, number, matches: true));
        }

        await SettleAsync(StatefulSetController.Definition, Web);
        var history = RevisionHistory.Of(Set.Revisioned, _world.Ledger.View.Current);
        var deleted = history.Truncate(2, revision => revision.Name == "web-1", countsLive).OfType<DeleteObject>().Select(delete => delete.Key.Name).ToArray();
        Assert.Equal(4 - kept, deleted.Length);
        Assert.DoesNotContain("web-1", deleted);
    }
}
