using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Containers;

/// <summary>What one container is made of, besides its specification.</summary>
/// <param name="SandboxId">The pause container it joins.</param>
/// <param name="VolumePaths">Where each mount of the container is on the host, in the order of <c>volumeMounts</c>.</param>
/// <param name="ResolvConfPath">The pod's own file.</param>
/// <param name="HostsPath">The pod's own file; empty with the host's network, where the host's is seen.</param>
/// <param name="TerminationLogPath">An empty file for the termination message.</param>
public sealed record ContainerIngredients(
    string SandboxId,
    ImmutableArray<KeyValuePair<string, string>> Environment,
    ImmutableArray<string> VolumePaths,
    string ResolvConfPath,
    string HostsPath,
    string TerminationLogPath,
    string ImageUser);

/// <summary>From Kubernetes' specification of a container to the engine's: pure.</summary>
public static class ContainerSpecBuilder
{
    private const long MinCpuShares = 2;
    private const long MaxCpuShares = 262_144;
    private const long CpuPeriod = 100_000;
    private const long MinCpuQuota = 1_000;

    /// <summary>Changes when the container must be made anew: its specification without what may change in place.</summary>
    public static string HashOf(V1Container container)
    {
        var bytes = Encoding.UTF8.GetBytes($"{container.Name}\n{container.Image}");
        return Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];
    }

    /// <summary>Why the container must not run here, in the kubelet's words; empty when it may.</summary>
    public static string Refusal(V1Pod pod, V1Container container, EngineAbilities abilities, string imageUser)
    {
        var context = container.SecurityContext;
        if (context?.Privileged == true && !abilities.Privileged)
        {
            return "privileged containers cannot be started by this node's engine (it lacks CAP_SYS_RESOURCE)";
        }

        if ((context?.RunAsNonRoot ?? pod.Spec.SecurityContext?.RunAsNonRoot) != true)
        {
            return "";
        }

        var user = context?.RunAsUser ?? pod.Spec.SecurityContext?.RunAsUser;
        if (user == 0)
        {
            return "container's runAsUser breaks non-root policy";
        }

        var name = imageUser.Split(':')[0];
        return user is not null ? ""
            : name is "" or "0" or "root" ? "container has runAsNonRoot and image will run as root"
            : long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? ""
            : $"container has runAsNonRoot and image has non-numeric user ({name}), cannot verify user is non-root";
    }

    public static ContainerSpec Sandbox(V1Pod pod, int attempt, NodeAgentSettings settings, EngineAbilities abilities)
    {
        var identity = Identity(pod, ContainerIdentity.Sandbox, attempt);
        var hostNetwork = pod.Spec.HostNetwork == true;
        return new ContainerSpec
        {
            Name = identity.EngineName,
            Image = PauseImage.Reference,
            Labels = ContainerLabels.Of(settings.EngineLabels, pod, identity, ""),
            Hostname = hostNetwork ? "" : HostsFile.Hostname(pod),
            NetworkMode = hostNetwork ? "host" : settings.NetworkName,
            IpcMode = pod.Spec.HostIPC == true ? "host" : "shareable",
            PidMode = pod.Spec.HostPID == true ? "host" : "",
            Sysctls = (pod.Spec.SecurityContext?.Sysctls ?? []).ToImmutableDictionary(sysctl => sysctl.Name, sysctl => sysctl.Value),
            CpuShares = MinCpuShares,
            OomScoreAdjustment = abilities.OomScore(QosClass.SandboxOomScore),
            ReadOnlyRoot = true,
            LogFiles = 1,
        };
    }

    public static ContainerSpec Container(V1Pod pod, V1Container container, int attempt, ContainerIngredients ingredients, NodeAgentSettings settings, EngineAbilities abilities, long memoryCapacity)
    {
        var identity = Identity(pod, container.Name, attempt);
        var variables = ingredients.Environment.ToDictionary(variable => variable.Key, variable => variable.Value, StringComparer.Ordinal);
        var context = container.SecurityContext;
        var podContext = pod.Spec.SecurityContext;
        var privileged = context?.Privileged == true;
        var (shares, quota) = Cpu(container);
        var user = context?.RunAsUser ?? podContext?.RunAsUser;
        var group = context?.RunAsGroup ?? podContext?.RunAsGroup;
        return new ContainerSpec
        {
            Name = identity.EngineName,
            Image = container.Image,
            Labels = Labels(pod, container, identity, ingredients, settings),
            Command = container.Command is { Count: > 0 } command ? Expanded(command) : null,
            Args = container.Args is { Count: > 0 } args ? Expanded(args) : null,
            Environment = [.. ingredients.Environment.Select(variable => $"{variable.Key}={variable.Value}")],
            WorkingDirectory = container.WorkingDir ?? "",
            User = (user, group) switch
            {
                (null, null) => "",
                (null, { } g) => $"{(ingredients.ImageUser.Split(':')[0] is { Length: > 0 } name ? name : "0")}:{g}",
                ({ } u, null) => u.ToString(CultureInfo.InvariantCulture),
                ({ } u, { } g) => $"{u}:{g}",
            },
            SupplementalGroups = [.. (podContext?.SupplementalGroups ?? []).Append(podContext?.FsGroup).OfType<long>().Distinct().Select(id => id.ToString(CultureInfo.InvariantCulture))],
            Tty = container.Tty == true,
            Stdin = container.Stdin == true,
            StdinOnce = container.StdinOnce == true,
            NetworkMode = pod.Spec.HostNetwork == true ? "host" : $"container:{ingredients.SandboxId}",
            IpcMode = pod.Spec.HostIPC == true ? "host" : $"container:{ingredients.SandboxId}",
            PidMode = pod.Spec.HostPID == true ? "host" : pod.Spec.ShareProcessNamespace == true ? $"container:{ingredients.SandboxId}" : "",
            Mounts = Mounts(pod, container, ingredients),
            Privileged = privileged,
            ReadOnlyRoot = context?.ReadOnlyRootFilesystem == true,
            CapabilitiesAdded = [.. context?.Capabilities?.Add ?? []],
            CapabilitiesDropped = [.. context?.Capabilities?.Drop ?? []],
            SecurityOptions = SecurityOptions(pod, context, privileged),
            CpuShares = shares,
            CpuQuota = quota,
            CpuPeriod = quota > 0 ? CpuPeriod : 0,
            MemoryLimit = QosClass.Amount(container.Resources?.Limits, "memory")?.Value ?? 0,
            OomScoreAdjustment = abilities.OomScore(QosClass.OomScore(pod, container, memoryCapacity)),
            LogFileBytes = settings.LogFileBytes,
            LogFiles = settings.LogFiles,
        };

        ImmutableArray<string> Expanded(IEnumerable<string> words) => [.. words.Select(word => EnvironmentBuilder.Expand(word, variables.GetValueOrDefault))];
    }

    public static ContainerIdentity Identity(V1Pod pod, string container, int attempt) =>
        new(pod.Metadata.NamespaceProperty, pod.Metadata.Name, pod.Metadata.Uid, container, attempt);

    /// <summary>Shares of the processor from the request (or the limit where there is no request), quota from the limit.</summary>
    internal static (long Shares, long Quota) Cpu(V1Container container)
    {
        var request = QosClass.Amount(container.Resources?.Requests, "cpu");
        var limit = QosClass.Amount(container.Resources?.Limits, "cpu");
        var milli = (request ?? limit)?.MilliValue ?? 0;
        var shares = milli == 0 ? MinCpuShares : Math.Clamp(milli * 1024 / 1000, MinCpuShares, MaxCpuShares);
        var quota = limit is { Sign: > 0 } ? Math.Max(limit.Value.MilliValue * CpuPeriod / 1000, MinCpuQuota) : 0;
        return (shares, quota);
    }

    private static ImmutableDictionary<string, string> Labels(V1Pod pod, V1Container container, ContainerIdentity identity, ContainerIngredients ingredients, NodeAgentSettings settings) =>
        ContainerLabels.Of(settings.EngineLabels, pod, identity, HashOf(container))
            .SetItem(ContainerLabels.TerminationLog, ingredients.TerminationLogPath)
            .SetItem(ContainerLabels.SandboxId, ingredients.SandboxId);

    /// <summary>A pod may mount a claim for reading only, whatever its containers say.</summary>
    private static bool IsReadOnlyClaim(V1Pod pod, string volume) =>
        pod.Spec.Volumes?.Any(candidate => candidate.Name == volume && candidate.PersistentVolumeClaim?.ReadOnlyProperty == true) == true;

    private static ImmutableArray<ContainerMount> Mounts(V1Pod pod, V1Container container, ContainerIngredients ingredients)
    {
        var mounts = ImmutableArray.CreateBuilder<ContainerMount>();
        var declared = container.VolumeMounts ?? [];
        for (var i = 0; i < declared.Count; i++)
        {
            var propagation = declared[i].MountPropagation switch { "HostToContainer" => "rslave", "Bidirectional" => "rshared", _ => "" };
            mounts.Add(new ContainerMount(ingredients.VolumePaths[i], declared[i].MountPath, declared[i].ReadOnlyProperty == true || IsReadOnlyClaim(pod, declared[i].Name), propagation));
        }

        AddUnlessDeclared(ingredients.ResolvConfPath, "/etc/resolv.conf");
        AddUnlessDeclared(ingredients.HostsPath, "/etc/hosts");
        AddUnlessDeclared(ingredients.TerminationLogPath, string.IsNullOrEmpty(container.TerminationMessagePath) ? "/dev/termination-log" : container.TerminationMessagePath);
        return mounts.ToImmutable();

        void AddUnlessDeclared(string source, string target)
        {
            if (source.Length > 0 && mounts.All(mount => mount.Target.TrimEnd('/') != target))
            {
                mounts.Add(new ContainerMount(source, target, ReadOnly: false));
            }
        }
    }

    private static ImmutableArray<string> SecurityOptions(V1Pod pod, V1SecurityContext? context, bool privileged)
    {
        var options = ImmutableArray.CreateBuilder<string>();
        if (context?.AllowPrivilegeEscalation == false)
        {
            options.Add("no-new-privileges");
        }

        // Without a profile the kubelet's default is Unconfined; the engine's own default profile is the safer and is kept unless Unconfined is asked for.
        if (!privileged && (context?.SeccompProfile ?? pod.Spec.SecurityContext?.SeccompProfile)?.Type == "Unconfined")
        {
            options.Add("seccomp=unconfined");
        }

        return options.ToImmutable();
    }
}
