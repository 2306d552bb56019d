using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for the kinds of networking.k8s.io.</summary>
internal static class NetworkingValidation
{
    private static readonly string[] PathTypes = ["Exact", "ImplementationSpecific", "Prefix"];
    private static readonly string[] Protocols = ["TCP", "UDP", "SCTP"];

    public static void Ingress(JsonObject ingress, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var spec = ingress.Child("spec") ?? [];
        LoadBalancerValidation.Points(ingress.Child("status")?.Child("loadBalancer") ?? [], FieldPath.Of("status", "loadBalancer"), ofService: false, errors);
        if (spec.Count("rules") == 0 && !spec.Has("defaultBackend"))
        {
            errors.Invalid(path, spec["rules"], "either `defaultBackend` or `rules` must be specified");
        }

        if (spec.Child("defaultBackend") is { } fallback)
        {
            Backend(fallback, path.Field("defaultBackend"), errors);
        }

        foreach (var (index, rule) in spec.Items("rules").Index())
        {
            Rule(rule, path.Field("rules").Index(index), errors);
        }

        foreach (var (index, tls) in spec.Items("tls").Index())
        {
            var at = path.Field("tls").Index(index);
            foreach (var (place, host) in tls.Strings("hosts").Index())
            {
                Host(host, at.Field("hosts").Index(place), errors);
            }

            if (tls.Text("secretName") is { Length: > 0 } secret)
            {
                errors.Check(at.Field("secretName"), secret, Names.Dns1123Subdomain(secret));
            }
        }

        if (spec.Text("ingressClassName") is { Length: > 0 } name)
        {
            errors.Check(path.Field("ingressClassName"), name, Names.Dns1123Subdomain(name));
            if (old is null && (ingress.Child("metadata")?.Child("annotations")?.Text("kubernetes.io/ingress.class") ?? "") is { Length: > 0 } annotated && annotated != name)
            {
                errors.Invalid(FieldPath.Of("annotations").Field("kubernetes.io/ingress.class"), annotated, "must match `ingressClassName` when both are specified");
            }
        }
    }

    public static void IngressClass(JsonObject ingressClass, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var spec = ingressClass.Child("spec") ?? [];
        var controller = spec.Text("controller");
        if (controller.Length > 250)
        {
            errors.TooLong(path.Field("controller"), 250);
        }

        if (controller.Length > 0)
        {
            DomainPath(controller, path.Field("controller"), errors);
        }
        else
        {
            errors.Required(path.Field("controller"));
        }

        if (spec.Child("parameters") is { } parameters)
        {
            var at = path.Field("parameters");
            StorageValidation.Needs(parameters, at, errors, "kind", "name");
            errors.OneOf(at.Field("scope"), parameters.Text("scope"), ["Cluster", "Namespace"]);
            if (parameters.Text("scope") == "Namespace" && parameters.Text("namespace").Length == 0)
            {
                errors.Required(at.Field("namespace"), "`parameters.scope` is set to 'Namespace'");
            }
            else if (parameters.Text("scope") == "Cluster" && parameters.Has("namespace"))
            {
                errors.Forbidden(at.Field("namespace"), "`parameters.scope` is set to 'Cluster'");
            }
        }

        if (old?.Child("spec") is { } before)
        {
            errors.Immutable(path.Field("controller"), spec["controller"], before["controller"]);
        }
    }

    public static void NetworkPolicy(JsonObject policy, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var spec = policy.Child("spec") ?? [];
        LabelSelectorValidation.Check(spec.Child("podSelector"), path.Field("podSelector"), errors);
        foreach (var (list, side) in new[] { ("ingress", "from"), ("egress", "to") })
        {
            foreach (var (index, rule) in spec.Items(list).Index())
            {
                var at = path.Field(list).Index(index);
                foreach (var (place, port) in rule.Items("ports").Index())
                {
                    Port(port, at.Field("ports").Index(place), errors);
                }

                foreach (var (place, peer) in rule.Items(side).Index())
                {
                    Peer(peer, at.Field(side).Index(place), errors);
                }
            }
        }

        var types = spec.Strings("policyTypes").ToArray();
        if (types.Length > 2)
        {
            errors.Invalid(path.Field("policyTypes"), spec["policyTypes"], "may not specify more than two policyTypes");
            return;
        }

        foreach (var (index, type) in types.Index())
        {
            errors.OneOf(path.Field("policyTypes").Index(index), type, ["Ingress", "Egress"]);
        }
    }

    public static void IpAddress(JsonObject address, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec", "parentRef");
        if (address.Child("spec")?.Child("parentRef") is not { } parent)
        {
            errors.Required(path);
        }
        else
        {
            StorageValidation.Needs(parent, path, errors, "resource", "name");
        }

        if (old is not null)
        {
            errors.Immutable(path, address.Child("spec")?["parentRef"], old.Child("spec")?["parentRef"]);
        }
    }

    public static void ServiceCidr(JsonObject range, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec", "cidrs");
        var ranges = (range.Child("spec") ?? []).Strings("cidrs").ToArray();
        if (ranges.Length == 0)
        {
            errors.Required(path, "at least one CIDR required");
        }
        else if (ranges.Length > 2)
        {
            errors.Invalid(FieldPath.Of("spec"), range["spec"], "may only hold up to 2 values");
        }

        foreach (var (index, cidr) in ranges.Index())
        {
            Cidr(cidr, path.Index(index), errors);
        }

        if (ranges.Length == 2 && ranges[0].Contains(':', StringComparison.Ordinal) == ranges[1].Contains(':', StringComparison.Ordinal))
        {
            errors.Invalid(FieldPath.Of("spec"), range["spec"], "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/96");
        }

        if (old is not null && (old.Child("spec") ?? []).Strings("cidrs").Where((cidr, index) => index >= ranges.Length || ranges[index] != cidr).Any())
        {
            errors.Invalid(path, range.Child("spec")?["cidrs"], "field is immutable");
        }
    }

    internal static void Cidr(string cidr, FieldPath path, FieldErrors errors)
    {
        if (!IPNetwork.TryParse(cidr, out _))
        {
            errors.Invalid(path, cidr, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
        }
    }

    private static void Rule(JsonObject rule, FieldPath path, FieldErrors errors)
    {
        if (rule.Text("host") is { Length: > 0 } host)
        {
            if (IPAddress.TryParse(host, out _) && host.Split('.').Length is 4)
            {
                errors.Invalid(path.Field("host"), host, "must be a DNS name, not an IP address");
            }

            Host(host, path.Field("host"), errors);
        }

        if (rule.Child("http") is not { } http)
        {
            return;
        }

        if (http.Count("paths") == 0)
        {
            errors.Required(path.Field("http").Field("paths"));
        }

        foreach (var (index, entry) in http.Items("paths").Index())
        {
            var at = path.Field("http").Field("paths").Index(index);
            if (!entry.Has("pathType"))
            {
                errors.Required(at.Field("pathType"), "pathType must be specified");
            }
            else
            {
                errors.OneOf(at.Field("pathType"), entry.Text("pathType"), PathTypes);
            }

            UrlPath(entry, at.Field("path"), errors);
            Backend(entry.Child("backend") ?? [], at.Field("backend"), errors);
        }
    }

    private static void UrlPath(JsonObject entry, FieldPath path, FieldErrors errors)
    {
        var url = entry.Text("path");
        if (entry.Text("pathType") == "ImplementationSpecific" ? url.Length > 0 && url[0] != '/' : url is not ['/', ..])
        {
            errors.Invalid(path, url, "must be an absolute path");
        }

        if (entry.Text("pathType") != "ImplementationSpecific")
        {
            foreach (var bad in (ReadOnlySpan<string>)["//", "/./", "/../", "%2f", "%2F"])
            {
                if (url.Contains(bad, StringComparison.Ordinal))
                {
                    errors.Invalid(path, url, $"must not contain '{bad}'");
                }
            }

            foreach (var bad in (ReadOnlySpan<string>)["/..", "/."])
            {
                if (url.EndsWith(bad, StringComparison.Ordinal))
                {
                    errors.Invalid(path, url, $"cannot end with '{bad}'");
                }
            }
        }
    }

    private static void Host(string host, FieldPath path, FieldErrors errors) =>
        errors.Check(path, host, host.Contains('*', StringComparison.Ordinal) ? Names.WildcardDns1123Subdomain(host) : Names.Dns1123Subdomain(host));

    private static void Backend(JsonObject backend, FieldPath path, FieldErrors errors)
    {
        var (service, resource) = (backend.Child("service"), backend.Child("resource"));
        if (service is not null && resource is not null)
        {
            errors.Invalid(path, "", "cannot set both resource and service backends");
        }
        else if (service is null && resource is null)
        {
            errors.Required(path, "either service or resource is required");
        }

        if (resource is not null)
        {
            StorageValidation.Needs(resource, path.Field("resource"), errors, "kind", "name");
        }

        if (service is null)
        {
            return;
        }

        var at = path.Field("service");
        if (service.Text("name").Length == 0)
        {
            errors.Required(at.Field("name"));
        }
        else
        {
            errors.Check(at.Field("name"), service.Text("name"), Names.Dns1035Label(service.Text("name")));
        }

        var port = service.Child("port") ?? [];
        var (named, numbered) = (port.Text("name").Length > 0, port.Number("number") is not (null or 0));
        if (named && numbered)
        {
            errors.Invalid(at, "", "cannot set both port name & port number");
        }
        else if (!named && !numbered)
        {
            errors.Required(at, "port name or number is required");
        }
        else if (numbered)
        {
            errors.Port(at.Field("port").Field("number"), port.Number("number")!.Value);
        }
    }

    private static void Port(JsonObject port, FieldPath path, FieldErrors errors)
    {
        if (port.Has("protocol") && !Protocols.Contains(port.Text("protocol")))
        {
            errors.NotSupported(path.Field("protocol"), port.Text("protocol"), Protocols);
        }

        var end = port.Number("endPort");
        if (port["port"] is not JsonValue value)
        {
            NoEnd("not specified");
        }
        else if (value.GetValueKind() == JsonValueKind.Number)
        {
            var number = port.Number("port") ?? 0;
            errors.Port(path.Field("port"), number);
            if (end < number)
            {
                errors.Invalid(path.Field("endPort"), end.Value, "must be greater than or equal to `port`");
            }

            if (end is { } last)
            {
                errors.Port(path.Field("endPort"), last);
            }
        }
        else
        {
            NoEnd("non-numeric");
            errors.Check(path.Field("port"), port.Text("port"), Names.PortName(port.Text("port")));
        }

        void NoEnd(string why)
        {
            if (end is { } given)
            {
                errors.Invalid(path.Field("endPort"), given, $"may not be specified when `port` is {why}");
            }
        }
    }

    private static void Peer(JsonObject peer, FieldPath path, FieldErrors errors)
    {
        LabelSelectorValidation.Check(peer.Child("podSelector"), path.Field("podSelector"), errors);
        LabelSelectorValidation.Check(peer.Child("namespaceSelector"), path.Field("namespaceSelector"), errors);
        if (peer.Child("ipBlock") is { } block)
        {
            if (peer.Has("podSelector") || peer.Has("namespaceSelector"))
            {
                errors.Forbidden(path, "may not specify both ipBlock and another peer");
            }

            var at = path.Field("ipBlock");
            if (block.Text("cidr").Length == 0)
            {
                errors.Required(at.Field("cidr"));
                return;
            }

            Cidr(block.Text("cidr"), at.Field("cidr"), errors);
            Except(block, at, errors);
        }
        else if (!peer.Has("podSelector") && !peer.Has("namespaceSelector"))
        {
            errors.Required(path, "must specify a peer");
        }
    }

    private static void Except(JsonObject block, FieldPath path, FieldErrors errors)
    {
        foreach (var (index, except) in block.Strings("except").Index())
        {
            var at = path.Field("except").Index(index);
            Cidr(except, at, errors);
            if (IPNetwork.TryParse(block.Text("cidr"), out var outer) && IPNetwork.TryParse(except, out var inner)
                && (!outer.Contains(inner.BaseAddress) || inner.PrefixLength <= outer.PrefixLength))
            {
                errors.Invalid(at, except, string.Create(CultureInfo.InvariantCulture, $"must be a strict subset of `cidr`"));
            }
        }
    }

    private static void DomainPath(string value, FieldPath path, FieldErrors errors)
    {
        var slash = value.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || slash == value.Length - 1)
        {
            errors.Invalid(path, value, "must be a domain-prefixed path (such as \"acme.io/foo\")");
            return;
        }

        errors.Check(path, value[..slash], Names.Dns1123Subdomain(value[..slash]));
    }
}
