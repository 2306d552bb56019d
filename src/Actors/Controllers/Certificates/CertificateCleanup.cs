using System.Globalization;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Certificates;

/// <summary>Requests that are over are kept for an hour, those that nobody decides on for a day (upstream's <c>csrcleaner</c>).</summary>
public sealed class CertificateCleanup : ISweep
{
    private static readonly TimeSpan Over = TimeSpan.FromHours(1);
    private static readonly TimeSpan Undecided = TimeSpan.FromHours(24);

    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    public string Name => "certificate-cleaner";

    public Plan Sweep(ClusterSnapshot cluster, DateTimeOffset now) => Plan.Together(
        cluster.All(ResourceTypes.CertificateSigningRequests)
            .Where(stored => IsStale(stored, now))
            .Select(stored => DeleteObject.Of(stored)));

    private static bool IsStale(StoredObject stored, DateTimeOffset now)
    {
        var conditions = stored.ToJson().Object("status").Array("conditions") ?? [];
        if (conditions.Count == 0)
        {
            return stored.Metadata.CreationTimestamp + Undecided < now;
        }

        return conditions.Any(condition => condition.Text("type") is "Approved" or "Denied" or "Failed" && ChangedAt(condition) + Over < now);
    }

    private static DateTimeOffset ChangedAt(JsonNode? condition) =>
        DateTimeOffset.TryParse(condition.Text("lastUpdateTime"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : DateTimeOffset.MaxValue - Over - Over;
}
