using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Storage;

/// <summary>Makes the claims of a pod's <c>ephemeral</c> volumes: named after pod and volume, owned by the pod (upstream's <c>ephemeral-volume-controller</c>).</summary>
public static class EphemeralClaimReconciler
{
    private static readonly ViewCache<Templates> Views = new(Read);

    private sealed record Templates(ImmutableArray<(string Claim, JsonElement Template)> Items)
    {
        public static readonly Templates None = new([]);
    }

    public static ControllerDefinition Definition { get; } = new()
    {
        Name = "ephemeral-volume-controller",
        Observes = [ResourceTypes.Pods, ResourceTypes.PersistentVolumeClaims],
        DirtiedBy = DirtiedBy,
        Everything = cluster => cluster.All(ResourceTypes.Pods).Where(Concerns).Select(pod => pod.Key),
        Reconcile = Reconcile,
    };

    private static bool Concerns(StoredObject pod) => pod.Metadata.DeletionTimestamp is null && !Views[pod].Items.IsEmpty;

    private static IEnumerable<ObjectKey> DirtiedBy(Fact fact, ClusterSnapshot cluster)
    {
        if (fact.Key.Type == ResourceTypes.Pods)
        {
            return fact.Verb != FactVerb.Deleted && Concerns(fact.Object) ? [fact.Key] : [];
        }

        return fact.Verb == FactVerb.Deleted && fact.Object.Metadata.ControllerReference is { Kind: "Pod" } owner
            ? [new ObjectKey(ResourceTypes.Pods, fact.Key.Namespace, owner.Name)]
            : [];
    }

    private static Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is not { } pod || !Concerns(pod))
        {
            return Plan.Nothing;
        }

        return Plan.Together(Views[pod].Items.Select(item => ActionFor(pod, item.Claim, item.Template, observed.Snapshot)).OfType<PlanAction>());
    }

    private static PlanAction? ActionFor(StoredObject pod, string name, JsonElement template, ClusterSnapshot cluster)
    {
        if (cluster.Find(new ObjectKey(ResourceTypes.PersistentVolumeClaims, pod.Key.Namespace, name)) is { } claim)
        {
            return claim.Metadata.ControllerReference?.Uid == pod.Uid
                ? null
                : RecordEvent.Warn(pod, "EphemeralVolumeConflict", $"PVC {pod.Key.Namespace}/{name} was not created for pod {pod.Key.Namespace}/{pod.Key.Name} (pod is not owner)");
        }

        return new CreateObject(ResourceTypes.PersistentVolumeClaims, pod.Key.Namespace, () => Claim(pod, name, template))
        {
            Act = "make ephemeral claim",
            Report = result => result.Failure is { } failure && failure.Causes.All(cause => cause.Reason != "NamespaceTerminating")
                ? RecordEvent.Warn(pod, "FailedBinding", $"ephemeral volume controller: create PVC {name}: {failure.Message}")
                : null,
        };
    }

    private static JsonObject Claim(StoredObject pod, string name, JsonElement template)
    {
        var metadata = template.Get("metadata") is { ValueKind: JsonValueKind.Object } given ? JsonObject.Create(given)!.DeepClone().AsObject() : [];
        metadata["name"] = name;
        metadata["namespace"] = pod.Key.Namespace;
        metadata["ownerReferences"] = new JsonArray(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["name"] = pod.Key.Name,
            ["uid"] = pod.Uid,
            ["controller"] = true,
            ["blockOwnerDeletion"] = true,
        });
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "PersistentVolumeClaim",
            ["metadata"] = metadata,
            ["spec"] = JsonObject.Create(template.Get("spec"))!.DeepClone(),
        };
    }

    private static Templates Read(StoredObject pod)
    {
        if (pod.Utf8.Span.IndexOf("\"volumeClaimTemplate\""u8) < 0)
        {
            return Templates.None;
        }

        using var document = JsonDocument.Parse(pod.Utf8);
        return new Templates(
        [
            .. document.RootElement.Get("spec").Items("volumes")
                .Where(volume => volume.Get("ephemeral").Get("volumeClaimTemplate").ValueKind == JsonValueKind.Object)
                .Select(volume => ($"{pod.Key.Name}-{volume.Text("name")}", volume.Get("ephemeral").Get("volumeClaimTemplate").Clone())),
        ]);
    }
}
