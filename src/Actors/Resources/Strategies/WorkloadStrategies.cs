using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Strategies;

/// <summary>Kinds whose pods stay when an old client deletes the owner and says nothing of them: ReplicationControllers.</summary>
public class OrphaningStrategy : ResourceStrategy
{
    public override string? DefaultPropagation => "Orphan";
}

/// <summary>Jobs: the selector is made of the job's uid, so that no two jobs ever count each other's pods.</summary>
public sealed class JobStrategy : OrphaningStrategy
{
    private const string ControllerUid = "batch.kubernetes.io/controller-uid";

    public override void PrepareForCreate(JsonObject obj, ResourceDescriptor descriptor, DateTimeOffset now)
    {
        base.PrepareForCreate(obj, descriptor, now);
        var spec = obj.Ensure("spec");
        if (spec.Flag("manualSelector"))
        {
            return;
        }

        var (name, uid) = (obj.Object("metadata").Text("name"), obj.Object("metadata").Text("uid"));
        var labels = spec.Ensure("template").Ensure("metadata").Ensure("labels");
        foreach (var (label, value) in (ReadOnlySpan<(string, string)>)
            [("job-name", name), ("batch.kubernetes.io/job-name", name), ("controller-uid", uid), (ControllerUid, uid)])
        {
            // A label that the user has set stays, and validation refuses it where it contradicts the selector.
            if (labels[label] is null)
            {
                labels[label] = value;
            }
        }

        var matched = spec.Ensure("selector").Ensure("matchLabels");
        if (matched[ControllerUid] is null)
        {
            matched[ControllerUid] = uid;
        }
    }
}
