using System.Text.Json;

namespace ActorOrchestrator.Host.Api.Tables;

/// <summary>The rows of the kinds by which the API is extended.</summary>
internal static class ExtensionRows
{
    /// <summary>Where an APIService is served, and whether it is reached.</summary>
    public static TableRow ApiService(JsonElement obj, DateTimeOffset now)
    {
        var service = obj.At("spec", "service");
        var available = obj.At("status").Items("conditions").FirstOrDefault(condition => condition.Text("type") == "Available");
        var status = available.Text("status").Or("Unknown");
        return new TableRow(
        [
            TableRows.Name(obj),
            service.Exists() ? $"{service.Text("namespace")}/{service.Text("name")}" : "Local",
            status == "True" ? status : $"{status} ({available.Text("reason")})",
            TableRows.Age(obj, now),
        ]);
    }
}
