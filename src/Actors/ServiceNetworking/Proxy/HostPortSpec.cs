using System.Collections.Immutable;
using System.Net;
using ActorOrchestrator.Contracts.Resources;
using k8s.Models;

namespace ActorOrchestrator.Actors.ServiceNetworking.Proxy;

/// <summary>A port of the node that leads into one of its pods.</summary>
/// <param name="Pod">As <c>namespace/name</c>.</param>
/// <param name="HostAddress">Null: every address of the node.</param>
/// <param name="PodAddress">Where the pod's container listens.</param>
public sealed record HostPortSpec(string Pod, Protocol Protocol, IPAddress? HostAddress, int HostPort, IPAddress PodAddress, int ContainerPort)
{
    /// <summary>
    /// The host ports of a pod while it has an address and is not finished. A pod in the node's own network has none: its containers
    /// listen there themselves.
    /// </summary>
    public static ImmutableArray<HostPortSpec> Of(StoredObject stored)
    {
        // Of many pods few have one, and every status of every pod comes by here.
        if (stored.Utf8.Span.IndexOf("\"hostPort\""u8) < 0)
        {
            return [];
        }

        var pod = stored.As<V1Pod>();
        if (pod.Spec is not { } spec || spec.HostNetwork == true || pod.Status?.Phase is "Succeeded" or "Failed" || Cidr.ParseAddress(pod.Status?.PodIP) is not { } address)
        {
            return [];
        }

        var restartable = (spec.InitContainers ?? []).Where(container => container.RestartPolicy == "Always");
        var ports =
            from container in restartable.Concat(spec.Containers ?? [])
            from port in container.Ports ?? []
            let protocol = ServiceSpec.ParseProtocol(port.Protocol)
            where protocol is not null && port.HostPort is > 0 and < 65536 && port.ContainerPort is > 0 and < 65536
            where IsOurs(port.HostIP, out _)
            select new HostPortSpec(
                $"{stored.Key.Namespace}/{stored.Key.Name}", protocol!.Value, IsOurs(port.HostIP, out var only) ? only : null, port.HostPort!.Value, address, port.ContainerPort);
        return [.. ports.Distinct()];
    }

    /// <summary>False for an address of another family, where this table's rules see no packets.</summary>
    private static bool IsOurs(string? hostIp, out IPAddress? only)
    {
        only = null;
        if (string.IsNullOrEmpty(hostIp) || hostIp is "0.0.0.0" or "::")
        {
            return true;
        }

        only = Cidr.ParseAddress(hostIp);
        return only is not null;
    }
}
