using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Revisions;

/// <summary>A workload whose templates are kept as ControllerRevisions.</summary>
/// <param name="Collisions">Names that were taken by another template so far (<c>status.collisionCount</c>).</param>
/// <param name="HashLabel">The label of a revision that holds the hash in its name.</param>
public sealed record RevisionedWorkload(
    StoredObject Stored, Ownership Ownership, LabelSelector Selector, PodTemplate Template, int Collisions, string HashLabel)
{
    /// <summary>What StatefulSets write on their revisions.</summary>
    public const string RevisionHash = "controller.kubernetes.io/hash";
}

/// <summary>
/// The templates that a workload has had (upstream's <c>pkg/controller/history</c>). The template it has now is the newest revision: it is
/// made, or the equal one that is there is numbered newest again, which is what <c>kubectl rollout undo</c> comes to.
/// </summary>
/// <param name="Revisions">Oldest first.</param>
/// <param name="Update">The revision of the template as it is now; null until <paramref name="Actions"/> are done.</param>
/// <param name="Actions">What puts the history right, adoptions included.</param>
/// <param name="Collisions">To be kept in the status.</param>
public sealed record RevisionHistory(ImmutableArray<RevisionView> Revisions, RevisionView? Update, ImmutableArray<PlanAction> Actions, int Collisions)
{
    /// <summary>A revision's name leaves this much of 253 characters to the hash.</summary>
    private const int LongestPrefix = 223;

    public static RevisionHistory Of(RevisionedWorkload workload, ClusterSnapshot snapshot)
    {
        var claims = workload.Ownership.Claim(workload.Stored, ResourceTypes.ControllerRevisions, workload.Selector, snapshot, static _ => true);
        ImmutableArray<RevisionView> revisions =
        [
            .. claims.Kept.Where(revision => revision.Metadata.DeletionTimestamp is null).Select(RevisionView.Of)
                .OrderBy(revision => revision.Number)
                .ThenBy(revision => revision.Stored.Metadata.CreationTimestamp)
                .ThenBy(revision => revision.Name, StringComparer.Ordinal),
        ];
        if (!claims.Actions.IsEmpty)
        {
            return new RevisionHistory(revisions, null, claims.Actions, workload.Collisions);
        }

        var equal = revisions.LastOrDefault(revision => revision.Template.IsSameAs(workload.Template));
        if (equal is not null && ReferenceEquals(equal, revisions[^1]))
        {
            return new RevisionHistory(revisions, equal, [], workload.Collisions);
        }

        if (workload.Stored.Metadata.DeletionTimestamp is not null)
        {
            return new RevisionHistory(revisions, equal, [], workload.Collisions);
        }

        var next = revisions.IsEmpty ? 1 : revisions[^1].Number + 1;
        if (equal is not null)
        {
            return new RevisionHistory(revisions, null, [Renumber(equal, next)], workload.Collisions);
        }

        var (create, collisions) = Create(workload, next, snapshot);
        return new RevisionHistory(revisions, null, [create], collisions);
    }

    public RevisionView? Find(string name) => Revisions.FirstOrDefault(revision => revision.Name == name);

    /// <summary>Deletes the oldest that no pod has and nobody needs, until the limit is kept.</summary>
    /// <param name="countsLive">Do those that pods still have count against the limit too? A DaemonSet's do, a StatefulSet's do not.</param>
    public IEnumerable<PlanAction> Truncate(int limit, Func<RevisionView, bool> isLive, bool countsLive = false)
    {
        var all = Revisions.Where(revision => !ReferenceEquals(revision, Update)).ToArray();
        var old = all.Where(revision => !isLive(revision)).ToArray();
        return old.Take(Math.Max(0, (countsLive ? all.Length : old.Length) - limit)).Select(revision => DeleteObject.Of(revision.Stored) with { Act = "truncate history" });
    }

    private static ChangeObject Renumber(RevisionView revision, long number) => ChangeObject.Of(revision.Stored, (_, tree) =>
    {
        tree["revision"] = number;
        return tree;
    }) with { Act = "renumber revision" };

    /// <summary>A name that is taken, by whomever, is a collision: the next count gives another one.</summary>
    private static (CreateObject Create, int Collisions) Create(RevisionedWorkload workload, long number, ClusterSnapshot snapshot)
    {
        var owner = workload.Stored.Key;
        var prefix = owner.Name.Length > LongestPrefix ? owner.Name[..LongestPrefix] : owner.Name;
        for (var collisions = workload.Collisions; ; collisions++)
        {
            var hash = workload.Template.Hash(collisions == 0 ? null : collisions);
            var name = $"{prefix}-{hash}";
            if (snapshot.Find(new ObjectKey(ResourceTypes.ControllerRevisions, owner.Namespace, name)) is null)
            {
                return (CreateObject.Of(ResourceTypes.ControllerRevisions, owner.Namespace, Json(workload, name, hash, number), "create revision"), collisions);
            }
        }
    }

    private static JsonObject Json(RevisionedWorkload workload, string name, string hash, long number)
    {
        var labels = new JsonObject();
        foreach (var (key, value) in workload.Template.Labels.OrderBy(label => label.Key, StringComparer.Ordinal))
        {
            labels[key] = value;
        }

        labels[workload.HashLabel] = hash;
        var metadata = new JsonObject { ["name"] = name, ["namespace"] = workload.Stored.Key.Namespace, ["labels"] = labels };
        if (!workload.Stored.Metadata.Annotations.IsEmpty)
        {
            metadata["annotations"] = new JsonObject(workload.Stored.Metadata.Annotations.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
        }

        metadata["ownerReferences"] = new JsonArray(workload.Ownership.ReferenceTo(workload.Stored));
        return new JsonObject
        {
            ["apiVersion"] = "apps/v1", ["kind"] = "ControllerRevision", ["metadata"] = metadata, ["data"] = workload.Template.ToRevisionData(), ["revision"] = number,
        };
    }
}
