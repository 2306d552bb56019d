using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Defaults;

internal static class ServiceDefaults
{
    private const int ClientIpTimeoutSeconds = 10800;

    public static void Service(JsonObject service)
    {
        var spec = service.ChildOrNew("spec");
        SessionAffinity(spec);
        spec.DefaultText("type", "ClusterIP");
        foreach (var port in spec.Items("ports"))
        {
            port.DefaultText("protocol", "TCP");
            if (TargetIsUnset(port["targetPort"]) && port["port"] is { } number)
            {
                port["targetPort"] = number.DeepClone();
            }
        }

        var type = spec.Text("type");
        if (type is "NodePort" or "LoadBalancer" || (type == "ClusterIP" && spec.Count("externalIPs") > 0))
        {
            spec.DefaultText("externalTrafficPolicy", "Cluster");
        }

        if (type != "ExternalName")
        {
            spec.DefaultAbsent("internalTrafficPolicy", "Cluster");
            Families(spec);
        }

        if (type == "LoadBalancer")
        {
            spec.DefaultAbsent("allocateLoadBalancerNodePorts", true);
        }

        var balancer = service.ChildOrNew("status").ChildOrNew("loadBalancer");
        foreach (var ingress in type == "LoadBalancer" ? balancer.Items("ingress").Where(ingress => ingress.Text("ip").Length > 0) : [])
        {
            ingress.DefaultAbsent("ipMode", "VIP");
        }
    }

    private static void SessionAffinity(JsonObject spec)
    {
        spec.DefaultText("sessionAffinity", "None");
        switch (spec.Text("sessionAffinity"))
        {
            case "None":
                spec.Remove("sessionAffinityConfig");
                break;
            case "ClientIP":
                spec.ChildOrNew("sessionAffinityConfig").ChildOrNew("clientIP").DefaultAbsent("timeoutSeconds", ClientIpTimeoutSeconds);
                break;
        }
    }

    /// <summary>The cluster has one family, so the families that upstream's allocator would choose are known beforehand.</summary>
    private static void Families(JsonObject spec)
    {
        spec.DefaultAbsent("ipFamilyPolicy", "SingleStack");
        if (spec.Count("ipFamilies") == 0)
        {
            spec["ipFamilies"] = new JsonArray("IPv4");
        }

        if (spec.Text("clusterIP") is { Length: > 0 } address && spec.Count("clusterIPs") == 0)
        {
            spec["clusterIPs"] = new JsonArray(address);
        }
        else if (spec.Text("clusterIP").Length == 0 && spec.Strings("clusterIPs").FirstOrDefault() is { Length: > 0 } first)
        {
            spec["clusterIP"] = first;
        }
    }

    private static bool TargetIsUnset(JsonNode? target) => target switch
    {
        null => true,
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>().Length == 0,
        JsonValue value when value.GetValueKind() == JsonValueKind.Number => value.ToJsonString() == "0",
        _ => false,
    };
}
