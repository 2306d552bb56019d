using ActorOrchestrator.Host.Api.Errors;
using k8s.Models;

namespace ActorOrchestrator.Host.Api.Streams;

/// <summary>What of a pod a connection is aimed at, or why there is nothing to connect to: the rules of upstream's pod strategy.</summary>
internal static class PodTarget
{
    /// <summary>The container that is meant; a pod with one needs no name.</summary>
    /// <exception cref="ApiException">There is a choice and none was made, or there is no such container.</exception>
    public static string ContainerOf(V1Pod pod, string asked)
    {
        var containers = pod.Spec.Containers ?? [];
        string[] all =
        [
            .. (pod.Spec.InitContainers ?? []).Select(container => container.Name),
            .. containers.Select(container => container.Name),
            .. (pod.Spec.EphemeralContainers ?? []).Select(container => container.Name),
        ];
        if (asked.Length > 0)
        {
            return all.Contains(asked) ? asked : throw ApiException.BadRequest($"container {asked} is not valid for pod {pod.Metadata.Name}");
        }

        return containers.Count == 1
            ? containers[0].Name
            : throw ApiException.BadRequest($"a container name must be specified for pod {pod.Metadata.Name}, choose one of: [{string.Join(' ', all)}]");
    }

    /// <exception cref="ApiException">It is not bound yet.</exception>
    public static void MustHaveHost(V1Pod pod)
    {
        if (string.IsNullOrEmpty(pod.Spec.NodeName))
        {
            throw ApiException.BadRequest($"pod {pod.Metadata.Name} does not have a host assigned");
        }
    }

    /// <exception cref="ApiException">It has no address yet, or one that leads nowhere.</exception>
    public static void MustHaveAddress(V1Pod pod)
    {
        var address = pod.Status?.PodIPs is [var first, ..] ? first.Ip : "";
        if (!System.Net.IPAddress.TryParse(address, out var parsed) || System.Net.IPAddress.IsLoopback(parsed) || parsed.Equals(System.Net.IPAddress.Any))
        {
            throw ApiException.BadRequest("address not allowed");
        }
    }
}
