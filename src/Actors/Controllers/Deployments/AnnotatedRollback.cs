using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;
using ActorOrchestrator.Actors.Resources;

namespace ActorOrchestrator.Actors.Controllers.Deployments;

/// <summary>
/// The rollback that clients of <c>extensions/v1beta1</c> asked for, which lives on as an annotation (upstream's <c>rollback.go</c>): the template and the
/// annotations of a revision are copied back into the Deployment, and the wish is cleared whether or not it could be granted.
/// </summary>
internal static class AnnotatedRollback
{
    public const string Annotation = "deprecated.deployment.rollback.to";

    /// <summary>Null when nothing is asked for; what is no number asks for nothing.</summary>
    public static Plan? Of(DeploymentView deployment, ReplicaSetFamily family)
    {
        if (deployment.Paused || !long.TryParse(
            deployment.Metadata.Annotations.GetValueOrDefault(Annotation), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var wanted))
        {
            return null;
        }

        var revision = wanted != 0 ? wanted : LastRevision(family);
        if (revision == 0)
        {
            return Clear(deployment, RecordEvent.Warn(deployment.Stored, "DeploymentRollbackRevisionNotFound", "Unable to find last revision."));
        }

        var target = family.All.FirstOrDefault(set => RevisionAnnotations.RevisionOf(set.Metadata.Annotations) == revision);
        return target is null
                ? Clear(deployment, RecordEvent.Warn(deployment.Stored, "DeploymentRollbackRevisionNotFound", "Unable to find the revision to rollback to."))
            : target.Template.IsSameAs(deployment.Template)
                ? Clear(deployment, RecordEvent.Warn(
                    deployment.Stored,
                    "DeploymentRollbackTemplateUnchanged",
                    $"The rollback revision contains the same template as current deployment \"{deployment.Name}\""))
            : Plan.Do(Change(
                deployment,
                RecordEvent.Normal(deployment.Stored, "DeploymentRollback", $"Rolled back deployment \"{deployment.Name}\" to revision {revision}"),
                tree => Restore(tree, target)));
    }

    /// <summary>The second highest; 0 when there is none.</summary>
    private static long LastRevision(ReplicaSetFamily family) =>
        family.All.Select(set => RevisionAnnotations.RevisionOf(set.Metadata.Annotations)).OrderDescending().ElementAtOrDefault(1);

    private static Plan Clear(DeploymentView deployment, RecordEvent told) => Plan.Do(Change(deployment, told, _ => { }));

    private static void Restore(JsonObject tree, ReplicaSetView target)
    {
        var template = target.Template.ToJson();
        template.Object("metadata").Object("labels")?.Remove(Pods.PodTemplate.HashLabel);
        tree.Ensure("spec")["template"] = template;
        var annotations = tree.Ensure("metadata").Ensure("annotations");
        foreach (var name in annotations.Select(pair => pair.Key).Where(RevisionAnnotations.IsCopied).ToImmutableArray())
        {
            annotations.Remove(name);
        }

        foreach (var (name, value) in target.Metadata.Annotations.Where(pair => RevisionAnnotations.IsCopied(pair.Key)).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            annotations[name] = value;
        }
    }

    private static ChangeObject Change(DeploymentView deployment, RecordEvent told, Action<JsonObject> edit) => ChangeObject.Of(deployment.Stored, (_, tree) =>
    {
        edit(tree);
        tree.Ensure("metadata").Ensure("annotations").Remove(Annotation);
        return tree;
    }) with { Act = "rollback", Report = result => result.Ok ? told : null };
}
