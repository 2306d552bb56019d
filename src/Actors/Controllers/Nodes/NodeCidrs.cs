using System.Net;

namespace ActorOrchestrator.Actors.Controllers.Nodes;

/// <summary>Cuts the pods' network into one piece for each node.</summary>
public static class NodeCidrs
{
    /// <summary>The lowest piece that is not taken; null when all are.</summary>
    public static string? LowestFree(string clusterCidr, int nodeMask, IReadOnlySet<string> taken)
    {
        var network = IPNetwork.Parse(clusterCidr);
        var first = Number(network.BaseAddress);
        var count = 1L << (nodeMask - network.PrefixLength);
        for (var i = 0L; i < count; i++)
        {
            var address = first + (uint)(i << (32 - nodeMask));
            var cidr = $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}/{nodeMask}";
            if (!taken.Contains(cidr))
            {
                return cidr;
            }
        }

        return null;
    }

    private static uint Number(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return ((uint)bytes[0] << 24) | ((uint)bytes[1] << 16) | ((uint)bytes[2] << 8) | bytes[3];
    }
}
