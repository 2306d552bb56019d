using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation.Pods;

/// <summary>The rules for the security contexts of pods and containers.</summary>
internal static partial class SecurityContextValidation
{
    private const int LongestSysctl = 253;
    private const int LongestProfile = 4095;
    private const string SysctlForm = @"^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
    private static readonly string[] ProfileTypes = ["Localhost", "RuntimeDefault", "Unconfined"];
    private static readonly string[] OwnerChanges = ["Always", "OnRootMismatch"];
    private static readonly string[] GroupPolicies = ["Merge", "Strict"];
    private static readonly string[] LabelChanges = ["MountOption", "Recursive"];
    private static readonly string[] ProcMounts = ["Default", "Unmasked"];

    public static void OfPod(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        var security = spec.Child("securityContext") ?? [];
        foreach (var name in (ReadOnlySpan<string>)["fsGroup", "runAsUser", "runAsGroup"])
        {
            Id(security.Number(name), path.Field(name), errors);
        }

        foreach (var (index, group) in (security["supplementalGroups"] as JsonArray ?? []).Index())
        {
            Id(group is JsonValue value && value.TryGetValue(out long id) ? id : null, path.Field("supplementalGroups").Index(index), errors);
        }

        if (spec.Flag("shareProcessNamespace") && spec.Flag("hostPID"))
        {
            errors.Invalid(path.Field("shareProcessNamespace"), spec["shareProcessNamespace"], "ShareProcessNamespace and HostPID cannot both be enabled");
        }

        Sysctls(security, spec, path.Field("sysctls"), errors);
        Choice(security, "fsGroupChangePolicy", OwnerChanges, path, errors);
        Seccomp(security.Child("seccompProfile"), path.Field("seccompProfile"), errors);
        WindowsOptionsValidation.Options(security.Child("windowsOptions"), path.Field("windowsOptions"), errors);
        AppArmor(security.Child("appArmorProfile"), path.Field("appArmorProfile"), errors);
        Choice(security, "supplementalGroupsPolicy", GroupPolicies, path, errors);
        Choice(security, "seLinuxChangePolicy", LabelChanges, path, errors);
    }

    public static void OfContainer(JsonObject container, JsonObject spec, FieldPath path, FieldErrors errors)
    {
        if (container.Child("securityContext") is not { Count: > 0 } security)
        {
            return;
        }

        Id(security.Number("runAsUser"), path.Field("runAsUser"), errors);
        Id(security.Number("runAsGroup"), path.Field("runAsGroup"), errors);
        Choice(security, "procMount", ProcMounts, path, errors);
        if (security.Text("procMount") == "Unmasked" && (!spec.Has("hostUsers") || spec.Flag("hostUsers")))
        {
            errors.Invalid(path.Field("procMount"), "Unmasked", "`hostUsers` must be false to use `Unmasked`");
        }

        Seccomp(security.Child("seccompProfile"), path.Field("seccompProfile"), errors);
        if (security.Has("allowPrivilegeEscalation") && !security.Flag("allowPrivilegeEscalation"))
        {
            if (security.Flag("privileged"))
            {
                errors.Invalid(path, security, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
            }

            foreach (var _ in (security.Child("capabilities") ?? []).Strings("add").Where(capability => capability == "CAP_SYS_ADMIN"))
            {
                errors.Invalid(path, security, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
            }
        }

        WindowsOptionsValidation.Options(security.Child("windowsOptions"), path.Field("windowsOptions"), errors);
        AppArmor(security.Child("appArmorProfile"), path.Field("appArmorProfile"), errors);
    }

    private static void Id(long? id, FieldPath path, FieldErrors errors)
    {
        if (id is { } number and (< 0 or > int.MaxValue))
        {
            errors.Invalid(path, number, $"must be between 0 and {int.MaxValue}, inclusive");
        }
    }

    private static void Choice(JsonObject security, string field, string[] choices, FieldPath path, FieldErrors errors)
    {
        if (security.Has(field) && !choices.Contains(security.Text(field)))
        {
            errors.NotSupported(path.Field(field), security.Text(field), choices);
        }
    }

    private static void Sysctls(JsonObject security, JsonObject spec, FieldPath path, FieldErrors errors)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var (index, sysctl) in security.Items("sysctls").Index())
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
            else if (seen.Contains(name))
            {
                errors.Duplicate(at, name);
            }

            seen.Add(name);
            OfHost(name, spec, at, errors);
        }
    }

    /// <summary>Who shares a namespace with the host does not set the host's values.</summary>
    private static void OfHost(string name, JsonObject spec, FieldPath path, FieldErrors errors)
    {
        var dotted = name.Replace('/', '.');
        if (spec.Flag("hostNetwork") && dotted.StartsWith("net.", StringComparison.Ordinal))
        {
            errors.Invalid(path, name, "may not be specified when 'hostNetwork' is true");
        }
        else if (spec.Flag("hostIPC") && (dotted is "kernel.sem" || dotted.StartsWith("kernel.shm", StringComparison.Ordinal)
            || dotted.StartsWith("kernel.msg", StringComparison.Ordinal) || dotted.StartsWith("fs.mqueue.", StringComparison.Ordinal)))
        {
            errors.Invalid(path, name, "may not be specified when 'hostIPC' is true");
        }
    }

    private static void Seccomp(JsonObject? profile, FieldPath path, FieldErrors errors)
    {
        if (profile is null)
        {
            return;
        }

        Type(profile, "type is required when seccompProfile is set", path, errors);
        if (profile.Text("type") == "Localhost")
        {
            if (!profile.Has("localhostProfile"))
            {
                errors.Required(path.Field("localhostProfile"), "must be set when seccomp type is Localhost");
            }
            else
            {
                VolumeValidation.LocalPath(profile.Text("localhostProfile"), path.Field("localhostProfile"), errors);
            }
        }
        else if (profile.Has("localhostProfile"))
        {
            errors.Invalid(path.Field("localhostProfile"), profile, "can only be set when seccomp type is Localhost");
        }
    }

    private static void AppArmor(JsonObject? profile, FieldPath path, FieldErrors errors)
    {
        if (profile is null)
        {
            return;
        }

        var (at, local) = (path.Field("localhostProfile"), profile.Text("localhostProfile"));
        switch (profile.Text("type"))
        {
            case "Localhost":
                if (local.Trim().Length != local.Length)
                {
                    errors.Invalid(at, local, "must not be padded with whitespace");
                }
                else if (local.Length == 0)
                {
                    errors.Required(at, "must be set when AppArmor type is Localhost");
                }

                if (local.Length > LongestProfile)
                {
                    errors.TooLong(at, LongestProfile);
                }

                break;
            case "RuntimeDefault" or "Unconfined":
                if (profile.Has("localhostProfile"))
                {
                    errors.Invalid(at, local, "can only be set when AppArmor type is Localhost");
                }

                break;
            default:
                Type(profile, "type is required when appArmorProfile is set", path, errors);
                break;
        }
    }

    private static void Type(JsonObject profile, string needed, FieldPath path, FieldErrors errors)
    {
        var type = profile.Text("type");
        if (type.Length == 0)
        {
            errors.Required(path.Field("type"), needed);
        }
        else if (!ProfileTypes.Contains(type))
        {
            errors.NotSupported(path.Field("type"), type, ProfileTypes);
        }
    }

    [GeneratedRegex(SysctlForm, RegexOptions.CultureInvariant)]
    private static partial Regex SysctlName();
}
