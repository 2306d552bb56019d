using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Admission.Policies;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Controllers.AdmissionPolicies;

/// <summary>Checks the expressions of policies against the kinds that they match, and says in the status what cannot be right.</summary>
public sealed class ValidatingAdmissionPolicyReconciler(ICatalogSource catalog)
{
    public ControllerDefinition Definition => new()
    {
        Name = "validatingadmissionpolicy-status-controller",
        Observes = [ResourceTypes.ValidatingAdmissionPolicies],
        DirtiedBy = (fact, _) => [fact.Key],
        Everything = ControllerDefinition.AllOf(ResourceTypes.ValidatingAdmissionPolicies),
        Reconcile = Reconcile,
    };

    private Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is not { } stored)
        {
            return Plan.Nothing;
        }

        var policy = stored.ToJson();
        var generation = JsonNodes.Number(policy.Object("metadata"), "generation") ?? 0;
        if (policy.Object("status").Object("typeChecking") is not null && JsonNodes.Number(policy.Object("status"), "observedGeneration") == generation)
        {
            return Plan.Nothing;
        }

        var checking = new JsonObject();
        if (PolicyTypeChecking.Check(policy.Object("spec"), catalog.Current) is { Count: > 0 } warnings)
        {
            checking["expressionWarnings"] = new JsonArray([.. warnings.Select(item => (JsonNode)new JsonObject { ["fieldRef"] = item.Field, ["warning"] = item.Warning })]);
        }

        return Plan.Do(ChangeObject.StatusOf(stored, (_, obj) =>
        {
            var status = obj.Ensure("status");
            status["observedGeneration"] = generation;
            status["typeChecking"] = checking.DeepClone();
            return obj;
        }));
    }
}
