using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Certificates;

/// <summary>Requests that are over are kept for an hour, those that nobody decides on or signs for a day, those whose certificate has expired no longer (upstream's <c>csrcleaner</c>).</summary>
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
        var status = stored.ToJson().Object("status");
        var conditions = status.Array("conditions") ?? [];
        if (conditions.Count == 0)
        {
            return stored.Metadata.CreationTimestamp + Undecided < now;
        }

        var certificate = JsonNodes.Text(status, "certificate");
        return IsExpired(certificate, now) || conditions.Any(condition => condition.Text("type") switch
        {
            // What was approved and is not signed yet may still be.
            "Approved" => ChangedAt(condition) + (certificate.Length > 0 ? Over : Undecided) < now,
            "Denied" or "Failed" => ChangedAt(condition) + Over < now,
            _ => false,
        });
    }

    /// <summary>What was issued holds no more.</summary>
    private static bool IsExpired(string certificate, DateTimeOffset now)
    {
        if (certificate.Length == 0)
        {
            return false;
        }

        try
        {
            using var issued = X509Certificate2.CreateFromPem(Encoding.Latin1.GetString(Convert.FromBase64String(certificate)));
            return issued.NotAfter.ToUniversalTime() < now.UtcDateTime;
        }
        catch (Exception unreadable) when (unreadable is CryptographicException or FormatException)
        {
            return false;
        }
    }

    private static DateTimeOffset ChangedAt(JsonNode? condition) =>
        DateTimeOffset.TryParse(condition.Text("lastUpdateTime"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : DateTimeOffset.MaxValue - Over - Over;
}
