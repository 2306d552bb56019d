using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation.Pods;

/// <summary>The rules for a pod's specification, alone or in a template (upstream's <c>ValidatePodSpec</c>), in upstream's order.</summary>
internal static class PodSpecValidation
{
    private const int MostServers = 3;
    private const int MostSearches = 32;
    private const int LongestSearches = 2048;
    private static readonly string[] RestartPolicies = ["Always", "OnFailure", "Never"];
    private static readonly string[] DnsPolicies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    private static readonly string[] PreemptionPolicies = ["PreemptLowerPriority", "Never"];

    /// <param name="spec">The specification.</param>
    /// <param name="path">Where it stands.</param>
    /// <param name="errors">What is found.</param>
    /// <param name="metadata">Of a pod; null for a template, whose pods have yet to get their names and ports.</param>
    public static void Spec(JsonObject? spec, FieldPath path, FieldErrors errors, JsonObject? metadata = null)
    {
        if (spec is null)
        {
            errors.Required(path.Field("containers"));
            return;
        }

        var volumes = VolumeValidation.Volumes(spec, metadata?.Text("name") ?? "", path.Field("volumes"), errors);
        var claims = ResourceClaims(spec, metadata, path.Field("resourceClaims"), errors);
        ContainerValidation.All(spec, new ContainerSurroundings(volumes, claims, spec), path, errors);
        ResourceValidation.WholePod(spec, path.Field("resources"), errors);
        HostPorts(spec, metadata is not null, path.Field("containers"), errors);
        errors.OneOf(path.Field("restartPolicy"), spec.Text("restartPolicy"), RestartPolicies);
        errors.OneOf(path.Field("dnsPolicy"), spec.Text("dnsPolicy"), DnsPolicies);
        MetadataValidation.LabelMap(spec, "nodeSelector", path.Field("nodeSelector"), errors);
        SecurityContextValidation.OfPod(spec, path.Field("securityContext"), errors);
        AffinityValidation.Affinity(spec.Child("affinity"), path.Field("affinity"), errors);
        Dns(spec, path.Field("dnsConfig"), errors);
        PlacementValidation.Gates(spec, path, errors);
        PlacementValidation.Spreading(spec, path.Field("topologySpreadConstraints"), errors);
        OperatingSystemValidation.HostProcesses(spec, path, errors);
        OperatingSystemValidation.HostUsers(spec, path, errors);
        HostnameOverride(spec, path.Field("hostnameOverride"), errors);
        Names(spec, path, errors);
        PlacementValidation.Tolerations(spec, path.Field("tolerations"), errors);
        Aliases(spec, path.Field("hostAliases"), errors);
        Classes(spec, path, errors);
        OperatingSystemValidation.System(spec, path, errors);
    }

    private static HashSet<string> ResourceClaims(JsonObject spec, JsonObject? metadata, FieldPath path, FieldErrors errors)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (var (index, claim) in spec.Items("resourceClaims").Index())
        {
            if (metadata?.Child("annotations")?.Has(PodValidation.Mirror) == true)
            {
                errors.Forbidden(FieldPath.Root, "static pods do not support resource claims");
                continue;
            }

            var (at, name) = (path.Index(index), claim.Text("name"));
            if (name.Length == 0)
            {
                errors.Required(at.Field("name"));
            }
            else if (!names.Add(name))
            {
                errors.Duplicate(at.Field("name"), name);
            }
            else
            {
                errors.Check(at.Field("name"), name, Validation.Names.Dns1123Label(name));
            }

            if (claim.Has("resourceClaimName") && claim.Has("resourceClaimTemplateName"))
            {
                errors.Invalid(at, claim, "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified");
            }
            else if (!claim.Has("resourceClaimName") && !claim.Has("resourceClaimTemplateName"))
            {
                errors.Invalid(at, claim, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`");
            }

            foreach (var field in (ReadOnlySpan<string>)["resourceClaimName", "resourceClaimTemplateName"])
            {
                if (claim.Has(field))
                {
                    errors.Check(at.Field(field), claim.Text(field), Validation.Names.Dns1123Subdomain(claim.Text(field)));
                }
            }
        }

        return names;
    }

    /// <summary>With the network of the host a port of a container is one of the host. A template's pods get theirs when they are made.</summary>
    private static void HostPorts(JsonObject spec, bool isPod, FieldPath path, FieldErrors errors)
    {
        if (!spec.Flag("hostNetwork"))
        {
            return;
        }

        foreach (var (index, container) in spec.Items("containers").Index())
        {
            foreach (var (place, port) in container.Items("ports").Index())
            {
                var host = port.Number("hostPort") ?? 0;
                if ((isPod || host != 0) && host != (port.Number("containerPort") ?? 0))
                {
                    errors.Invalid(path.Index(index).Field("ports").Index(place).Field("hostPort"), host, "must match `containerPort` when `hostNetwork` is true");
                }
            }
        }
    }

    private static void Dns(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        var config = spec.Child("dnsConfig");
        var servers = config?.Strings("nameservers").ToArray() ?? [];
        if (spec.Text("dnsPolicy") == "None" && servers.Length == 0)
        {
            if (config is null)
            {
                errors.Required(path, "must provide `dnsConfig` when `dnsPolicy` is None");
            }
            else
            {
                errors.Required(path.Field("nameservers"), "must provide at least one DNS nameserver when `dnsPolicy` is None");
            }

            return;
        }

        if (servers.Length > MostServers)
        {
            errors.Invalid(path.Field("nameservers"), config!["nameservers"], $"must not have more than {MostServers} nameservers");
        }

        foreach (var (index, server) in servers.Index())
        {
            Addresses.Check(errors, path.Field("nameservers").Index(index), server);
        }

        var searches = config?.Strings("searches").ToArray() ?? [];
        if (searches.Length > MostSearches)
        {
            errors.Invalid(path.Field("searches"), config!["searches"], $"must not have more than {MostSearches} search paths");
        }

        if (searches.Sum(search => search.Length + 1) - 1 > LongestSearches)
        {
            errors.Invalid(path.Field("searches"), config!["searches"], $"must not have more than {LongestSearches} characters (including spaces) in the search list");
        }

        foreach (var (index, search) in searches.Index().Where(entry => entry.Item != "."))
        {
            var domain = search.EndsWith('.') ? search[..^1] : search;
            errors.Check(path.Field("searches").Index(index), domain, Validation.Names.Dns1123SubdomainWithUnderscore(domain));
        }

        foreach (var (index, option) in (config ?? []).Items("options").Index())
        {
            if (option.Text("name").Length == 0)
            {
                errors.Required(path.Field("options").Index(index), "must not be empty");
            }
        }
    }

    private static void HostnameOverride(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        if (!spec.Has("hostnameOverride"))
        {
            return;
        }

        if (spec.Flag("setHostnameAsFQDN"))
        {
            errors.Forbidden(path, "may not be specified when setHostnameAsFQDN is true");
        }

        if (spec.Flag("hostNetwork"))
        {
            errors.Forbidden(path, "may not be specified when hostNetwork is true");
        }

        var name = spec.Text("hostnameOverride");
        if (name.Length > 64)
        {
            errors.TooLong(path, 64);
        }

        errors.Check(path, name, Validation.Names.Dns1123Subdomain(name));
    }

    private static void Names(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        foreach (var name in (ReadOnlySpan<string>)["serviceAccountName", "nodeName"])
        {
            if (spec.Text(name) is { Length: > 0 } value)
            {
                errors.Check(path.Field(name), value, Validation.Names.Dns1123Subdomain(value));
            }
        }

        if (spec.Number("activeDeadlineSeconds") is { } deadline and (< 1 or > int.MaxValue))
        {
            errors.Invalid(path.Field("activeDeadlineSeconds"), deadline, $"must be between 1 and {int.MaxValue}, inclusive");
        }

        foreach (var name in (ReadOnlySpan<string>)["hostname", "subdomain"])
        {
            if (spec.Text(name) is { Length: > 0 } value)
            {
                errors.Check(path.Field(name), value, Validation.Names.Dns1123Label(value));
            }
        }
    }

    private static void Aliases(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        foreach (var (index, alias) in spec.Items("hostAliases").Index())
        {
            Addresses.Check(errors, path.Index(index).Field("ip"), alias.Text("ip"));
            foreach (var (place, host) in alias.Strings("hostnames").Index())
            {
                errors.Check(path.Index(index).Field("hostnames").Index(place), host, Validation.Names.Dns1123Subdomain(host));
            }
        }
    }

    private static void Classes(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        if (spec.Text("priorityClassName") is { Length: > 0 } priority)
        {
            errors.Check(path.Field("priorityClassName"), priority, Validation.Names.Dns1123Subdomain(priority));
        }

        if (spec.Has("runtimeClassName"))
        {
            errors.Check(path.Field("runtimeClassName"), spec.Text("runtimeClassName"), Validation.Names.Dns1123Subdomain(spec.Text("runtimeClassName")));
        }

        if (spec.Has("preemptionPolicy"))
        {
            errors.OneOf(path.Field("preemptionPolicy"), spec.Text("preemptionPolicy"), PreemptionPolicies);
        }

        ResourceValidation.Overhead(spec, path.Field("overhead"), errors);
    }
}
