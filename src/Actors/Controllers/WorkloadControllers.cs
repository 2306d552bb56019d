using ActorOrchestrator.Actors.Controllers.CronJobs;
using ActorOrchestrator.Actors.Controllers.DaemonSets;
using ActorOrchestrator.Actors.Controllers.Deployments;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Jobs;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;
using ActorOrchestrator.Actors.Controllers.StatefulSets;

namespace ActorOrchestrator.Actors.Controllers;

/// <summary>The controllers that keep people's pods running.</summary>
public static class WorkloadControllers
{
    public static IEnumerable<ControllerDefinition> Definitions() =>
    [
        ReplicaSetController.Definition,
        ReplicaSetController.OfReplicationControllers,
        DeploymentController.Definition,
        StatefulSetController.Definition,
        DaemonSetController.Definition,
        .. JobController.Definitions,
        CronJobReconciler.Definition,
    ];
}
