using System.Net;

namespace ActorOrchestrator.Actors.ServiceNetworking.Dns;

/// <summary>Opens the sockets that pods ask.</summary>
public interface IDnsServer
{
    /// <summary>Listens on UDP and TCP and answers from <paramref name="zone"/>, which always gives the newest zone. Dispose to stop.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The address is not on this machine (yet), or taken.</exception>
    IDisposable Listen(IPEndPoint address, Func<DnsZone> zone);
}
