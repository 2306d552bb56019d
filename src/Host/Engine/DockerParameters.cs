using System.Collections.Immutable;
using System.Globalization;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using Docker.DotNet.Models;
using ContainerSpec = ActorOrchestrator.Actors.NodeAgent.Containers.ContainerSpec;
using NetworkSpec = ActorOrchestrator.Actors.NodeAgent.Containers.NetworkSpec;

namespace ActorOrchestrator.Host.Engine;

/// <summary>The port's words in Docker's, and back.</summary>
internal static class DockerParameters
{
    private const string BridgeName = "com.docker.network.bridge.name";

    public static CreateContainerParameters Of(ContainerSpec spec) => new()
    {
        Name = spec.Name,
        Image = spec.Image,
        Labels = spec.Labels.ToDictionary(),
        Entrypoint = spec.Command is { } command ? [.. command] : null!,
        Cmd = spec.Args is { } args ? [.. args] : null!,
        Env = [.. spec.Environment],
        WorkingDir = spec.WorkingDirectory,
        Hostname = spec.Hostname,
        User = spec.User,
        Tty = spec.Tty,
        OpenStdin = spec.Stdin,
        StdinOnce = spec.StdinOnce,
        // Health is the agent's probes; an image's own health check would be a second opinion nobody asked for.
        Healthcheck = new HealthcheckConfig { Test = ["NONE"] },
        HostConfig = new HostConfig
        {
            NetworkMode = spec.NetworkMode,
            IpcMode = spec.IpcMode,
            PidMode = spec.PidMode,
            Binds = [.. spec.Mounts.Select(Bind)],
            Privileged = spec.Privileged,
            ReadonlyRootfs = spec.ReadOnlyRoot,
            CapAdd = [.. spec.CapabilitiesAdded],
            CapDrop = [.. spec.CapabilitiesDropped],
            SecurityOpt = [.. spec.SecurityOptions],
            GroupAdd = [.. spec.SupplementalGroups],
            Sysctls = spec.Sysctls.Count == 0 ? null! : spec.Sysctls.ToDictionary(),
            CPUShares = spec.CpuShares,
            CPUQuota = spec.CpuQuota,
            CPUPeriod = spec.CpuPeriod,
            Memory = spec.MemoryLimit,
            // Memory and swap together: the same figure means no swap, as the kubelet has it.
            MemorySwap = spec.MemoryLimit,
            OomScoreAdj = spec.OomScoreAdjustment,
            CgroupParent = spec.CgroupParent,
            LogConfig = new LogConfig
            {
                Type = "json-file",
                Config = new Dictionary<string, string>
                {
                    ["max-size"] = spec.LogFileBytes.ToString(CultureInfo.InvariantCulture),
                    ["max-file"] = spec.LogFiles.ToString(CultureInfo.InvariantCulture),
                },
            },
            RestartPolicy = new RestartPolicy { Name = RestartPolicyKind.No },
        },
    };

    public static NetworksCreateParameters Of(NetworkSpec spec) => new()
    {
        Name = spec.Name,
        Driver = "bridge",
        Labels = spec.Labels.ToDictionary(),
        IPAM = new IPAM { Driver = "default", Config = [new IPAMConfig { Subnet = spec.Subnet, Gateway = spec.Gateway }] },
        Options = new Dictionary<string, string>
        {
            [BridgeName] = spec.Bridge,
            ["com.docker.network.bridge.enable_ip_masquerade"] = "false",
            ["com.docker.network.bridge.enable_icc"] = "true",
            ["com.docker.network.driver.mtu"] = spec.Mtu.ToString(CultureInfo.InvariantCulture),
        },
    };

    public static EngineContainer Read(ContainerInspectResponse container) => new()
    {
        Id = container.ID,
        Name = container.Name.TrimStart('/'),
        State = container.State!.Running ? EngineContainerState.Running
            : Time(container.State.StartedAt) is null && container.State.Error is null or "" ? EngineContainerState.Created : EngineContainerState.Exited,
        Labels = container.Config?.Labels?.ToImmutableDictionary() ?? ImmutableDictionary<string, string>.Empty,
        ImageId = container.Image,
        CreatedAt = Utc(container.Created),
        StartedAt = Time(container.State.StartedAt),
        FinishedAt = container.State.Running ? null : Time(container.State.FinishedAt),
        ExitCode = (int)container.State.ExitCode,
        OomKilled = container.State.OOMKilled,
        Pid = (int)container.State.Pid,
        Error = container.State.Error ?? "",
        Addresses = container.NetworkSettings?.Networks?.Where(network => !string.IsNullOrEmpty(network.Value.IPAddress))
            .ToImmutableDictionary(network => network.Key, network => network.Value.IPAddress) ?? ImmutableDictionary<string, string>.Empty,
    };

    public static EngineContainer Read(ContainerListResponse container) => new()
    {
        Id = container.ID,
        Name = container.Names.FirstOrDefault()?.TrimStart('/') ?? "",
        State = container.State switch
        {
            "running" or "paused" or "restarting" => EngineContainerState.Running,
            "created" => EngineContainerState.Created,
            _ => EngineContainerState.Exited,
        },
        Labels = container.Labels?.ToImmutableDictionary() ?? ImmutableDictionary<string, string>.Empty,
        ImageId = container.ImageID,
        CreatedAt = Utc(container.Created),
    };

    public static EngineNetwork Read(NetworkResponse network) => new(
        network.Name,
        network.Options?.TryGetValue(BridgeName, out var bridge) == true ? bridge : "",
        [.. network.IPAM?.Config?.Select(config => config.Subnet) ?? []],
        network.Labels?.ToImmutableDictionary() ?? ImmutableDictionary<string, string>.Empty,
        network.Containers?.Count ?? 0);

    /// <summary>Null for what the agent has no use for.</summary>
    public static EngineEvent? Read(Message message)
    {
        var kind = (message.Type, message.Action) switch
        {
            ("container", "create") => EngineEventKind.Created,
            ("container", "start") => EngineEventKind.Started,
            ("container", "die") => EngineEventKind.Died,
            ("container", "oom") => EngineEventKind.OutOfMemory,
            ("container", "destroy") => EngineEventKind.Removed,
            ("image", _) => EngineEventKind.ImageChanged,
            _ => EngineEventKind.Other,
        };
        if (kind == EngineEventKind.Other)
        {
            return null;
        }

        var attributes = message.Actor?.Attributes?.ToImmutableDictionary() ?? ImmutableDictionary<string, string>.Empty;
        var exitCode = int.TryParse(attributes.GetValueOrDefault("exitCode"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var code) ? code : 0;
        var time = DateTimeOffset.UnixEpoch.AddTicks((message.TimeNano ?? (message.Time ?? 0) * 1_000_000_000) / 100);
        return new EngineEvent(kind, message.Actor?.ID ?? "", time, attributes, exitCode);
    }

    private static string Bind(ContainerMount mount)
    {
        var options = string.Join(',', new[] { mount.ReadOnly ? "ro" : "", mount.Propagation }.Where(option => option.Length > 0));
        return options.Length == 0 ? $"{mount.Source}:{mount.Target}" : $"{mount.Source}:{mount.Target}:{options}";
    }

    /// <summary>Docker writes year 1 for "never".</summary>
    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) && time.Year > 1 ? time : null;

    private static DateTimeOffset Utc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
