using System.Net;

namespace ActorOrchestrator.Actors.ServiceNetworking.Proxy;

/// <summary>The kernel's packet filter, as far as one table of ours needs it.</summary>
public interface INetfilter
{
    /// <summary>Executes an nft script as one transaction: all of it or nothing.</summary>
    /// <exception cref="NetfilterException">The kernel or nft refused it; nothing was changed.</exception>
    Task ApplyAsync(string script, CancellationToken cancellation);

    /// <summary>What is remembered of clients in the affinity sets of a table (sets named <c>aff-…</c>); empty when there is no such table.</summary>
    Task<IReadOnlyList<AffinityEntry>> AffinitiesAsync(string table, CancellationToken cancellation);

    /// <summary>The names of the chains of a table; null when the table is not there.</summary>
    Task<IReadOnlySet<string>?> ChainsAsync(string table, CancellationToken cancellation);

    /// <summary>Calls back whenever somebody else changed or removed the table. Dispose to stop.</summary>
    IDisposable WatchForeignChanges(string table, Action onForeignChange);
}

/// <param name="Set">The set it is an element of.</param>
/// <param name="Client">The client's address.</param>
/// <param name="ExpiresSeconds">What is left of its time.</param>
public readonly record struct AffinityEntry(string Set, string Client, long ExpiresSeconds);

public sealed class NetfilterException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The kernel's table of connections. Only UDP needs it: a datagram flow never ends, so it would stay bound to an endpoint that is gone.</summary>
public interface IConntrack
{
    Task<IReadOnlyList<UdpFlow>> UdpFlowsAsync(CancellationToken cancellation);

    /// <summary>The addresses of this machine's interfaces.</summary>
    IReadOnlySet<IPAddress> LocalAddresses();

    Task DeleteAsync(IReadOnlyList<UdpFlow> flows, CancellationToken cancellation);
}

/// <summary>A flow as its sender sees it, and whom it really goes to (the sender of the answers).</summary>
public readonly record struct UdpFlow(
    IPAddress Source, int SourcePort, IPAddress Destination, int DestinationPort, IPAddress ReplySource, int ReplySourcePort);
