using System.Net;
using ActorOrchestrator.Actors.ServiceNetworking.Dns;

namespace ActorOrchestrator.Host.Dns;

/// <summary>The servers that other names are asked of: the configured ones, or those of the host's resolv.conf, read again when it changes.</summary>
public sealed class HostResolvers(DnsSettings settings, string path = "/etc/resolv.conf")
{
    private const int Limit = 3;
    private readonly IReadOnlyList<IPEndPoint> _configured = [.. settings.Upstreams.Select(IPEndPoint.Parse).Select(WithPort)];
    private (DateTime Written, IReadOnlyList<IPEndPoint> Servers) _read = (DateTime.MinValue, []);

    /// <summary>In the order in which they are tried.</summary>
    public IReadOnlyList<IPEndPoint> Current()
    {
        if (_configured.Count > 0)
        {
            return _configured;
        }

        var written = File.GetLastWriteTimeUtc(path);
        if (written != _read.Written)
        {
            _read = (written, Read());
        }

        return _read.Servers;
    }

    private IReadOnlyList<IPEndPoint> Read()
    {
        try
        {
            return
            [
                .. File.ReadLines(path)
                    .Select(line => line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
                    .Where(words => words is ["nameserver", _, ..])
                    .Select(words => IPAddress.TryParse(words[1], out var address) ? new IPEndPoint(address, 53) : null)
                    .OfType<IPEndPoint>()
                    .Take(Limit),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static IPEndPoint WithPort(IPEndPoint server) => server.Port == 0 ? new IPEndPoint(server.Address, 53) : server;
}
