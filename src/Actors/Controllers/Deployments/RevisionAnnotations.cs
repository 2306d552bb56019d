using System.Collections.Immutable;
using System.Globalization;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;

namespace ActorOrchestrator.Actors.Controllers.Deployments;

/// <summary>The annotations by which a Deployment's history is kept on its ReplicaSets, and what <c>kubectl rollout history|undo</c> reads.</summary>
internal static class RevisionAnnotations
{
    public const string Revision = "deployment.kubernetes.io/revision";
    public const string History = "deployment.kubernetes.io/revision-history";
    public const string Desired = "deployment.kubernetes.io/desired-replicas";
    public const string Max = "deployment.kubernetes.io/max-replicas";
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    /// <summary>Upstream's bound of the history's characters.</summary>
    private const int HistoryLimit = 2000;

    public static long RevisionOf(ImmutableDictionary<string, string> annotations) =>
        long.TryParse(annotations.GetValueOrDefault(Revision), NumberStyles.Integer, CultureInfo.InvariantCulture, out var revision) ? revision : 0;

    /// <summary>Does an annotation of the Deployment go to its ReplicaSets, and back with a rollback?</summary>
    public static bool IsCopied(string annotation) =>
        annotation is not (LastApplied or AnnotatedRollback.Annotation or Revision or History or Desired or Max) && !RolloutMarks.IsMark(annotation);

    /// <summary>The number of the newest template, one above every older one.</summary>
    public static long NextAfter(ImmutableArray<ReplicaSetView> old) => old.IsEmpty ? 1 : old.Max(set => RevisionOf(set.Metadata.Annotations)) + 1;

    /// <summary>
    /// The annotations of the ReplicaSet with the present template: the Deployment's own, and a revision above the old ones. A set that had a lower
    /// one, because an earlier template came back, keeps that in its history.
    /// </summary>
    public static ImmutableDictionary<string, string> ForNew(DeploymentView deployment, ImmutableDictionary<string, string> existing, long revision)
    {
        var annotations = existing;
        foreach (var (name, value) in deployment.Metadata.Annotations)
        {
            if (IsCopied(name))
            {
                annotations = annotations.SetItem(name, value);
            }
        }

        if (RevisionOf(existing) >= revision)
        {
            return annotations;
        }

        if (existing.TryGetValue(Revision, out var earlier))
        {
            annotations = annotations.SetItem(History, Append(existing.GetValueOrDefault(History, ""), earlier));
        }

        return annotations.SetItem(Revision, revision.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>How large the Deployment was when the set was last scaled, by which a change of size is told from a rollout.</summary>
    public static ImmutableDictionary<string, string> WithSizes(this ImmutableDictionary<string, string> annotations, DeploymentView deployment) => annotations
        .SetItem(Desired, deployment.Replicas.ToString(CultureInfo.InvariantCulture))
        .SetItem(Max, deployment.MaxReplicas.ToString(CultureInfo.InvariantCulture));

    /// <summary>A size that was noted; null when it was not.</summary>
    public static int? Size(ReplicaSetView set, string annotation) =>
        int.TryParse(set.Metadata.Annotations.GetValueOrDefault(annotation), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null;

    private static string Append(string history, string revision)
    {
        var all = history.Length == 0 ? revision : $"{history},{revision}";
        while (all.Length > HistoryLimit && all.Contains(','))
        {
            all = all[(all.IndexOf(',') + 1)..];
        }

        return all;
    }
}
