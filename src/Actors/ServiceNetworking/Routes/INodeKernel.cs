using System.Collections.Immutable;
using System.Net;

namespace ActorOrchestrator.Actors.ServiceNetworking.Routes;

/// <summary>What the host's kernel must be like for pods, services and nodes to reach each other. Every call brings it about and changes nothing when it already is so.</summary>
public interface INodeKernel
{
    /// <summary>Forwarding, the engine's firewall, routes.</summary>
    /// <exception cref="NodeKernelException">The kernel or one of its tools refused.</exception>
    Task<NodeKernelReport> EnsureAsync(NodeKernelWish wish, CancellationToken cancellation);

    /// <summary>Lets a pod reach itself through its own service: a bridge does not send a frame back where it came from unless it is told to.</summary>
    Task EnsureHairpinAsync(string bridge, CancellationToken cancellation);
}

/// <param name="Gateway">The bridge's address.</param>
public sealed record NodeKernelWish(NetworkSettings Network, Cidr PodCidr, IPAddress Gateway, ImmutableArray<NodeRoute> Routes);

/// <summary>The way to the pods of another node.</summary>
public sealed record NodeRoute(Cidr PodCidr, IPAddress Via);

/// <param name="BridgeUp">The bridge exists; without it only a part could be done.</param>
/// <param name="BridgeNetfilter">Frames between two ports of a bridge pass through netfilter.</param>
/// <param name="Changes">What was changed, for the log.</param>
/// <param name="Warnings">What is not as it should be and why, as sentences.</param>
public sealed record NodeKernelReport(bool BridgeUp, bool BridgeNetfilter, ImmutableArray<string> Changes, ImmutableArray<string> Warnings);

public sealed class NodeKernelException(string message, Exception? inner = null) : Exception(message, inner);
