using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for counts in the status of Deployments, ReplicaSets and ReplicationControllers (upstream's <c>Validate…Status</c>).</summary>
internal static class ReplicaStatusValidation
{
    private static readonly string[] OfDeployments =
        ["observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas", "collisionCount"];

    private static readonly string[] OfSets = ["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"];

    public static void Deployment(JsonObject deployment, JsonObject? old, FieldErrors errors)
    {
        Counts(deployment, old, OfDeployments, "updatedReplicas", errors);
        var before = old?.Child("status")?.Number("collisionCount");
        var now = deployment.Child("status")?.Number("collisionCount");
        if (before is { } count && !(now >= count))
        {
            errors.Invalid(FieldPath.Of("status").Field("collisionCount"), now ?? 0, "cannot be decremented");
        }
    }

    public static void Set(JsonObject set, JsonObject? old, FieldErrors errors) => Counts(set, old, OfSets, "fullyLabeledReplicas", errors);

    private static void Counts(JsonObject obj, JsonObject? old, string[] fields, string part, FieldErrors errors)
    {
        if (old is null || obj.Child("status") is not { } status)
        {
            // A status is never created, only updated.
            return;
        }

        var path = FieldPath.Of("status");
        foreach (var field in fields)
        {
            errors.NonNegative(path.Field(field), status.Number(field));
        }

        var (all, ready, available) = (status.Number("replicas") ?? 0, status.Number("readyReplicas") ?? 0, status.Number("availableReplicas") ?? 0);
        foreach (var (field, value) in ((string, long)[])[(part, status.Number(part) ?? 0), ("readyReplicas", ready), ("availableReplicas", available)])
        {
            if (value > all)
            {
                errors.Invalid(path.Field(field), value, "cannot be greater than status.replicas");
            }
        }

        if (available > ready)
        {
            errors.Invalid(path.Field("availableReplicas"), available, "cannot be greater than readyReplicas");
        }
    }
}
