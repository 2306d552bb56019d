using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Validation.Pods;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for Services.</summary>
internal static class ServiceValidation
{
    private const int KubeletPort = 10250;
    private static readonly string[] Types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];

    public static void Service(JsonObject service, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var spec = service.Child("spec") ?? [];
        var type = spec.Text("type");
        var headless = spec.Text("clusterIP") == "None";
        if (spec.Count("ports") == 0 && !headless && type != "ExternalName")
        {
            errors.Required(path.Field("ports"));
        }

        errors.OneOf(path.Field("type"), type, Types);
        ByType(spec, type, headless, path, errors);
        Ports(spec, type, path.Field("ports"), errors);
        MetadataValidation.LabelMap(spec, "selector", path.Field("selector"), errors);
        Affinity(spec, path, errors);
        Policies(spec, type, path, errors);
        Balancing(spec, old?.Child("spec"), type, path, errors);
        foreach (var (index, address) in spec.Strings("clusterIPs").Index().Where(pair => pair.Item != "None"))
        {
            Addresses.Check(errors, path.Field("clusterIPs").Index(index), address);
        }

        foreach (var (index, address) in spec.Strings("externalIPs").Index())
        {
            Addresses.CheckReachable(errors, path.Field("externalIPs").Index(index), address);
        }

        foreach (var (index, family) in spec.Strings("ipFamilies").Index())
        {
            errors.OneOf(path.Field("ipFamilies").Index(index), family, ["IPv4", "IPv6"]);
        }

        LoadBalancerValidation.OfService(service, errors);
    }

    private static void Balancing(JsonObject spec, JsonObject? before, string type, FieldPath path, FieldErrors errors)
    {
        var ranges = path.Field("LoadBalancerSourceRanges");
        if (spec.Count("loadBalancerSourceRanges") > 0 && type != "LoadBalancer")
        {
            errors.Forbidden(ranges, "may only be used when `type` is 'LoadBalancer'");
        }

        foreach (var (index, range) in spec.Strings("loadBalancerSourceRanges").Index())
        {
            NetworkingValidation.Cidr(range.Trim(), ranges.Index(index), errors);
        }

        var at = path.Field("loadBalancerClass");
        if (before?.Text("type") == "LoadBalancer" && type == "LoadBalancer" && !JsonNode.DeepEquals(spec["loadBalancerClass"], before["loadBalancerClass"]))
        {
            errors.Invalid(at, spec["loadBalancerClass"], "may not change once set");
        }

        if (spec.Has("loadBalancerClass"))
        {
            if (type == "LoadBalancer")
            {
                errors.Check(at, spec.Text("loadBalancerClass"), Names.QualifiedName(spec.Text("loadBalancerClass")));
            }
            else
            {
                errors.Forbidden(at, "may only be used when `type` is 'LoadBalancer'");
            }
        }
    }

    private static void ByType(JsonObject spec, string type, bool headless, FieldPath path, FieldErrors errors)
    {
        switch (type)
        {
            case "LoadBalancer" when spec.Items("ports").Any(port => port.Number("port") == KubeletPort):
                foreach (var (index, _) in spec.Items("ports").Index().Where(entry => entry.Item.Number("port") == KubeletPort))
                {
                    errors.Invalid(path.Field("ports").Index(index), KubeletPort, $"may not expose port {KubeletPort} externally since it is used by kubelet");
                }

                break;
            case "LoadBalancer" or "NodePort" when headless:
                errors.Invalid(path.Field("clusterIPs").Index(0), "None", $"may not be set to 'None' for {type} services");
                break;
            case "ExternalName":
                if (spec.Text("clusterIP").Length > 0 || spec.Count("clusterIPs") > 0)
                {
                    errors.Forbidden(path.Field("clusterIPs"), "may not be set for ExternalName services");
                }

                foreach (var field in (ReadOnlySpan<string>)["ipFamilies", "ipFamilyPolicy"])
                {
                    if (spec.Has(field) && spec[field] is not JsonArray { Count: 0 })
                    {
                        errors.Forbidden(path.Field(field), "may not be set for ExternalName services");
                    }
                }

                if (spec.Text("externalName").TrimEnd('.') is { Length: > 0 } name)
                {
                    errors.Check(path.Field("externalName"), name, Names.Dns1123Subdomain(name));
                }
                else
                {
                    errors.Required(path.Field("externalName"));
                }

                break;
        }

        if (spec.Text("clusterIP") is { Length: > 0 } address && spec.Strings("clusterIPs").FirstOrDefault() is { } first && first != address)
        {
            errors.Invalid(path.Field("clusterIPs"), spec["clusterIPs"], "first value must match `clusterIP`");
        }
    }

    private static void Ports(JsonObject spec, string type, FieldPath path, FieldErrors errors)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        HashSet<(string, long)> numbers = [];
        HashSet<(string, long)> nodePorts = [];
        var many = spec.Count("ports") > 1;
        foreach (var (index, port) in spec.Items("ports").Index())
        {
            var at = path.Index(index);
            Name(port, many, names, at.Field("name"), errors);
            var number = port.Number("port") ?? 0;
            var protocol = port.Text("protocol");
            errors.Port(at.Field("port"), number);
            errors.OneOf(at.Field("protocol"), protocol, ContainerValidation.Protocols);
            ProbeValidation.PortOrName(port["targetPort"], at.Field("targetPort"), errors);
            if (port.Text("appProtocol") is { Length: > 0 } application)
            {
                errors.Check(at.Field("appProtocol"), application, Names.QualifiedName(application));
            }

            if (!numbers.Add((protocol, number)))
            {
                errors.Duplicate(at, new JsonObject { ["port"] = number, ["protocol"] = protocol });
            }

            NodePort(port, type, protocol, nodePorts, at.Field("nodePort"), errors);
        }
    }

    private static void NodePort(JsonObject port, string type, string protocol, HashSet<(string, long)> taken, FieldPath path, FieldErrors errors)
    {
        if (port.Number("nodePort") is not { } nodePort || nodePort == 0)
        {
            return;
        }

        if (type == "ClusterIP")
        {
            errors.Forbidden(path, "may not be used when `type` is 'ClusterIP'");
        }

        errors.Port(path, nodePort);
        if (!taken.Add((protocol, nodePort)))
        {
            errors.Duplicate(path, JsonValue.Create(nodePort));
        }
    }

    private static void Name(JsonObject port, bool required, HashSet<string> names, FieldPath path, FieldErrors errors)
    {
        var name = port.Text("name");
        if (name.Length == 0)
        {
            if (required)
            {
                errors.Required(path);
            }

            return;
        }

        errors.Check(path, name, Names.Dns1123Label(name));
        if (!names.Add(name))
        {
            errors.Duplicate(path, name);
        }
    }

    private static void Affinity(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        var affinity = spec.Text("sessionAffinity");
        errors.OneOf(path.Field("sessionAffinity"), affinity, ["ClientIP", "None"]);
        var timeout = spec.Child("sessionAffinityConfig")?.Child("clientIP")?.Number("timeoutSeconds");
        var at = path.Field("sessionAffinityConfig");
        if (affinity == "ClientIP" && timeout is null)
        {
            errors.Required(at, "when session affinity type is ClientIP");
        }
        else if (affinity == "ClientIP" && timeout is { } seconds and (<= 0 or > 86400))
        {
            errors.Invalid(at.Field("clientIP").Field("timeoutSeconds"), seconds, "must be greater than 0 and less than 86400");
        }
        else if (affinity == "None" && spec.Has("sessionAffinityConfig"))
        {
            errors.Forbidden(at, "must not be set when session affinity is None");
        }
    }

    private static void Policies(JsonObject spec, string type, FieldPath path, FieldErrors errors)
    {
        if (spec.Text("externalTrafficPolicy") is { Length: > 0 } external)
        {
            var reachable = type is "NodePort" or "LoadBalancer" || (type == "ClusterIP" && spec.Count("externalIPs") > 0);
            if (!reachable)
            {
                errors.Invalid(path.Field("externalTrafficPolicy"), external, "may only be set for externally-accessible services");
            }
            else
            {
                errors.OneOf(path.Field("externalTrafficPolicy"), external, ["Cluster", "Local"]);
            }
        }

        if (spec.Has("internalTrafficPolicy"))
        {
            errors.OneOf(path.Field("internalTrafficPolicy"), spec.Text("internalTrafficPolicy"), ["Cluster", "Local"]);
        }

        if (spec.Text("externalTrafficPolicy") != "Local" || type != "LoadBalancer")
        {
            if (spec.Number("healthCheckNodePort") is { } health and not 0)
            {
                errors.Invalid(path.Field("healthCheckNodePort"), health, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
            }
        }

        if (spec.Has("trafficDistribution"))
        {
            errors.OneOf(path.Field("trafficDistribution"), spec.Text("trafficDistribution"), ["PreferClose", "PreferSameNode", "PreferSameZone"]);
        }

        if (spec["allocateLoadBalancerNodePorts"] is JsonValue flag && flag.GetValueKind() is JsonValueKind.True or JsonValueKind.False && type != "LoadBalancer")
        {
            errors.Forbidden(path.Field("allocateLoadBalancerNodePorts"), "may only be used when `type` is 'LoadBalancer'");
        }
    }
}
