using System.Collections.Immutable;
using System.Text.Json;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.HorizontalPodAutoscalers;

/// <summary>What an autoscaler needs to know of a pod.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its uid: use that was measured of a pod of the same name before it is not its own.</param>
/// <param name="IsDeleted">On its way out.</param>
public sealed record AutoscaledPod(string Name, string Uid, string Phase, bool IsDeleted)
{
    private static readonly ViewCache<AutoscaledPod> Views = new(Read);

    public DateTimeOffset? StartTime { get; init; }

    /// <summary>The condition Ready; null while it has none.</summary>
    public Condition? Ready { get; init; }

    /// <summary>Containers and sidecars with what they request, in thousandths.</summary>
    public ImmutableArray<ContainerRequests> Containers { get; init; } = [];

    /// <summary><c>spec.resources.requests</c>; null when the pod sets none as a whole.</summary>
    public ImmutableDictionary<string, long>? Requests { get; init; }

    public bool RunsReady => Phase == "Running" && Ready is { Status: "True" };

    public static AutoscaledPod Of(StoredObject pod) => Views[pod];

    private static AutoscaledPod Read(StoredObject pod)
    {
        using var document = JsonDocument.Parse(pod.Utf8);
        var (spec, status) = (document.RootElement.Get("spec"), document.RootElement.Get("status"));
        var whole = Amounts(spec.Get("resources").Get("requests"));
        var sidecars = spec.Items("initContainers").Where(container => container.Text("restartPolicy") == "Always");
        return new AutoscaledPod(pod.Key.Name, pod.Uid, status.Text("phase"), pod.Metadata.DeletionTimestamp is not null)
        {
            StartTime = status.Time("startTime"),
            Ready = Condition.ReadAll(status).OfType("Ready"),
            Containers = [.. spec.Items("containers").Concat(sidecars).Select(container =>
                new ContainerRequests(container.Text("name"), Amounts(container.Get("resources").Get("requests"))))],
            Requests = whole.IsEmpty ? null : WithContainers(whole, spec, sidecars),
        };
    }

    /// <summary>What a pod does not request as a whole is the sum of its containers.</summary>
    private static ImmutableDictionary<string, long> WithContainers(ImmutableDictionary<string, long> whole, JsonElement spec, IEnumerable<JsonElement> sidecars)
    {
        var sums = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (name, amount) in spec.Items("containers").Concat(sidecars).SelectMany(container => Amounts(container.Get("resources").Get("requests"))))
        {
            sums[name] = sums.GetValueOrDefault(name) + amount;
        }

        return sums.ToImmutableDictionary(StringComparer.Ordinal).SetItems(whole);
    }

    private static ImmutableDictionary<string, long> Amounts(JsonElement requests)
    {
        if (requests.ValueKind != JsonValueKind.Object)
        {
            return ImmutableDictionary<string, long>.Empty;
        }

        var amounts = ImmutableDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        foreach (var request in requests.EnumerateObject())
        {
            if (Quantity.TryParse(request.Value.ValueKind == JsonValueKind.String ? request.Value.GetString() : request.Value.GetRawText(), out var amount))
            {
                amounts[request.Name] = amount.MilliValue;
            }
        }

        return amounts.ToImmutable();
    }
}

/// <param name="Name">Of the container.</param>
/// <param name="Requests">By resource, in thousandths.</param>
public sealed record ContainerRequests(string Name, ImmutableDictionary<string, long> Requests);
