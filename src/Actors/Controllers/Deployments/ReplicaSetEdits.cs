using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;
using ActorOrchestrator.Actors.Resources;

namespace ActorOrchestrator.Actors.Controllers.Deployments;

/// <summary>What one look at a Deployment changes on its ReplicaSets, gathered so that each is written once.</summary>
internal sealed class ReplicaSetEdits(DeploymentView deployment)
{
    private sealed record Edit(int Replicas, int MinReadySeconds, ImmutableDictionary<string, string> Annotations);

    private readonly Dictionary<string, (ReplicaSetView Set, Edit Edit)> _edits = new(StringComparer.Ordinal);

    private readonly List<RecordEvent> _notices = [];

    /// <summary>Some set gets another size.</summary>
    public bool AnyScaled => _edits.Values.Any(item => item.Edit.Replicas != item.Set.Replicas);

    public int ReplicasOf(ReplicaSetView set) => Of(set).Replicas;

    /// <summary>Gives a set its size, and notes on it the Deployment's size that this belongs to.</summary>
    public void Scale(ReplicaSetView set, int replicas) =>
        Put(set, Of(set) with { Replicas = replicas, Annotations = Of(set).Annotations.WithSizes(deployment) });

    /// <summary>Brings the set with the present template up to date but for its size.</summary>
    public void Refresh(ReplicaSetView set, long revision) =>
        Put(set, Of(set) with { MinReadySeconds = deployment.MinReadySeconds, Annotations = RevisionAnnotations.ForNew(deployment, Of(set).Annotations, revision) });

    /// <summary>Notes that the rollout of the set's template has come to its end.</summary>
    public void Prove(ReplicaSetView set) => Put(set, Of(set) with { Annotations = Of(set).Annotations.WithProof() });

    /// <summary>Notes something about the set's template on it.</summary>
    public void Note(ReplicaSetView set, string mark, object value) => Put(set, Of(set) with { Annotations = Of(set).Annotations.SetItem(mark, value.ToString()!) });

    /// <summary>Something to say about what is written.</summary>
    public void Tell(RecordEvent notice) => _notices.Add(notice);

    public IEnumerable<PlanAction> Actions => Changes.Concat(_notices);

    private IEnumerable<PlanAction> Changes => _edits.Values.Where(IsNews).OrderBy(item => item.Set.Name, StringComparer.Ordinal).Select(item => Change(item.Set, item.Edit));

    private static bool IsNews((ReplicaSetView Set, Edit Edit) item) =>
        item.Edit.Replicas != item.Set.Replicas
        || item.Edit.MinReadySeconds != item.Set.MinReadySeconds
        || item.Edit.Annotations.Count != item.Set.Metadata.Annotations.Count
        || item.Edit.Annotations.Any(pair => item.Set.Metadata.Annotations.GetValueOrDefault(pair.Key) != pair.Value);

    private Edit Of(ReplicaSetView set) =>
        _edits.TryGetValue(set.Name, out var item) ? item.Edit : new Edit(set.Replicas, set.MinReadySeconds, set.Metadata.Annotations);

    private void Put(ReplicaSetView set, Edit edit) => _edits[set.Name] = (set, edit);

    private ChangeObject Change(ReplicaSetView set, Edit edit)
    {
        var scaled = edit.Replicas != set.Replicas;
        return ChangeObject.Of(set.Stored, (_, tree) =>
        {
            var spec = tree.Ensure("spec");
            spec["replicas"] = edit.Replicas;
            if (edit.MinReadySeconds != set.MinReadySeconds)
            {
                spec["minReadySeconds"] = edit.MinReadySeconds;
            }

            tree.Ensure("metadata")["annotations"] = new JsonObject(
                edit.Annotations.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
            return tree;
        }) with
        {
            Act = scaled ? "scale" : "reconcile",
            Report = result => scaled && result.Ok
                ? RecordEvent.Normal(
                    deployment.Stored,
                    "ScalingReplicaSet",
                    $"Scaled {(edit.Replicas > set.Replicas ? "up" : "down")} replica set {set.Name} from {set.Replicas} to {edit.Replicas}")
                : null,
        };
    }
}
