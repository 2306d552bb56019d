using System.Collections.Immutable;
using k8s.Models;
using static ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn.CoreColumns;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The Table columns of apps, batch, autoscaling and policy, with upstream's headings, types, order and priorities.</summary>
internal static class WorkloadColumns
{
    public static readonly ImmutableArray<PrinterColumn> Deployments =
    [
        Name,
        Text("Ready", "Number of the pod with ready state"),
        Text("Up-to-date", Of<V1DeploymentStatus>("updatedReplicas")),
        Text("Available", Of<V1DeploymentStatus>("availableReplicas")),
        Age,
        Text("Containers", "Names of each container in the template.", 1),
        Text("Images", "Images referenced by each container in the template.", 1),
        Text("Selector", Of<V1DeploymentSpec>("selector"), 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> ReplicaSets =
    [
        Name,
        Number("Desired", Of<V1ReplicaSetSpec>("replicas")),
        Number("Current", Of<V1ReplicaSetStatus>("replicas")),
        Number("Ready", Of<V1ReplicaSetStatus>("readyReplicas")),
        Age,
        Text("Containers", "Names of each container in the template.", 1),
        Text("Images", "Images referenced by each container in the template.", 1),
        Text("Selector", Of<V1ReplicaSetSpec>("selector"), 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> StatefulSets =
    [
        Name,
        Text("Ready", "Number of the pod with ready state"),
        Age,
        Text("Containers", "Names of each container in the template.", 1),
        Text("Images", "Images referenced by each container in the template.", 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> DaemonSets =
    [
        Name,
        Number("Desired", Of<V1DaemonSetStatus>("desiredNumberScheduled")),
        Number("Current", Of<V1DaemonSetStatus>("currentNumberScheduled")),
        Number("Ready", Of<V1DaemonSetStatus>("numberReady")),
        Number("Up-to-date", Of<V1DaemonSetStatus>("updatedNumberScheduled")),
        Number("Available", Of<V1DaemonSetStatus>("numberAvailable")),
        Text("Node Selector", Of<V1PodSpec>("nodeSelector")),
        Age,
        Text("Containers", "Names of each container in the template.", 1),
        Text("Images", "Images referenced by each container in the template.", 1),
        Text("Selector", Of<V1DaemonSetSpec>("selector"), 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> ControllerRevisions =
    [
        Name,
        Text("Controller", "Controller of the object"),
        Text("Revision", Of<V1ControllerRevision>("revision")),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> Jobs =
    [
        Name,
        Text("Status", "Status of the job."),
        Text("Completions", Of<V1JobStatus>("succeeded")),
        Text("Duration", "Time required to complete the job."),
        Age,
        Text("Containers", "Names of each container in the template.", 1),
        Text("Images", "Images referenced by each container in the template.", 1),
        Text("Selector", Of<V1JobSpec>("selector"), 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> CronJobs =
    [
        Name,
        Text("Schedule", Of<V1CronJobSpec>("schedule")),
        Text("Timezone", Of<V1CronJobSpec>("timeZone")),
        Truth("Suspend", Of<V1CronJobSpec>("suspend")),
        Number("Active", Of<V1CronJobStatus>("active")),
        Text("Last Schedule", Of<V1CronJobStatus>("lastScheduleTime")),
        Age,
        Text("Containers", "Names of each container in the template.", 1),
        Text("Images", "Images referenced by each container in the template.", 1),
        Text("Selector", Of<V1JobSpec>("selector"), 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> HorizontalPodAutoscalers =
    [
        Name,
        Text("Reference", Of<V2HorizontalPodAutoscalerSpec>("scaleTargetRef")),
        Text("Targets", Of<V2HorizontalPodAutoscalerSpec>("metrics")),
        Text("MinPods", Of<V2HorizontalPodAutoscalerSpec>("minReplicas")),
        Text("MaxPods", Of<V2HorizontalPodAutoscalerSpec>("maxReplicas")),
        Text("Replicas", Of<V2HorizontalPodAutoscalerStatus>("currentReplicas")),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> PodDisruptionBudgets =
    [
        Name,
        Text("Min Available", "The minimum number of pods that must be available."),
        Text("Max Unavailable", "The maximum number of pods that may be unavailable."),
        Number("Allowed Disruptions", "Calculated number of pods that may be disrupted at this time."),
        Age,
    ];
}
