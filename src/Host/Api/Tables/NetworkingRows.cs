using System.Text.Json;

namespace ActorOrchestrator.Host.Api.Tables;

/// <summary>The kinds of networking.k8s.io.</summary>
internal static class NetworkingRows
{
    private const string None = "<none>";
    private const int MostHosts = 3;

    public static TableRow Ingress(JsonElement ingress, DateTimeOffset now)
    {
        var spec = ingress.At("spec");
        var addresses = ingress.At("status", "loadBalancer").Items("ingress").Select(point => point.Text("ip").Or(point.Text("hostname"))).Where(text => text.Length > 0);
        return new TableRow(
        [
            TableRows.Name(ingress), spec.Text("ingressClassName").Or(None), Hosts(spec), string.Join(',', addresses.Distinct().Order(StringComparer.Ordinal)),
            spec.Count("tls") > 0 ? "80, 443" : "80", TableRows.Age(ingress, now),
        ]);
    }

    public static TableRow IngressClass(JsonElement ingressClass, DateTimeOffset now)
    {
        var parameters = ingressClass.At("spec", "parameters");
        var group = parameters.Text("apiGroup");
        return new TableRow(
        [
            TableRows.Name(ingressClass), ingressClass.At("spec").Text("controller"),
            parameters.Exists() ? $"{parameters.Text("kind")}{(group.Length > 0 ? "." + group : "")}/{parameters.Text("name")}" : None,
            TableRows.Age(ingressClass, now),
        ]);
    }

    public static TableRow NetworkPolicy(JsonElement policy, DateTimeOffset now) =>
        new([TableRows.Name(policy), WorkloadRows.Selector(policy.At("spec"), "podSelector"), TableRows.Age(policy, now)]);

    public static TableRow IpAddress(JsonElement address, DateTimeOffset now)
    {
        var parent = address.At("spec", "parentRef");
        var told = None;
        if (parent.Exists())
        {
            var group = parent.Text("group");
            var home = parent.Text("namespace");
            var resource = $"{parent.Text("resource")}{(group.Length > 0 ? "." + group : "")}".ToLowerInvariant();
            told = $"{resource}/{(home.Length > 0 ? home + "/" : "")}{parent.Text("name")}";
        }

        return new TableRow([TableRows.Name(address), told]);
    }

    public static TableRow ServiceCidr(JsonElement range, DateTimeOffset now) =>
        new([TableRows.Name(range), string.Join(',', range.At("spec").Items("cidrs").Select(cidr => cidr.GetString())), TableRows.Age(range, now)]);

    private static string Hosts(JsonElement spec)
    {
        List<string> hosts = [];
        var more = false;
        foreach (var host in spec.Items("rules").Select(rule => rule.Text("host")))
        {
            // A rule after the third host counts as one more, whether it names a host or not.
            more |= hosts.Count == MostHosts;
            if (!more && host.Length > 0)
            {
                hosts.Add(host);
            }
        }

        var list = string.Join(',', hosts);
        return hosts.Count == 0 ? "*" : more ? $"{list} + {spec.Count("rules") - MostHosts} more..." : list;
    }
}
