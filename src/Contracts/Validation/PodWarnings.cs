using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>What of a pod, or of a template of pods, is not wrong but will not do what its author may think (upstream's <c>GetWarningsForPod</c>).</summary>
internal static class PodWarnings
{
    private const string Seccomp = "non-functional in v1.27+; use the \"seccompProfile\" field instead";

    /// <summary>Every two ports may be told of; more than this reach nobody, because what an answer says is bounded too.</summary>
    private const int MostOfPorts = 256;

    private static readonly Dictionary<string, string> Labels = new(StringComparer.Ordinal)
    {
        ["beta.kubernetes.io/arch"] = "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
        ["beta.kubernetes.io/os"] = "deprecated since v1.14; use \"kubernetes.io/os\" instead",
        ["failure-domain.beta.kubernetes.io/region"] = "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
        ["failure-domain.beta.kubernetes.io/zone"] = "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
        ["beta.kubernetes.io/instance-type"] = "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
    };

    private static readonly (string Key, string Told)[] Annotations =
    [
        ("scheduler.alpha.kubernetes.io/critical-pod", "non-functional in v1.16+; use the \"priorityClassName\" field instead"),
        ("security.alpha.kubernetes.io/sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
        ("security.alpha.kubernetes.io/unsafe-sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
    ];

    private static readonly (string Source, string Told)[] Volumes =
    [
        ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
        ("gitRepo", "deprecated in v1.11"),
        ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
        ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
        ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
        ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
        ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
        ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
        ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
    ];

    /// <param name="pod">Metadata and spec.</param>
    /// <param name="path">Where it stands; the root for a pod.</param>
    public static List<string> Of(JsonObject pod, FieldPath path)
    {
        List<string> told = [];
        var (spec, at) = (pod.Child("spec") ?? [], path.Field("spec"));
        var annotations = pod.Child("metadata")?.Child("annotations") ?? [];
        var annotated = path.Field("metadata").Field("annotations");
        Placing(spec, at, told);
        told.AddRange(Annotations.Where(entry => annotations.Has(entry.Key)).Select(entry => $"{annotated.Key(entry.Key)}: {entry.Told}"));
        foreach (var (index, volume) in spec.Items("volumes").Index())
        {
            told.AddRange(Volumes.Where(entry => volume.Has(entry.Source))
                .Select(entry => $"{at.Field("volumes").Index(index).Field(entry.Source == "storageos" ? "storageOS" : entry.Source)}: {entry.Told}"));
        }

        Repeated(spec, "hostAliases", "ip", at, told);
        Repeated(spec, "imagePullSecrets", "name", at, told);
        told.AddRange(spec.Items("imagePullSecrets").Index().Where(entry => entry.Item.Text("name").Length == 0)
            .Select(entry => $"{at.Field("imagePullSecrets").Index(entry.Index).Field("name")}: invalid empty name \"\""));
        Fractions(spec, "overhead", at, told);
        if (!HasSeccomp(spec) && annotations.Has("seccomp.security.alpha.kubernetes.io/pod"))
        {
            told.Add($"{annotated.Key("seccomp.security.alpha.kubernetes.io/pod")}: {Seccomp}");
        }

        Dictionary<string, List<(FieldPath Path, JsonObject Port)>> ports = new(StringComparer.Ordinal);
        foreach (var list in (ReadOnlySpan<string>)["initContainers", "containers", "ephemeralContainers"])
        {
            foreach (var (index, container) in spec.Items(list).Index())
            {
                Container(container, annotations, annotated, at.Field(list).Index(index), told);
            }
        }

        foreach (var list in (ReadOnlySpan<string>)["initContainers", "containers", "ephemeralContainers"])
        {
            foreach (var (index, container) in spec.Items(list).Index())
            {
                Ports(container, at.Field(list).Index(index), ports, told);
            }
        }

        if (spec.Number("terminationGracePeriodSeconds") < 0)
        {
            told.Add($"{at.Field("terminationGracePeriodSeconds")}: must be >= 0; negative values are invalid and will be treated as 1");
        }

        return told;
    }

    private static void Placing(JsonObject spec, FieldPath path, List<string> told)
    {
        told.AddRange(spec.Pairs("nodeSelector").Where(pair => Labels.ContainsKey(pair.Key)).Select(pair => $"{path.Field("nodeSelector").Key(pair.Key)}: {Labels[pair.Key]}"));
        var affinity = spec.Child("affinity")?.Child("nodeAffinity") ?? [];
        var at = path.Field("affinity").Field("nodeAffinity");
        var required = at.Field("requiredDuringSchedulingIgnoredDuringExecution").Field("nodeSelectorTerms");
        foreach (var (index, term) in (affinity.Child("requiredDuringSchedulingIgnoredDuringExecution") ?? []).Items("nodeSelectorTerms").Index())
        {
            Term(term, required.Index(index), told);
        }

        var preferred = at.Field("preferredDuringSchedulingIgnoredDuringExecution");
        foreach (var (index, term) in affinity.Items("preferredDuringSchedulingIgnoredDuringExecution").Index())
        {
            Term(term.Child("preference") ?? [], preferred.Index(index).Field("preference"), told);
        }

        foreach (var (index, constraint) in spec.Items("topologySpreadConstraints").Index())
        {
            var spread = path.Field("topologySpreadConstraints").Index(index);
            if (Labels.GetValueOrDefault(constraint.Text("topologyKey")) is { } why)
            {
                told.Add($"{spread.Field("topologyKey")}: {constraint.Text("topologyKey")} is {why}");
            }

            if (!constraint.Has("labelSelector"))
            {
                told.Add($"{spread.Field("labelSelector")}: a null labelSelector results in matching no pod");
            }
        }
    }

    private static void Term(JsonObject term, FieldPath path, List<string> told)
    {
        foreach (var (index, expression) in term.Items("matchExpressions").Index())
        {
            if (Labels.GetValueOrDefault(expression.Text("key")) is { } why)
            {
                told.Add($"{path.Field("matchExpressions").Index(index).Field("key")}: {expression.Text("key")} is {why}");
            }
        }
    }

    private static void Repeated(JsonObject spec, string list, string field, FieldPath path, List<string> told)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        told.AddRange(spec.Items(list).Index().Where(entry => !seen.Add(entry.Item.Text(field)))
            .Select(entry => $"{path.Field(list).Index(entry.Index).Field(field)}: duplicate {field} \"{entry.Item.Text(field)}\""));
    }

    private static void Container(JsonObject container, JsonObject annotations, FieldPath annotated, FieldPath path, List<string> told)
    {
        var key = "container.seccomp.security.alpha.kubernetes.io/" + container.Text("name");
        if (!HasSeccomp(container) && annotations.Has(key))
        {
            told.Add($"{annotated.Key(key)}: {Seccomp}");
        }

        if (container.Child("resources") is { } resources)
        {
            Fractions(resources, "limits", path.Field("resources"), told);
            Fractions(resources, "requests", path.Field("resources"), told);
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var (index, variable) in container.Items("env").Index())
        {
            var name = variable.Text("name");
            var reference = $"$({name})";
            if (!seen.Add(name) && (variable.Has("valueFrom") || variable.Text("value") == reference || !variable.Text("value").Contains(reference, StringComparison.Ordinal)))
            {
                told.Add($"{path.Field("env").Index(index)}: hides previous definition of \"{name}\", which may be dropped when using apply");
            }
        }
    }

    private static void Ports(JsonObject container, FieldPath path, Dictionary<string, List<(FieldPath Path, JsonObject Port)>> ports, List<string> told)
    {
        foreach (var (index, port) in container.Items("ports").Index())
        {
            var at = path.Field("ports").Index(index);
            var key = $"{port.Number("containerPort")}/{port.Text("protocol")}";
            if (!ports.TryGetValue(key, out var others))
            {
                ports[key] = others = [];
            }

            var (address, host) = (port.Text("hostIP"), port.Number("hostPort") ?? 0);
            foreach (var (other, known) in others)
            {
                if (told.Count >= MostOfPorts)
                {
                    return;
                }

                var (theirs, theirHost) = (known.Text("hostIP"), known.Number("hostPort") ?? 0);
                if (address == theirs && host == theirHost)
                {
                    told.Add($"{at}: duplicate port definition with {other}");
                }
                else if (host == 0 || theirHost == 0)
                {
                    told.Add($"{at}: overlapping port definition with {other}");
                }
                else if (host == theirHost && (address.Length == 0) != (theirs.Length == 0))
                {
                    told.Add($"{at}: dangerously ambiguous port definition with {other}");
                }
            }

            others.Add((at, port));
        }
    }

    private static void Fractions(JsonObject holder, string list, FieldPath path, List<string> told)
    {
        foreach (var resource in (ReadOnlySpan<string>)["memory", "ephemeral-storage"])
        {
            if (holder.Child(list)?.Text(resource) is { Length: > 0 } text && Quantity.TryParse(text, out var amount) && amount.Amount != decimal.Truncate(amount.Amount))
            {
                told.Add($"{path.Field(list).Key(resource)}: fractional byte value \"{text}\" is invalid, must be an integer");
            }
        }
    }

    private static bool HasSeccomp(JsonObject holder) => holder.Child("securityContext")?.Has("seccompProfile") == true;
}
