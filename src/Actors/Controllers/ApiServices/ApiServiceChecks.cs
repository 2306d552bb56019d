using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources.Aggregation;
using ActorOrchestrator.Actors.Resources.Webhooks;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.ApiServices;

/// <summary>What an APIService's <c>Available</c> condition says.</summary>
public sealed record Availability(bool? IsAvailable, string Reason, string Message)
{
    public static readonly Availability Passed = new(true, "Passed", "all checks passed");

    public string Status => IsAvailable switch { true => "True", false => "False", _ => "Unknown" };
}

/// <summary>Whether an APIService's server can be there at all, before it is asked (kube-aggregator's availability controller). Pure.</summary>
internal static class ApiServiceChecks
{
    /// <summary>Null when nothing speaks against asking it.</summary>
    public static Availability? Judge(RemoteApiService service, ClusterSnapshot cluster)
    {
        var (name, @namespace) = (service.Service, service.Namespace);
        if (cluster.Find(new ObjectKey(ResourceTypes.Services, @namespace, name)) is null)
        {
            return new Availability(false, "ServiceNotFound", $"service/{name} in \"{@namespace}\" is not present");
        }

        if (ServiceEndpoints.Resolve(cluster, @namespace, name, service.Port, out var problem) is not null)
        {
            return null;
        }

        if (problem.StartsWith("no service port", StringComparison.Ordinal))
        {
            return new Availability(false, "ServicePortError", $"service/{name} in \"{@namespace}\" is not listening on port {service.Port}");
        }

        var hasSlices = cluster.InNamespace(ResourceTypes.EndpointSlices, @namespace).Any(slice => slice.Metadata.Labels.GetValueOrDefault("kubernetes.io/service-name") == name);
        return hasSlices
            ? new Availability(false, "MissingEndpoints", $"endpoints for service/{name} in \"{@namespace}\" have no addresses with port name \"\"")
            : new Availability(false, "EndpointsNotFound", $"cannot find endpointslices for service/{name} in \"{@namespace}\"");
    }
}
