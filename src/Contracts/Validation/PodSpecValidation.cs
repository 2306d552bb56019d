using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for a pod's specification, alone or in a template (upstream's <c>ValidatePodSpec</c>).</summary>
internal static partial class PodSpecValidation
{
    private const int LongestDeadline = int.MaxValue;
    private const int LongestSysctl = 253;
    private const string SysctlForm = @"^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
    private static readonly string[] RestartPolicies = ["Always", "OnFailure", "Never"];
    private static readonly string[] DnsPolicies = ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"];
    private static readonly string[] TolerationEffects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

    public static void Pod(JsonObject pod, JsonObject? old, FieldErrors errors) => Spec(pod.Child("spec"), FieldPath.Of("spec"), errors);

    public static void Spec(JsonObject? spec, FieldPath path, FieldErrors errors)
    {
        if (spec is null)
        {
            errors.Required(path.Field("containers"));
            return;
        }

        var volumes = VolumeValidation.Volumes(spec, path.Field("volumes"), errors);
        ContainerValidation.All(spec, volumes, path, errors);
        errors.OneOf(path.Field("restartPolicy"), spec.Text("restartPolicy"), RestartPolicies);
        Dns(spec, path, errors);
        Naming(spec, path, errors);
        Deadlines(spec, path, errors);
        MetadataValidation.LabelMap(spec, "nodeSelector", path.Field("nodeSelector"), errors);
        Tolerations(spec, path.Field("tolerations"), errors);
        Spreading(spec, path.Field("topologySpreadConstraints"), errors);
        AffinityValidation.Affinity(spec.Child("affinity"), path.Field("affinity"), errors);
        Sharing(spec, path, errors);
        foreach (var (index, gate) in spec.Items("readinessGates").Index())
        {
            errors.Check(path.Field("readinessGates").Index(index).Field("conditionType"), gate.Text("conditionType"), Names.QualifiedName(gate.Text("conditionType")));
        }
    }

    private static void Dns(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        var policy = spec.Text("dnsPolicy");
        errors.OneOf(path.Field("dnsPolicy"), policy, DnsPolicies);
        var config = spec.Child("dnsConfig");
        var servers = config?.Strings("nameservers").ToArray() ?? [];
        if (policy == "None" && servers.Length == 0)
        {
            errors.Required(path.Field("dnsConfig").Field("nameservers"), "must provide at least one DNS nameserver when `dnsPolicy` is None");
        }

        if (servers.Length > 3)
        {
            errors.Invalid(path.Field("dnsConfig").Field("nameservers"), config!["nameservers"], "must not have more than 3 nameservers");
        }

        foreach (var (index, server) in servers.Index())
        {
            Addresses.Check(errors, path.Field("dnsConfig").Field("nameservers").Index(index), server);
        }
    }

    private static void Naming(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        foreach (var name in new[] { "serviceAccountName", "nodeName", "priorityClassName" })
        {
            if (spec.Text(name) is { Length: > 0 } value)
            {
                errors.Check(path.Field(name), value, Names.Dns1123Subdomain(value));
            }
        }

        foreach (var name in new[] { "hostname", "subdomain" })
        {
            if (spec.Text(name) is { Length: > 0 } value)
            {
                errors.Check(path.Field(name), value, Names.Dns1123Label(value));
            }
        }

        foreach (var (index, alias) in spec.Items("hostAliases").Index())
        {
            var at = path.Field("hostAliases").Index(index);
            Addresses.Check(errors, at.Field("ip"), alias.Text("ip"));
            foreach (var (place, host) in alias.Strings("hostnames").Index())
            {
                errors.Check(at.Field("hostnames").Index(place), host, Names.Dns1123Subdomain(host));
            }
        }
    }

    private static void Deadlines(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        if (spec.Number("activeDeadlineSeconds") is { } deadline and (< 1 or > LongestDeadline))
        {
            errors.Invalid(path.Field("activeDeadlineSeconds"), deadline, $"must be between 1 and {LongestDeadline}, inclusive");
        }

        errors.NonNegative(path.Field("terminationGracePeriodSeconds"), spec.Number("terminationGracePeriodSeconds"));
    }

    private static void Tolerations(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        foreach (var (index, toleration) in spec.Items("tolerations").Index())
        {
            var at = path.Index(index);
            var (key, comparison, effect) = (toleration.Text("key"), toleration.Text("operator"), toleration.Text("effect"));
            if (key.Length > 0)
            {
                errors.Check(at.Field("key"), key, Names.QualifiedName(key));
            }
            else if (comparison != "Exists")
            {
                errors.Invalid(at.Field("operator"), comparison, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
            }

            if (toleration.Has("tolerationSeconds") && effect != "NoExecute")
            {
                errors.Invalid(at.Field("effect"), effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
            }

            switch (comparison)
            {
                case "" or "Equal":
                    errors.Check(at.Field("operator"), toleration.Text("value"), Names.LabelValue(toleration.Text("value")));
                    break;
                case "Exists":
                    if (toleration.Text("value").Length > 0)
                    {
                        errors.Invalid(at.Field("operator"), toleration, "value must be empty when `operator` is 'Exists'");
                    }

                    break;
                default:
                    errors.NotSupported(at.Field("operator"), comparison, "Equal", "Exists");
                    break;
            }

            errors.OneOf(at.Field("effect"), effect, TolerationEffects, required: false);
        }
    }

    private static void Spreading(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        HashSet<(string, string)> seen = [];
        foreach (var (index, constraint) in spec.Items("topologySpreadConstraints").Index())
        {
            var at = path.Index(index);
            if (constraint.Number("maxSkew") is not > 0)
            {
                errors.Invalid(at.Field("maxSkew"), constraint.Number("maxSkew") ?? 0, "must be greater than zero");
            }

            if (constraint.Text("topologyKey").Length == 0)
            {
                errors.Required(at.Field("topologyKey"), "can not be empty");
            }

            errors.OneOf(at.Field("whenUnsatisfiable"), constraint.Text("whenUnsatisfiable"), ["DoNotSchedule", "ScheduleAnyway"]);
            if (!seen.Add((constraint.Text("topologyKey"), constraint.Text("whenUnsatisfiable"))))
            {
                errors.Duplicate(at.Field("{topologyKey, whenUnsatisfiable}"), $"{{{constraint.Text("topologyKey")}, {constraint.Text("whenUnsatisfiable")}}}");
            }

            LabelSelectorValidation.Check(constraint.Child("labelSelector"), at.Field("labelSelector"), errors);
        }
    }

    [GeneratedRegex(SysctlForm, RegexOptions.CultureInvariant)]
    private static partial Regex SysctlName();

    private static void Sysctls(JsonObject? security, FieldPath path, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, sysctl) in (security ?? []).Items("sysctls").Index())
        {
            var (at, name) = (path.Index(index).Field("name"), sysctl.Text("name"));
            if (name.Length == 0)
            {
                errors.Required(at);
            }
            else if (name.Length > LongestSysctl || !SysctlName().IsMatch(name))
            {
                errors.Invalid(at, name, $"must have at most {LongestSysctl} characters and match regex {SysctlForm}");
            }
            else if (!seen.Add(name))
            {
                errors.Duplicate(at, name);
            }
        }
    }

    private static void Sharing(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        if (spec.Flag("shareProcessNamespace") && spec.Flag("hostPID"))
        {
            errors.Invalid(path.Field("shareProcessNamespace"), spec["shareProcessNamespace"], "ShareProcessNamespace and HostPID cannot both be enabled");
        }

        var security = spec.Child("securityContext");
        Sysctls(security, path.Field("securityContext").Field("sysctls"), errors);
        foreach (var name in new[] { "runAsUser", "runAsGroup", "fsGroup" })
        {
            if (security?.Number(name) is { } id and (< 0 or > int.MaxValue))
            {
                errors.Invalid(path.Field("securityContext").Field(name), id, $"must be between 0 and {int.MaxValue}, inclusive");
            }
        }
    }
}
