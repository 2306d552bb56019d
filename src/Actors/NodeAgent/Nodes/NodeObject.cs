using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.NodeAgent.Nodes;

/// <summary>What a Node's status is computed from.</summary>
/// <param name="NotReady">Why pods cannot run, in the kubelet's words; empty when they can.</param>
public sealed record ObservedNode(MachineFacts Machine, EngineInfo Engine, EngineAbilities Abilities, string NotReady, DateTimeOffset Now);

/// <summary>The Node object as a kubelet registers and keeps it: pure.</summary>
public static class NodeObject
{
    /// <summary>The Kubernetes version whose behaviour this is.</summary>
    public const string KubeletVersion = "v1.34.0";

    public static NodeResources ResourcesOf(MachineFacts machine, EngineInfo engine, NodeAgentSettings settings) => new(
        settings.Address.Length > 0 ? settings.Address : machine.Address,
        engine.MemoryBytes,
        Left(Quantity.Of(engine.Cpus), settings.ReservedCpu),
        Left(Quantity.OfBytes(engine.MemoryBytes), settings.ReservedMemory),
        Quantity.OfBytes(machine.DiskBytes));

    public static JsonObject Create(ObservedNode observed, NodeAgentSettings settings)
    {
        var node = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Node",
            ["metadata"] = new JsonObject { ["name"] = settings.NodeName, ["labels"] = new JsonObject() },
            ["spec"] = new JsonObject(),
        };
        Label(node, observed, settings);
        node["status"] = Status(observed, settings, null);
        return node;
    }

    /// <summary>Sets the labels that are this node's own to tell; a person's are left alone. False when all are as they should be.</summary>
    public static bool Label(JsonObject node, ObservedNode observed, NodeAgentSettings settings)
    {
        var metadata = node["metadata"]!.AsObject();
        var labels = metadata["labels"] as JsonObject;
        if (labels is null)
        {
            metadata["labels"] = labels = [];
        }

        var changed = false;
        foreach (var (name, value) in settings.Labels
            .SetItem("kubernetes.io/hostname", settings.NodeName)
            .SetItem("kubernetes.io/os", "linux")
            .SetItem("kubernetes.io/arch", observed.Engine.Architecture)
            .SetItem("beta.kubernetes.io/os", "linux")
            .SetItem("beta.kubernetes.io/arch", observed.Engine.Architecture)
            .OrderBy(label => label.Key, StringComparer.Ordinal))
        {
            if ((string?)labels[name] != value)
            {
                labels[name] = value;
                changed = true;
            }
        }

        return changed;
    }

    /// <param name="observed">What is.</param>
    /// <param name="settings">Of the node.</param>
    /// <param name="previous">The stored status: transition times and others' conditions are kept from it.</param>
    public static JsonObject Status(ObservedNode observed, NodeAgentSettings settings, JsonObject? previous)
    {
        var resources = ResourcesOf(observed.Machine, observed.Engine, settings);
        var status = previous?.DeepClone().AsObject() ?? [];
        status["capacity"] = Resources(Quantity.Of(observed.Engine.Cpus), Quantity.OfBytes(observed.Engine.MemoryBytes), resources.AllocatableStorage, settings.MaxPods);
        status["allocatable"] = Resources(resources.AllocatableCpu, resources.AllocatableMemory, resources.AllocatableStorage, settings.MaxPods);
        status["addresses"] = new JsonArray(
            new JsonObject { ["type"] = "InternalIP", ["address"] = resources.Address },
            new JsonObject { ["type"] = "Hostname", ["address"] = settings.NodeName });
        status["daemonEndpoints"] = new JsonObject { ["kubeletEndpoint"] = new JsonObject { ["Port"] = settings.Port } };
        status["nodeInfo"] = new JsonObject
        {
            ["machineID"] = observed.Machine.MachineId,
            ["systemUUID"] = observed.Machine.SystemUuid,
            ["bootID"] = observed.Machine.BootId,
            ["kernelVersion"] = observed.Engine.KernelVersion,
            ["osImage"] = observed.Machine.OsImage,
            ["containerRuntimeVersion"] = $"docker://{observed.Engine.Version}",
            ["kubeletVersion"] = KubeletVersion,
            ["kubeProxyVersion"] = "",
            ["operatingSystem"] = "linux",
            ["architecture"] = observed.Engine.Architecture,
        };
        status["conditions"] = Conditions(observed, settings, previous);
        return status;
    }

    /// <summary>Whether anything but the heartbeat times differs.</summary>
    public static bool IsNews(JsonObject status, JsonObject? stored)
    {
        if (stored is null)
        {
            return true;
        }

        return !JsonNode.DeepEquals(WithoutHeartbeats(status), WithoutHeartbeats(stored));
    }

    private static JsonObject WithoutHeartbeats(JsonObject status)
    {
        var copy = status.DeepClone().AsObject();
        foreach (var condition in (copy["conditions"] as JsonArray ?? []).OfType<JsonObject>())
        {
            condition.Remove("lastHeartbeatTime");
        }

        return copy;
    }

    private static JsonArray Conditions(ObservedNode observed, NodeAgentSettings settings, JsonObject? previous)
    {
        var memoryIsLow = observed.Machine.MemoryAvailableBytes < settings.MemoryPressureBytes;
        var diskIsLow = observed.Machine.DiskBytes > 0 && observed.Machine.DiskAvailableBytes < observed.Machine.DiskBytes * settings.DiskPressureShare;
        var known = (previous?["conditions"] as JsonArray ?? []).OfType<JsonObject>().ToArray();
        var own = new List<(string Type, bool Holds, string Reason, string Message)>
        {
            memoryIsLow
                ? ("MemoryPressure", true, "KubeletHasInsufficientMemory", "kubelet has insufficient memory available")
                : ("MemoryPressure", false, "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
            diskIsLow
                ? ("DiskPressure", true, "KubeletHasDiskPressure", "kubelet has disk pressure")
                : ("DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
            ("PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
            observed.NotReady.Length == 0
                ? ("Ready", true, "KubeletReady", "kubelet is posting ready status")
                : ("Ready", false, "KubeletNotReady", observed.NotReady),
        };
        if (observed.Abilities.IsLimited)
        {
            own.Insert(3, ("EngineLimited", true, "NoCapSysResource", $"the container engine lacks CAP_SYS_RESOURCE: {observed.Abilities.Limits}"));
        }

        var conditions = new JsonArray();
        foreach (var foreign in known.Where(condition => own.All(mine => mine.Type != (string?)condition["type"]) && (string?)condition["type"] != "EngineLimited"))
        {
            conditions.Add(foreign.DeepClone());
        }

        foreach (var (type, holds, reason, message) in own)
        {
            var before = known.FirstOrDefault(condition => (string?)condition["type"] == type);
            var text = holds ? "True" : "False";
            var since = (string?)before?["status"] == text ? (string?)before!["lastTransitionTime"] : null;
            conditions.Add(new JsonObject
            {
                ["type"] = type,
                ["status"] = text,
                ["lastHeartbeatTime"] = PodStatusBuilder.Time(observed.Now),
                ["lastTransitionTime"] = since ?? PodStatusBuilder.Time(observed.Now),
                ["reason"] = reason,
                ["message"] = message,
            });
        }

        return conditions;
    }

    private static JsonObject Resources(Quantity cpu, Quantity memory, Quantity storage, int pods) => new()
    {
        ["cpu"] = cpu.ToString(),
        ["memory"] = Kibibytes(memory),
        ["ephemeral-storage"] = Kibibytes(storage),
        ["pods"] = pods.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    private static string Kibibytes(Quantity bytes) => Quantity.OfBytes(bytes.Value / 1024 * 1024).ToString();

    private static Quantity Left(Quantity all, string reserved)
    {
        var left = all - Quantity.Parse(reserved);
        return left.Sign > 0 ? left : Quantity.Zero;
    }
}
