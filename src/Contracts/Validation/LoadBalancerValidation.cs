using System.Net;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for where a balancer is reached, as Services and Ingresses say in their status.</summary>
internal static class LoadBalancerValidation
{
    private static readonly string[] Modes = ["Proxy", "VIP"];

    public static void OfService(JsonObject service, FieldErrors errors)
    {
        var (balancer, path) = (service.Child("status")?.Child("loadBalancer") ?? [], FieldPath.Of("status", "loadBalancer"));
        if (balancer.Count("ingress") > 0 && service.Child("spec")?.Text("type") != "LoadBalancer")
        {
            errors.Forbidden(path.Field("ingress"), "may only be used when `spec.type` is 'LoadBalancer'");
            return;
        }

        Points(balancer, path, ofService: true, errors);
    }

    /// <param name="balancer">The balancer's status.</param>
    /// <param name="path">Where it stands.</param>
    /// <param name="ofService">Whether addresses say how they are balanced.</param>
    /// <param name="errors">What is found.</param>
    public static void Points(JsonObject balancer, FieldPath path, bool ofService, FieldErrors errors)
    {
        foreach (var (index, point) in balancer.Items("ingress").Index())
        {
            var at = path.Field("ingress").Index(index);
            var (ip, host) = (point.Text("ip"), point.Text("hostname"));
            if (ip.Length > 0)
            {
                Addresses.Check(errors, at.Field("ip"), ip);
            }

            if (ofService)
            {
                Mode(point, ip.Length > 0, at.Field("ipMode"), errors);
            }

            if (host.Length > 0)
            {
                errors.Check(at.Field("hostname"), host, Names.Dns1123Subdomain(host));
                if (IPAddress.TryParse(host, out _) && (host.Contains(':', StringComparison.Ordinal) || host.Split('.').Length == 4))
                {
                    errors.Invalid(at.Field("hostname"), host, "must be a DNS name, not an IP address");
                }
            }
        }
    }

    private static void Mode(JsonObject point, bool hasAddress, FieldPath path, FieldErrors errors)
    {
        if (!point.Has("ipMode"))
        {
            if (hasAddress)
            {
                errors.Required(path, "must be specified when `ip` is set");
            }
        }
        else if (!hasAddress)
        {
            errors.Forbidden(path, "may not be specified when `ip` is not set");
        }
        else if (!Modes.Contains(point.Text("ipMode")))
        {
            errors.NotSupported(path, point.Text("ipMode"), Modes);
        }
    }
}
