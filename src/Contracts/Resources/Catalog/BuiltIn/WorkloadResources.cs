using ActorOrchestrator.Contracts.Resources.Conversion;
using k8s.Models;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The groups apps, batch, autoscaling and policy.</summary>
internal static class WorkloadResources
{
    public static IEnumerable<ResourceDescriptor> Apps() =>
    [
        new()
        {
            Type = ResourceTypes.ControllerRevisions, Version = "v1", Kind = "ControllerRevision", Model = typeof(V1ControllerRevision),
            Columns = WorkloadColumns.ControllerRevisions,
            Behaviour = Behaviour.Works("history of StatefulSets and DaemonSets"),
        },
        new()
        {
            Type = ResourceTypes.DaemonSets, Version = "v1", Kind = "DaemonSet", Model = typeof(V1DaemonSet),
            ShortNames = ["ds"], Categories = BuiltInResources.AllCategory, GenerationFields = ["spec"],
            Subresources = [Subresource.View("status", "DaemonSet")],
            Columns = WorkloadColumns.DaemonSets,
            Behaviour = Behaviour.Works("rolling update with maxUnavailable or maxSurge, OnDelete, history, undo"),
        },
        new()
        {
            Type = ResourceTypes.Deployments, Version = "v1", Kind = "Deployment", Model = typeof(V1Deployment),
            ShortNames = ["deploy"], Categories = BuiltInResources.AllCategory, Columns = WorkloadColumns.Deployments, GenerationFields = ["spec", "metadata.annotations"],
            Subresources = [Subresource.Scale, Subresource.View("status", "Deployment")],
            Behaviour = Behaviour.Works("rolling update, recreate, pause, history, undo, progress deadline, automatic rollback, canary"),
        },
        new()
        {
            Type = ResourceTypes.ReplicaSets, Version = "v1", Kind = "ReplicaSet", Model = typeof(V1ReplicaSet),
            ShortNames = ["rs"], Categories = BuiltInResources.AllCategory, Columns = WorkloadColumns.ReplicaSets, GenerationFields = ["spec"],
            Subresources = [Subresource.Scale, Subresource.View("status", "ReplicaSet")],
            SelectableFields = [SelectableField.Of("status.replicas", "0")],
            Behaviour = Behaviour.Works(),
        },
        new()
        {
            Type = ResourceTypes.StatefulSets, Version = "v1", Kind = "StatefulSet", Model = typeof(V1StatefulSet),
            ShortNames = ["sts"], Categories = BuiltInResources.AllCategory, GenerationFields = ["spec"],
            Subresources = [Subresource.Scale, Subresource.View("status", "StatefulSet")],
            Columns = WorkloadColumns.StatefulSets,
            Behaviour = Behaviour.Works("ordered and parallel, partition, maxUnavailable, OnDelete, claims and their retention, history, undo"),
        },
    ];

    public static IEnumerable<ResourceDescriptor> Autoscaling() =>
    [
        new()
        {
            Type = ResourceTypes.HorizontalPodAutoscalers, Version = "v2", Kind = "HorizontalPodAutoscaler", Model = typeof(V2HorizontalPodAutoscaler),
            ShortNames = ["hpa"], Categories = BuiltInResources.AllCategory,
            Subresources = [Subresource.View("status", "HorizontalPodAutoscaler")],
            Columns = WorkloadColumns.HorizontalPodAutoscalers,
            Behaviour = Behaviour.Works("by processor and memory use, custom and external metrics; behavior, stabilization, tolerance"),
        },
        new()
        {
            Type = ResourceTypes.HorizontalPodAutoscalers, Version = "v1", Kind = "HorizontalPodAutoscaler", Model = typeof(V1HorizontalPodAutoscaler),
            Converter = new HorizontalPodAutoscalerConverter(),
            ShortNames = ["hpa"], Categories = BuiltInResources.AllCategory,
            Subresources = [Subresource.View("status", "HorizontalPodAutoscaler")],
            Columns = WorkloadColumns.HorizontalPodAutoscalers,
            Behaviour = Behaviour.Works("by processor and memory use, custom and external metrics; behavior, stabilization, tolerance"),
        },
    ];

    public static IEnumerable<ResourceDescriptor> Batch() =>
    [
        new()
        {
            Type = ResourceTypes.CronJobs, Version = "v1", Kind = "CronJob", Model = typeof(V1CronJob),
            ShortNames = ["cj"], Categories = BuiltInResources.AllCategory, GenerationFields = ["spec"],
            Subresources = [Subresource.View("status", "CronJob")],
            Columns = WorkloadColumns.CronJobs,
        },
        new()
        {
            Type = ResourceTypes.Jobs, Version = "v1", Kind = "Job", Model = typeof(V1Job),
            Categories = BuiltInResources.AllCategory, GenerationFields = ["spec"],
            Subresources = [Subresource.View("status", "Job")],
            SelectableFields = [new SelectableField("status.successful", ["status", "succeeded"], "0")],
            Columns = WorkloadColumns.Jobs,
        },
    ];

    public static IEnumerable<ResourceDescriptor> Policy() =>
    [
        new()
        {
            Type = ResourceTypes.PodDisruptionBudgets, Version = "v1", Kind = "PodDisruptionBudget", Model = typeof(V1PodDisruptionBudget),
            UpdatesUnconditionally = false,
            ShortNames = ["pdb"], Names = NameRule.PathSegment, GenerationFields = ["spec"],
            Subresources = [Subresource.View("status", "PodDisruptionBudget")],
            Columns = WorkloadColumns.PodDisruptionBudgets,
            Behaviour = Behaviour.Works("evictions ask it, and preemption where it can"),
        },
    ];
}
