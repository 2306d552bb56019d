using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Tables;

internal static class WorkloadRows
{
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
            names, images, Selector(spec),
        ]);
    }

    public static TableRow ReplicaSet(JsonElement replicaSet, DateTimeOffset now)
    {
        var (spec, status) = (replicaSet.At("spec"), replicaSet.At("status"));
        var (names, images) = Containers(spec);
        return new TableRow(
        [
            TableRows.Name(replicaSet),
            spec.Number("replicas", 1),
            status.Number("replicas"),
            status.Number("readyReplicas"),
            TableRows.Age(replicaSet, now),
            names, images, Selector(spec),
        ]);
    }

    private static (string Names, string Images) Containers(JsonElement spec)
    {
        var containers = spec.At("template", "spec").Items("containers").ToArray();
        return (string.Join(',', containers.Select(container => container.Text("name"))), string.Join(',', containers.Select(container => container.Text("image"))));
    }

    private static string Selector(JsonElement spec)
    {
        if (!spec.At("selector").Exists())
        {
            return "<none>";
        }

        try
        {
            return LabelSelector.From(JsonObject.Create(spec.At("selector"))).ToString().Or("<none>");
        }
        catch (FormatException)
        {
            // Upstream shows a selector that cannot be read as this word; the row is still worth showing.
            return "<error>";
        }
    }
}
