using ActorOrchestrator.Actors.Controllers.CronJobs;
using ActorOrchestrator.Actors.Controllers.Deployments;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Jobs;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;

namespace ActorOrchestrator.Actors.Controllers;

/// <summary>The controllers that keep people's pods running.</summary>
public static class WorkloadControllers
{
    public static IEnumerable<ControllerDefinition> Definitions() =>
    [
        ReplicaSetController.Definition,
        ReplicaSetController.OfReplicationControllers,
        DeploymentController.Definition,
        .. JobController.Definitions,
        CronJobReconciler.Definition,
    ];
}
