using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Validation.Pods;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for Endpoints and EndpointSlices.</summary>
internal static class EndpointsValidation
{
    private const int MostEndpoints = 1000;
    private const int MostPorts = 20_000;
    private const int MostAddresses = 100;

    public static void Endpoints(JsonObject endpoints, JsonObject? old, FieldErrors errors)
    {
        foreach (var (index, subset) in endpoints.Items("subsets").Index())
        {
            var at = FieldPath.Of("subsets").Index(index);
            if (subset.Count("addresses") + subset.Count("notReadyAddresses") == 0)
            {
                errors.Required(at, "must specify `addresses` or `notReadyAddresses`");
            }

            foreach (var list in new[] { "addresses", "notReadyAddresses" })
            {
                foreach (var (place, address) in subset.Items(list).Index())
                {
                    var where = at.Field(list).Index(place);
                    if (address.Text("hostname") is { Length: > 0 } host)
                    {
                        errors.Check(where.Field("hostname"), host, Names.Dns1123Label(host));
                    }

                    if (address.Has("nodeName"))
                    {
                        errors.Check(where.Field("nodeName"), address.Text("nodeName"), Names.Dns1123Subdomain(address.Text("nodeName")));
                    }

                    Addresses.CheckReachable(errors, where.Field("ip"), address.Text("ip"));
                }
            }

            var many = subset.Count("ports") > 1;
            foreach (var (place, port) in subset.Items("ports").Index())
            {
                var path = at.Field("ports").Index(place);
                var name = port.Text("name");
                if (name.Length > 0)
                {
                    errors.Check(path.Field("name"), name, Names.Dns1123Label(name));
                }
                else if (many)
                {
                    errors.Required(path.Field("name"));
                }

                errors.Port(path.Field("port"), port.Number("port") ?? 0);
                errors.OneOf(path.Field("protocol"), port.Text("protocol"), ContainerValidation.Protocols);
                Application(port, path, errors);
            }
        }
    }

    public static void EndpointSlice(JsonObject slice, JsonObject? old, FieldErrors errors)
    {
        var type = slice.Text("addressType");
        errors.OneOf(FieldPath.Of("addressType"), type, ["FQDN", "IPv4", "IPv6"]);
        if (old is not null)
        {
            errors.Immutable(FieldPath.Of("addressType"), slice["addressType"], old["addressType"]);
        }

        if (slice.Count("endpoints") > MostEndpoints)
        {
            errors.TooMany(FieldPath.Of("endpoints"), slice.Count("endpoints"), MostEndpoints);
            return;
        }

        foreach (var (index, endpoint) in slice.Items("endpoints").Index())
        {
            Endpoint(endpoint, type, FieldPath.Of("endpoints").Index(index), errors);
        }

        SlicePorts(slice, FieldPath.Of("ports"), errors);
    }

    private static void Endpoint(JsonObject endpoint, string type, FieldPath path, FieldErrors errors)
    {
        var count = endpoint.Count("addresses");
        if (count == 0)
        {
            errors.Required(path.Field("addresses"), "must contain at least 1 address");
        }
        else if (count > MostAddresses)
        {
            errors.TooMany(path.Field("addresses"), count, MostAddresses);
        }

        foreach (var (index, address) in endpoint.Strings("addresses").Index())
        {
            var at = path.Field("addresses").Index(index);
            if (type == "FQDN")
            {
                errors.Check(at, address, Names.Dns1123Subdomain(address));
            }
            else
            {
                Addresses.CheckReachable(errors, at, address);
                if (type is "IPv4" or "IPv6" && Addresses.IsAddress(address) && address.Contains(':', StringComparison.Ordinal) != (type == "IPv6"))
                {
                    errors.Invalid(at, address, $"must be an {type} address");
                }
            }
        }

        if (endpoint.Text("nodeName") is { Length: > 0 } node)
        {
            errors.Check(path.Field("nodeName"), node, Names.Dns1123Subdomain(node));
        }

        if (endpoint.Text("hostname") is { Length: > 0 } hostname)
        {
            errors.Check(path.Field("hostname"), hostname, Names.Dns1123Label(hostname));
        }
    }

    private static void SlicePorts(JsonObject slice, FieldPath path, FieldErrors errors)
    {
        if (slice.Count("ports") > MostPorts)
        {
            errors.TooMany(path, slice.Count("ports"), MostPorts);
            return;
        }

        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (var (index, port) in slice.Items("ports").Index())
        {
            var at = path.Index(index);
            var name = port.Text("name");
            if (name.Length > 0)
            {
                errors.Check(at.Field("name"), name, Names.Dns1123Label(name));
            }

            if (!names.Add(name))
            {
                errors.Duplicate(at.Field("name"), name);
            }

            errors.OneOf(at.Field("protocol"), port.Text("protocol"), ContainerValidation.Protocols);
            Application(port, at, errors);
        }
    }

    private static void Application(JsonObject port, FieldPath path, FieldErrors errors)
    {
        if (port.Has("appProtocol"))
        {
            errors.Check(path.Field("appProtocol"), port.Text("appProtocol"), Names.QualifiedName(port.Text("appProtocol")));
        }
    }
}
