using System.Collections.Immutable;
using static ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn.CoreColumns;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The Table columns of apps, batch, autoscaling and policy, with upstream's headings, order and priorities.</summary>
internal static class WorkloadColumns
{
    public static readonly ImmutableArray<PrinterColumn> Deployments =
    [
        Name,
        Text("Ready", "Number of the pod with ready state."),
        Text("Up-to-date", "Number of pods that have the template that the Deployment asks for."),
        Text("Available", "Number of pods that have been ready for at least minReadySeconds."),
        Age,
        Text("Containers", "Names of each container in the template.", 1),
        Text("Images", "Images referenced by each container in the template.", 1),
        Text("Selector", "The label query over the pods of this object.", 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> ReplicaSets =
    [
        Name,
        Number("Desired", "Number of pods that are asked for."),
        Number("Current", "Number of pods that exist."),
        Number("Ready", "Number of pods that are ready."),
        Age,
        Text("Containers", "Names of each container in the template.", 1),
        Text("Images", "Images referenced by each container in the template.", 1),
        Text("Selector", "The label query over the pods of this object.", 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> StatefulSets =
    [
        Name,
        Text("Ready", "Number of the pod with ready state."),
        Age,
        Text("Containers", "Names of each container in the template.", 1),
        Text("Images", "Images referenced by each container in the template.", 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> DaemonSets =
    [
        Name,
        Number("Desired", "Number of nodes that should run the pod."),
        Number("Current", "Number of nodes that run at least one such pod and should."),
        Number("Ready", "Number of nodes whose pod is ready."),
        Number("Up-to-date", "Number of nodes that run the newest template."),
        Number("Available", "Number of nodes whose pod has been ready for at least minReadySeconds."),
        Text("Node Selector", "The labels of the nodes that the pods go to."),
        Age,
        Text("Containers", "Names of each container in the template.", 1),
        Text("Images", "Images referenced by each container in the template.", 1),
        Text("Selector", "The label query over the pods of this object.", 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> ControllerRevisions =
    [
        Name,
        Text("Controller", "The object whose history this is."),
        Text("Revision", "The number of the revision."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> Jobs =
    [
        Name,
        Text("Status", "The status of the job."),
        Text("Completions", "Finished pods of those that are asked for."),
        Text("Duration", "How long the job has run or ran."),
        Age,
        Text("Containers", "Names of each container in the template.", 1),
        Text("Images", "Images referenced by each container in the template.", 1),
        Text("Selector", "The label query over the pods of this object.", 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> CronJobs =
    [
        Name,
        Text("Schedule", "When jobs are made, in cron format."),
        Text("Timezone", "The time zone of the schedule."),
        Text("Suspend", "Whether no more jobs are made."),
        Number("Active", "Number of jobs that run."),
        Text("Last Schedule", "The time since a job was last made."),
        Age,
        Text("Containers", "Names of each container in the template.", 1),
        Text("Images", "Images referenced by each container in the template.", 1),
        Text("Selector", "The label query over the pods of this object.", 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> HorizontalPodAutoscalers =
    [
        Name,
        Text("Reference", "What is scaled."),
        Text("Targets", "Each metric as it is and as it should be."),
        Text("MinPods", "The least number of pods."),
        Text("MaxPods", "The greatest number of pods."),
        Number("Replicas", "The number of pods that was last seen."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> PodDisruptionBudgets =
    [
        Name,
        Text("Min Available", "How many pods must stay."),
        Text("Max Unavailable", "How many pods may be gone."),
        Number("Allowed Disruptions", "How many pods may be disrupted now."),
        Age,
    ];
}
