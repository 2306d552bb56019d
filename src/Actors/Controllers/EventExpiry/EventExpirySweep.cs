using System.Globalization;
using System.Text.Json;
using ActorOrchestrator.Actors.Controllers.Endpoints;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.EventExpiry;

/// <summary>Removes Events that have not been seen again for their time to live (upstream's <c>--event-ttl</c>).</summary>
public sealed class EventExpirySweep(TimeSpan timeToLive) : ISweep
{
    // A sweep's writes are one batch at the ledger; what is left over is for the next one.
    private const int MostAtOnce = 1000;
    private static readonly ViewCache<object> LastSeen = new(stored => Read(stored));

    public string Name => "event-expiry";

    public Plan Sweep(ClusterSnapshot cluster, DateTimeOffset now) => Plan.Together(
        cluster.All(ResourceTypes.Events).Where(item => (DateTimeOffset)LastSeen[item] + timeToLive <= now).Take(MostAtOnce)
            .Select(item => DeleteObject.Of(item, "expire event", new DeleteRequest { PreconditionRevision = item.Revision })));

    private static DateTimeOffset Read(StoredObject item)
    {
        using var document = JsonDocument.Parse(item.Utf8);
        var root = document.RootElement;
        var newest = item.Metadata.CreationTimestamp ?? DateTimeOffset.MinValue;
        foreach (var text in (string[])
            [JsonFields.Text(root, "lastTimestamp"), JsonFields.Text(root, "eventTime"), JsonFields.Text(JsonFields.Object(root, "series"), "lastObservedTime")])
        {
            if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && time > newest)
            {
                newest = time;
            }
        }

        return newest;
    }
}
