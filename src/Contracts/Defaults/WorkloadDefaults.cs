using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Defaults;

/// <summary>Defaults of the kinds that make pods, and of the autoscaler that scales them. Their pod templates are filled in by <see cref="ObjectDefaults"/>.</summary>
internal static class WorkloadDefaults
{
    private const int BackoffLimit = 6;
    private const int TargetCpuUtilization = 80;

    public static void Deployment(JsonObject deployment)
    {
        var spec = deployment.ChildOrNew("spec");
        spec.DefaultAbsent("replicas", 1);
        var strategy = spec.ChildOrNew("strategy");
        strategy.DefaultText("type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
        {
            var rolling = strategy.ChildOrNew("rollingUpdate");
            rolling.DefaultAbsent("maxUnavailable", "25%");
            rolling.DefaultAbsent("maxSurge", "25%");
        }

        spec.DefaultAbsent("revisionHistoryLimit", 10);
        spec.DefaultAbsent("progressDeadlineSeconds", 600);
    }

    public static void ReplicaSet(JsonObject replicaSet) => replicaSet.ChildOrNew("spec").DefaultAbsent("replicas", 1);

    public static void ReplicationController(JsonObject controller)
    {
        var spec = controller.ChildOrNew("spec");
        if (spec.Child("template")?.Child("metadata")?.Child("labels") is { Count: > 0 } labels)
        {
            if (spec.Count("selector") == 0)
            {
                spec["selector"] = labels.DeepClone();
            }

            LabelsOfTemplate(controller, labels);
        }

        spec.DefaultAbsent("replicas", 1);
    }

    public static void StatefulSet(JsonObject set)
    {
        var spec = set.ChildOrNew("spec");
        spec.DefaultText("podManagementPolicy", "OrderedReady");
        var strategy = spec.ChildOrNew("updateStrategy");
        if (strategy.Text("type").Length == 0)
        {
            // Only who names no strategy gets the parameters of the default one.
            strategy["type"] = "RollingUpdate";
            strategy.ChildOrNew("rollingUpdate");
        }

        if (strategy.Text("type") == "RollingUpdate")
        {
            strategy.Child("rollingUpdate")?.DefaultAbsent("partition", 0);
        }

        var retention = spec.ChildOrNew("persistentVolumeClaimRetentionPolicy");
        retention.DefaultText("whenDeleted", "Retain");
        retention.DefaultText("whenScaled", "Retain");
        spec.DefaultAbsent("replicas", 1);
        spec.DefaultAbsent("revisionHistoryLimit", 10);
        foreach (var claim in spec.Items("volumeClaimTemplates"))
        {
            claim["apiVersion"] = "v1";
            claim["kind"] = "PersistentVolumeClaim";
            StorageDefaults.PersistentVolumeClaim(claim);
        }
    }

    public static void DaemonSet(JsonObject set)
    {
        var spec = set.ChildOrNew("spec");
        var strategy = spec.ChildOrNew("updateStrategy");
        strategy.DefaultText("type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
        {
            var rolling = strategy.ChildOrNew("rollingUpdate");
            rolling.DefaultAbsent("maxUnavailable", 1);
            rolling.DefaultAbsent("maxSurge", 0);
        }

        spec.DefaultAbsent("revisionHistoryLimit", 10);
    }

    public static void Job(JsonObject job)
    {
        var spec = job.ChildOrNew("spec");
        if (!spec.Has("completions") && !spec.Has("parallelism"))
        {
            spec["completions"] = 1;
        }

        spec.DefaultAbsent("parallelism", 1);
        spec.DefaultAbsent("backoffLimit", spec.Has("backoffLimitPerIndex") ? int.MaxValue : BackoffLimit);
        if (spec.Child("template")?.Child("metadata")?.Child("labels") is { Count: > 0 } labels)
        {
            LabelsOfTemplate(job, labels);
        }

        spec.DefaultAbsent("completionMode", "NonIndexed");
        spec.DefaultAbsent("suspend", false);
        spec.DefaultAbsent("podReplacementPolicy", spec.Has("podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
        foreach (var pattern in spec.Child("podFailurePolicy")?.Items("rules").SelectMany(rule => rule.Items("onPodConditions")) ?? [])
        {
            pattern.DefaultText("status", "True");
        }
    }

    public static void CronJob(JsonObject job)
    {
        var spec = job.ChildOrNew("spec");
        spec.DefaultText("concurrencyPolicy", "Allow");
        spec.DefaultAbsent("suspend", false);
        spec.DefaultAbsent("successfulJobsHistoryLimit", 3);
        spec.DefaultAbsent("failedJobsHistoryLimit", 1);
    }

    public static void HorizontalPodAutoscalerV1(JsonObject autoscaler) => autoscaler.ChildOrNew("spec").DefaultAbsent("minReplicas", 1);

    public static void HorizontalPodAutoscaler(JsonObject autoscaler)
    {
        var spec = autoscaler.ChildOrNew("spec");
        spec.DefaultAbsent("minReplicas", 1);
        if (spec.Count("metrics") == 0)
        {
            spec["metrics"] = new JsonArray(Resources.Conversion.AutoscalingMetrics.CpuUtilization(TargetCpuUtilization));
        }

        if (spec.Child("behavior") is { } behavior)
        {
            var up = behavior.ChildOrNew("scaleUp");
            up.DefaultAbsent("stabilizationWindowSeconds", 0);
            up.DefaultAbsent("selectPolicy", "Max");
            up.DefaultAbsent("policies", new JsonArray(Policy("Pods", 4), Policy("Percent", 100)));
            var down = behavior.ChildOrNew("scaleDown");
            down.DefaultAbsent("selectPolicy", "Max");
            down.DefaultAbsent("policies", new JsonArray(Policy("Percent", 100)));
        }
    }

    private static JsonObject Policy(string type, int value) => new() { ["type"] = type, ["value"] = value, ["periodSeconds"] = 15 };

    private static void LabelsOfTemplate(JsonObject obj, JsonObject labels)
    {
        var metadata = obj.ChildOrNew("metadata");
        if (metadata.Count("labels") == 0)
        {
            metadata["labels"] = labels.DeepClone();
        }
    }
}
