using System.Collections.Immutable;
using System.Net;
using ActorOrchestrator.Contracts.Resources;
using k8s.Models;

namespace ActorOrchestrator.Actors.ServiceNetworking.Dns;

/// <param name="Hostname">Empty: its name is made of its address.</param>
/// <param name="Ports">(name, protocol in lower case, number).</param>
public sealed record DnsEndpoint(string Hostname, IPAddress Address, ImmutableArray<(string Name, string Protocol, int Port)> Ports)
{
    public string Label => Hostname.Length > 0 ? Hostname : DnsRecords.Dashed(Address);
}

/// <summary>The endpoints of a slice that DNS may name, whatever their address family.</summary>
public sealed record DnsSlice(string Service, ImmutableArray<DnsEndpoint> Endpoints)
{
    /// <summary>Null for a slice without a service.</summary>
    public static DnsSlice? From(StoredObject stored)
    {
        if (!stored.Metadata.Labels.TryGetValue("kubernetes.io/service-name", out var service))
        {
            return null;
        }

        var slice = stored.As<V1EndpointSlice>();
        var ports = (slice.Ports ?? [])
            .Where(port => port.Port is not null)
            .Select(port => (port.Name ?? "", (port.Protocol ?? "TCP").ToLowerInvariant(), port.Port!.Value)).ToImmutableArray();
        return new DnsSlice(
            service,
            [
                .. from endpoint in slice.Endpoints ?? []
                   where endpoint.Conditions?.Ready ?? true
                   from text in endpoint.Addresses ?? []
                   let address = IPAddress.TryParse(text, out var parsed) ? parsed : null
                   where address is not null
                   select new DnsEndpoint((endpoint.Hostname ?? "").ToLowerInvariant(), address, ports),
            ]);
    }
}

/// <summary>
/// Services → records, as "Kubernetes DNS-Based Service Discovery" 1.1.0 (github.com/kubernetes/dns, docs/specification.md) says.
/// </summary>
public static class DnsRecords
{
    /// <summary>The records of one service.</summary>
    public static ImmutableArray<DnsRecord> Of(StoredObject stored, IEnumerable<DnsSlice> slices, string domain)
    {
        var spec = stored.As<V1Service>().Spec;
        var name = $"{stored.Key.Name}.{stored.Key.Namespace}.svc.{domain}";
        if (spec is null)
        {
            return [];
        }

        if (spec.Type == "ExternalName")
        {
            return spec.ExternalName is { Length: > 0 } external ? [new DnsRecord(name, new DnsData.CName(external.TrimEnd('.').ToLowerInvariant()))] : [];
        }

        return spec.ClusterIP is "None"
            ? Headless(name, [.. slices.SelectMany(slice => slice.Endpoints)])
            : WithClusterIp(name, spec);
    }

    public static string Dashed(IPAddress address) => address.ToString().Replace('.', '-').Replace(':', '-');

    /// <summary><c>1.0.43.10.in-addr.arpa</c>; the nibbles of an IPv6 address.</summary>
    public static string ReverseName(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return bytes.Length == 4
            ? $"{bytes[3]}.{bytes[2]}.{bytes[1]}.{bytes[0]}.in-addr.arpa"
            : string.Concat(bytes.Reverse().Select(b => $"{b & 0xf:x}.{b >> 4:x}.")) + "ip6.arpa";
    }

    private static ImmutableArray<DnsRecord> WithClusterIp(string name, V1ServiceSpec spec)
    {
        var records = ImmutableArray.CreateBuilder<DnsRecord>();
        foreach (var text in spec.ClusterIPs is { Count: > 0 } several ? several : [spec.ClusterIP])
        {
            if (IPAddress.TryParse(text, out var address))
            {
                records.Add(new DnsRecord(name, new DnsData.Address(address)));
                records.Add(new DnsRecord(ReverseName(address), new DnsData.Pointer(name)));
            }
        }

        foreach (var port in (spec.Ports ?? []).Where(port => !string.IsNullOrEmpty(port.Name)))
        {
            records.Add(new DnsRecord($"_{port.Name}._{(port.Protocol ?? "TCP").ToLowerInvariant()}.{name}", new DnsData.Srv(port.Port, name, 100)));
        }

        return records.ToImmutable();
    }

    private static ImmutableArray<DnsRecord> Headless(string name, ImmutableArray<DnsEndpoint> endpoints)
    {
        var records = ImmutableArray.CreateBuilder<DnsRecord>();
        foreach (var endpoint in endpoints)
        {
            var own = $"{endpoint.Label}.{name}";
            records.Add(new DnsRecord(name, new DnsData.Address(endpoint.Address)));
            records.Add(new DnsRecord(own, new DnsData.Address(endpoint.Address)));
            records.Add(new DnsRecord(ReverseName(endpoint.Address), new DnsData.Pointer(own)));
            var weight = Math.Max(1, 100 / endpoints.Length);
            foreach (var (port, protocol, number) in endpoint.Ports.Where(port => port.Name.Length > 0))
            {
                records.Add(new DnsRecord($"_{port}._{protocol}.{name}", new DnsData.Srv(number, own, weight)));
            }
        }

        return [.. records.Distinct()];
    }
}
