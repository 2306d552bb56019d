using System.Collections.Frozen;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>Which names of resources there are, and where each may be asked for, as upstream's <c>core/helper</c> lists them.</summary>
internal static class ResourceNames
{
    private const string Extended = "doesn't follow extended resource name standard";

    private static readonly FrozenSet<string> Compute = Set("cpu", "memory", "ephemeral-storage");

    private static readonly FrozenSet<string> Counts = Set(
        "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims", "services.nodeports", "services.loadbalancers");

    private static readonly FrozenSet<string> OfQuotas = Set(
        "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage", "requests.storage", "limits.cpu", "limits.memory",
        "limits.ephemeral-storage", "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims",
        "services.nodeports", "services.loadbalancers");

    private static readonly FrozenSet<string> OfPods = Set("pods", "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory");
    private static readonly FrozenSet<string> OfClaims = Set("persistentvolumeclaims", "storage", "requests.storage");

    /// <summary>What is wrong with a name anywhere.</summary>
    public static IReadOnlyList<string> Any(string name) =>
        Names.QualifiedName(name) is { Count: > 0 } problems ? problems
        : IsPlain(name) && !OfQuotas.Contains(name) && name != "storage" && !IsHuge(name) && !IsQuotaHuge(name) ? ["must be a standard resource type or fully qualified"]
        : [];

    public static IReadOnlyList<string> OfContainer(string name)
    {
        if (Compute.Contains(name))
        {
            return [];
        }

        var problems = Any(name);
        return IsPlain(name)
            ? IsHuge(name) ? problems : [.. problems, "must be a standard resource for containers"]
            : IsNative(name) || IsExtended(name) ? problems : [.. problems, Extended];
    }

    public static IReadOnlyList<string> OfQuota(string name) =>
        IsPlain(name) && !IsStandardOfQuota(name) ? [.. Any(name), "must be a standard resource for quota"] : Any(name);

    public static bool IsStandardOfQuota(string name) => OfQuotas.Contains(name) || IsQuotaHuge(name);

    /// <summary>Whether a scope says anything about what is counted.</summary>
    public static bool IsInScope(string scope, string name) => scope switch
    {
        "Terminating" or "NotTerminating" or "NotBestEffort" or "PriorityClass" or "CrossNamespacePodAffinity" => OfPods.Contains(name),
        "BestEffort" => name == "pods",
        "VolumeAttributesClass" => OfClaims.Contains(name),
        _ => true,
    };

    /// <summary>Of what there is no half.</summary>
    public static bool IsWhole(string name) => Counts.Contains(name) || IsExtended(name);

    public static bool IsHuge(string name) => name.StartsWith("hugepages-", StringComparison.Ordinal);

    /// <summary>Resources of ours may be asked for beyond what is held ready; devices and huge pages may not.</summary>
    public static bool MayBeOvercommitted(string name) => IsNative(name) && !IsHuge(name);

    private static bool IsExtended(string name) => !IsNative(name) && !name.StartsWith("requests.", StringComparison.Ordinal) && Names.QualifiedName("requests." + name).Count == 0;

    private static bool IsNative(string name) => IsPlain(name) || name.Contains("kubernetes.io/", StringComparison.Ordinal);

    private static bool IsPlain(string name) => !name.Contains('/', StringComparison.Ordinal);

    private static bool IsQuotaHuge(string name) => IsHuge(name) || name.StartsWith("requests.hugepages-", StringComparison.Ordinal);

    private static FrozenSet<string> Set(params string[] names) => names.ToFrozenSet(StringComparer.Ordinal);
}
