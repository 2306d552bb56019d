using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Certificates;

/// <summary>What the controllers of certificate requests have in common: each looks at one request, whenever that changes.</summary>
internal static class CertificateRequests
{
    public static ControllerDefinition Controller(string name, Func<Observed, DateTimeOffset, Plan> reconcile) => new()
    {
        Name = name,
        Observes = [ResourceTypes.CertificateSigningRequests],
        DirtiedBy = (fact, _) => fact.Verb == FactVerb.Deleted ? [] : [fact.Key],
        Everything = ControllerDefinition.AllOf(ResourceTypes.CertificateSigningRequests),
        Reconcile = reconcile,
    };
}
