using System.Text.Json;

namespace ActorOrchestrator.Host.Api.Tables;

internal static class ServiceRows
{
    private const string None = "<none>";
    private const int MostShown = 3;

    public static TableRow Service(JsonElement service, DateTimeOffset now)
    {
        var spec = service.At("spec");
        var address = spec.Items("clusterIPs").Select(item => item.GetString() ?? "").FirstOrDefault() ?? "";
        var ports = string.Join(',', spec.Items("ports").Select(Port));
        var selector = spec.At("selector") is { ValueKind: JsonValueKind.Object } map
            ? string.Join(',', map.EnumerateObject().OrderBy(pair => pair.Name, StringComparer.Ordinal).Select(pair => $"{pair.Name}={pair.Value.GetString()}"))
            : "";
        return new TableRow(
        [
            TableRows.Name(service), spec.Text("type"), address.Or(None), ExternalAddress(spec, service.At("status", "loadBalancer")),
            ports.Or(None), TableRows.Age(service, now), selector.Or(None),
        ]);
    }

    public static TableRow Endpoints(JsonElement endpoints, DateTimeOffset now)
    {
        List<string> all = [];
        foreach (var subset in endpoints.Items("subsets"))
        {
            var ports = subset.Items("ports").ToArray();
            foreach (var address in subset.Items("addresses").Select(address => address.Text("ip")))
            {
                if (ports.Length == 0)
                {
                    all.Add(address);
                }
            }

            foreach (var port in ports)
            {
                all.AddRange(subset.Items("addresses").Select(address => Pair(address.Text("ip"), port.Number("port"))));
            }
        }

        return new TableRow([TableRows.Name(endpoints), Some(all, endpoints.Count("subsets") == 0 ? None : ""), TableRows.Age(endpoints, now)]);
    }

    public static TableRow EndpointSlice(JsonElement slice, DateTimeOffset now)
    {
        var ports = slice.Items("ports")
            .Select(port => port.At("port").Exists() ? $"{port.Number("port")}" : port.Text("name").Or("*"))
            .ToList();
        var addresses = slice.Items("endpoints").SelectMany(endpoint => endpoint.Items("addresses")).Select(address => address.GetString() ?? "").ToList();
        return new TableRow(
            [TableRows.Name(slice), slice.Text("addressType"), Some(ports, "<unset>"), Some(addresses, "<unset>"), TableRows.Age(slice, now)]);
    }

    private static string Some(List<string> all, string whenNone) => all.Count switch
    {
        0 => whenNone,
        <= MostShown => string.Join(',', all),
        _ => $"{string.Join(',', all.Take(MostShown))} + {all.Count - MostShown} more...",
    };

    private static string Pair(string address, long port) => address.Contains(':', StringComparison.Ordinal) ? $"[{address}]:{port}" : $"{address}:{port}";

    private static string Port(JsonElement port)
    {
        var node = port.Number("nodePort");
        return node > 0 ? $"{port.Number("port")}:{node}/{port.Text("protocol")}" : $"{port.Number("port")}/{port.Text("protocol")}";
    }

    private static string ExternalAddress(JsonElement spec, JsonElement balancer)
    {
        var given = spec.Items("externalIPs").Select(item => item.GetString() ?? "").ToArray();
        switch (spec.Text("type"))
        {
            case "ClusterIP" or "NodePort":
                return string.Join(',', given).Or(None);
            case "LoadBalancer":
                var balanced = balancer.Items("ingress").Select(ingress => ingress.Text("ip").Or(ingress.Text("hostname"))).Where(address => address.Length > 0)
                    .Distinct().Order(StringComparer.Ordinal);
                return string.Join(',', balanced.Concat(given)).Or("<pending>");
            case "ExternalName":
                return spec.Text("externalName");
            default:
                return "<unknown>";
        }
    }
}
