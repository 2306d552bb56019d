using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Tables;

/// <summary>Kinds that make pods.</summary>
internal static class WorkloadRows
{
    private const string None = "<none>";

    public static TableRow Deployment(JsonElement deployment, DateTimeOffset now)
    {
        var (spec, status) = (deployment.At("spec"), deployment.At("status"));
        var (names, images) = Containers(spec);
        return new TableRow(
        [
            TableRows.Name(deployment),
            $"{status.Number("readyReplicas")}/{spec.Number("replicas", 1)}",
            status.Number("updatedReplicas"),
            status.Number("availableReplicas"),
            TableRows.Age(deployment, now),
            names, images, DeploymentSelector(spec),
        ]);
    }

    public static TableRow ReplicaSet(JsonElement replicaSet, DateTimeOffset now) => Replicas(replicaSet, now, Selector(replicaSet.At("spec")));

    public static TableRow ReplicationController(JsonElement controller, DateTimeOffset now) =>
        Replicas(controller, now, PlainSelector(controller.At("spec", "selector")));

    public static TableRow PodTemplate(JsonElement template, DateTimeOffset now)
    {
        var (names, images) = Containers(template);
        return new TableRow([TableRows.Name(template), names, images, PlainSelector(template.At("template", "metadata").At("labels"))]);
    }

    public static TableRow StatefulSet(JsonElement set, DateTimeOffset now)
    {
        var (spec, status) = (set.At("spec"), set.At("status"));
        var (names, images) = Containers(spec);
        return new TableRow([TableRows.Name(set), $"{status.Number("readyReplicas")}/{spec.Number("replicas", 1)}", TableRows.Age(set, now), names, images]);
    }

    public static TableRow DaemonSet(JsonElement set, DateTimeOffset now)
    {
        var (spec, status) = (set.At("spec"), set.At("status"));
        var (names, images) = Containers(spec);
        return new TableRow(
        [
            TableRows.Name(set),
            status.Number("desiredNumberScheduled"), status.Number("currentNumberScheduled"), status.Number("numberReady"),
            status.Number("updatedNumberScheduled"), status.Number("numberAvailable"),
            PlainSelector(spec.At("template", "spec").At("nodeSelector")),
            TableRows.Age(set, now), names, images, Selector(spec),
        ]);
    }

    public static TableRow ControllerRevision(JsonElement revision, DateTimeOffset now)
    {
        var controller = revision.At("metadata").Items("ownerReferences").FirstOrDefault(owner => owner.Flag("controller"));
        var told = None;
        if (controller.Exists())
        {
            var group = controller.Text("apiVersion").Split('/') is [var name, _] ? "." + name : "";
            told = $"{(controller.Text("kind") + group).ToLowerInvariant()}/{controller.Text("name")}";
        }

        return new TableRow([TableRows.Name(revision), told, revision.Number("revision"), TableRows.Age(revision, now)]);
    }

    public static TableRow Job(JsonElement job, DateTimeOffset now)
    {
        var (spec, status) = (job.At("spec"), job.At("status"));
        var (names, images) = Containers(spec);
        var parallelism = spec.Number("parallelism");
        var wanted = spec.At("completions").Exists() ? spec.Number("completions").ToString(CultureInfo.InvariantCulture)
            : parallelism > 1 ? $"1 of {parallelism}" : "1";
        var duration = "";
        if (status.Time("startTime") is { } started)
        {
            duration = HumanDuration.Format((status.Time("completionTime") ?? now) - started);
        }

        return new TableRow(
            [TableRows.Name(job), JobStatus(job), $"{status.Number("succeeded")}/{wanted}", duration, TableRows.Age(job, now), names, images, Selector(spec)]);
    }

    public static TableRow CronJob(JsonElement job, DateTimeOffset now)
    {
        var (spec, status) = (job.At("spec"), job.At("status"));
        var (names, images) = Containers(spec.At("jobTemplate", "spec"));
        return new TableRow(
        [
            TableRows.Name(job), spec.Text("schedule"), spec.Text("timeZone").Or(None), Word(spec.At("suspend")), (long)status.Count("active"),
            status.Time("lastScheduleTime") is { } last ? HumanDuration.Since(last, now) : None,
            TableRows.Age(job, now), names, images, Selector(spec.At("jobTemplate", "spec")),
        ]);
    }

    public static TableRow PodDisruptionBudget(JsonElement budget, DateTimeOffset now) => new(
    [
        TableRows.Name(budget), Amount(budget.At("spec", "minAvailable")), Amount(budget.At("spec", "maxUnavailable")),
        budget.At("status").Number("disruptionsAllowed"), TableRows.Age(budget, now),
    ]);

    /// <summary>Go's way to print a truth value that may be absent.</summary>
    internal static string Word(JsonElement flag) => flag.ValueKind switch
    {
        JsonValueKind.True => "True",
        JsonValueKind.False => "False",
        _ => "<unset>",
    };

    /// <summary>A map of labels, as <c>a=b,c=d</c>.</summary>
    internal static string PlainSelector(JsonElement labels) => labels.ValueKind == JsonValueKind.Object
        ? string.Join(',', labels.EnumerateObject().OrderBy(label => label.Name, StringComparer.Ordinal).Select(label => $"{label.Name}={label.Value.GetString()}")).Or(None)
        : None;

    /// <summary>Deployments alone leave the cell empty for a selector that chooses everything or nothing, and say so when it cannot be read.</summary>
    private static string DeploymentSelector(JsonElement spec) => Selector(spec) switch
    {
        None => "",
        "<error>" => "<invalid>",
        var selector => selector,
    };

    /// <summary>A label selector.</summary>
    internal static string Selector(JsonElement spec, string field = "selector")
    {
        if (!spec.At(field).Exists())
        {
            return None;
        }

        try
        {
            return LabelSelector.From(JsonObject.Create(spec.At(field))).ToString().Or(None);
        }
        catch (FormatException)
        {
            // Upstream shows a selector that cannot be read as this word; the row is still worth showing.
            return "<error>";
        }
    }

    private static TableRow Replicas(JsonElement owner, DateTimeOffset now, string selector)
    {
        var (spec, status) = (owner.At("spec"), owner.At("status"));
        var (names, images) = Containers(spec);
        return new TableRow(
        [
            TableRows.Name(owner), spec.Number("replicas", 1), status.Number("replicas"), status.Number("readyReplicas"),
            TableRows.Age(owner, now), names, images, selector,
        ]);
    }

    private static string JobStatus(JsonElement job)
    {
        var conditions = job.At("status").Items("conditions").Where(condition => condition.Text("status") == "True").Select(condition => condition.Text("type")).ToHashSet();
        return conditions.Contains("Complete") ? "Complete"
            : conditions.Contains("Failed") ? "Failed"
            : job.At("metadata").At("deletionTimestamp").Exists() ? "Terminating"
            : conditions.Contains("Suspended") ? "Suspended"
            : conditions.Contains("FailureTarget") ? "FailureTarget"
            : conditions.Contains("SuccessCriteriaMet") ? "SuccessCriteriaMet"
            : "Running";
    }

    private static string Amount(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        _ => "N/A",
    };

    private static (string Names, string Images) Containers(JsonElement spec)
    {
        var containers = spec.At("template", "spec").Items("containers").ToArray();
        return (string.Join(',', containers.Select(container => container.Text("name"))), string.Join(',', containers.Select(container => container.Text("image"))));
    }
}
