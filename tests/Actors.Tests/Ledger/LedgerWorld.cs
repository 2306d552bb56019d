using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using FsCheck;
using FsCheck.Fluent;

namespace ActorOrchestrator.Actors.Tests.Ledger;

/// <summary>A small world of few names, so that random commands meet each other.</summary>
internal static class LedgerWorld
{
    private static readonly string[] Names = ["a", "b", "c", "d"];
    private static readonly string[] Claims = ["clusterip/1", "clusterip/2", "nodeport/1"];

    public static readonly Provenance Someone = new("tester", DateTimeOffset.UnixEpoch, "test", Revision.None);

    /// <summary>What to do, with the expected revision told as "how far off" the right one.</summary>
    public sealed record Step(int Verb, bool Pod, string Name, string? Claim, string? Owner, string? Node, int Off);

    /// <summary>Tries a law on a hundred random histories.</summary>
    public static void Holds(Action<Step[]> law) => Check.QuickThrowOnFailure(Prop.ForAll(Steps, law));

    private static Arbitrary<Step[]> Steps { get; } = Arb.From(
        (from verb in Gen.Choose(0, 2)
         from pod in ArbMap.Default.GeneratorFor<bool>()
         from name in Gen.Elements(Names)
         from claim in Gen.OneOf(Gen.Constant<string?>(null), Gen.Elements<string?>(Claims))
         from owner in Gen.Elements<string?>(null, "u-x", "u-y")
         from node in Gen.Elements<string?>(null, "n1", "n2")
         from off in Gen.Frequency((5, Gen.Constant(0)), (1, Gen.Choose(1, 3)))
         select new Step(verb, pod, name, claim, owner, node, off)).ArrayOf());

    public static LedgerCommands.Write ToWrite(this Step step, ClusterState state)
    {
        var key = new ObjectKey(step.Pod ? ResourceTypes.Pods : ResourceTypes.ConfigMaps, "default", step.Name);
        ImmutableArray<string> claims = step.Claim is null ? [] : [step.Claim];
        var expected = new Revision(Math.Max(0, (state.Find(key)?.Revision.Value ?? 0) - step.Off));
        return step.Verb switch
        {
            0 => new LedgerCommands.Create(key, $"uid-{step.Name}", Body(key, step.Owner, step.Node), claims),
            1 => new LedgerCommands.Replace(key, Body(key, step.Owner, step.Node), expected, claims),
            _ => new LedgerCommands.Remove(key, step.Off == 3 ? null : expected, null),
        };
    }

    public static ObjectBody Body(ObjectKey key, string? owner = null, string? node = null, string? text = null)
    {
        var metadata = new JsonObject { ["namespace"] = key.Namespace, ["name"] = key.Name };
        if (owner is not null)
        {
            metadata["ownerReferences"] = new JsonArray(new JsonObject { ["kind"] = "ReplicaSet", ["name"] = "x", ["uid"] = owner });
        }

        var obj = new JsonObject { ["kind"] = "Any", ["metadata"] = metadata, ["spec"] = new JsonObject { ["image"] = "x", ["text"] = text } };
        if (node is not null)
        {
            obj["spec"]!["nodeName"] = node;
        }

        return ObjectBody.From(obj);
    }

    /// <summary>Everything that a reader can see, in words.</summary>
    public static string Describe(ClusterSnapshot snapshot) => string.Join('\n',
    [
        $"revision {snapshot.Revision}",
        .. snapshot.Types.SelectMany(snapshot.All).Select(obj => $"{obj.Key} {obj.Uid} {obj.Revision} {System.Text.Encoding.UTF8.GetString(obj.Utf8.Span)}"),
        .. new[] { "u-x", "u-y" }.Select(owner => $"{owner}: {string.Join(',', snapshot.OwnedBy(owner).Select(obj => obj.Key))}"),
        .. new[] { "n1", "n2" }.Select(node => $"{node}: {string.Join(',', snapshot.PodsOnNode(node).Select(obj => obj.Key))}"),
        .. Claims.Select(claim => $"{claim}: {snapshot.HolderOf(claim)}"),
    ]);
}
