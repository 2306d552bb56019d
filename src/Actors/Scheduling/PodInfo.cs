using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using ActorOrchestrator.Actors.Scheduling.Storage;
using ActorOrchestrator.Actors.Scheduling.Topology;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Scheduling;

/// <summary>A port of the node itself that a pod takes.</summary>
/// <param name="Address">The address it listens on; <c>0.0.0.0</c> is all of them.</param>
public readonly record struct HostPort(string Address, string Protocol, int Port)
{
    public const string AnyAddress = "0.0.0.0";

    public bool Conflicts(HostPort other) => Port == other.Port && Protocol == other.Protocol
        && (Address == other.Address || Address == AnyAddress || other.Address == AnyAddress);
}

/// <summary>What the scheduler knows of a pod, read once from the stored object. Immutable.</summary>
public sealed class PodInfo
{
    public const string DefaultSchedulerName = "default-scheduler";

    // The defaults that upstream's scoring assumes for a container that asks for nothing, so that such pods do not all pile up on one node.
    private const long AssumedMilliCpu = 100;
    private const long AssumedMemory = 200L << 20;

    private string? _kind;

    private PodInfo(StoredObject source) => Source = source;

    public StoredObject Source { get; }
    public ObjectKey Key => Source.Key;
    public string Uid => Source.Uid;

    /// <summary>Empty while the pod is not bound.</summary>
    public string NodeName { get; private init; } = "";

    public string SchedulerName { get; private init; } = DefaultSchedulerName;
    public int Priority { get; private init; }
    public DateTimeOffset Created { get; private init; }
    public long Generation { get; private init; }
    public ResourceAmounts Requests { get; private init; }

    /// <summary>For scoring only: what it asks for, or what is assumed where it asks for nothing.</summary>
    public ResourceAmounts ScoredRequests { get; private init; }

    public ImmutableArray<HostPort> HostPorts { get; private init; } = [];
    public ImmutableArray<KeyValuePair<string, string>> NodeSelector { get; private init; } = [];

    /// <summary>One of the terms must match; default when the pod has no required node affinity.</summary>
    public ImmutableArray<NodeSelectorTerm> RequiredNodeTerms { get; private init; }

    public ImmutableArray<PreferredTerm> PreferredNodeTerms { get; private init; } = [];
    public ImmutableArray<Toleration> Tolerations { get; private init; } = [];
    public ImmutableDictionary<string, string> Labels => Source.Metadata.Labels;

    /// <summary>Neighbours that it must have.</summary>
    public ImmutableArray<PodTerm> RequiredAffinity { get; private init; } = [];

    /// <summary>The pods that all of <see cref="RequiredAffinity"/> speak of; null without any.</summary>
    public PodMatcher? AffinityMatcher { get; private init; }

    /// <summary>Neighbours that it must not have.</summary>
    public ImmutableArray<PodTerm> RequiredAntiAffinity { get; private init; } = [];

    /// <summary>Neighbours that it would like, or with a negative weight would rather not have.</summary>
    public ImmutableArray<PodTerm> PreferredAffinity { get; private init; } = [];

    public ImmutableArray<SpreadConstraint> SpreadConstraints { get; private init; } = [];
    public PodVolumes Volumes { get; private init; } = PodVolumes.None;

    /// <summary>Normalised names of the images of its containers.</summary>
    public ImmutableArray<string> Images { get; private init; } = [];

    /// <summary>Where room is being made for it; empty for nowhere.</summary>
    public string NominatedNodeName { get; private init; } = "";

    /// <summary>It makes nobody leave (<c>preemptionPolicy: Never</c>).</summary>
    public bool NeverPreempts { get; private init; }

    /// <summary>When its node took it up; before that the greatest of all times.</summary>
    public DateTimeOffset Started { get; private init; } = DateTimeOffset.MaxValue;

    /// <summary>It is leaving to make room.</summary>
    public bool IsPreempted { get; private init; }

    /// <summary>It asks for devices by ResourceClaim.</summary>
    public bool HasResourceClaims { get; private init; }

    public ImmutableArray<string> SchedulingGates { get; private init; } = [];

    /// <summary>Succeeded or Failed: it holds nothing of its node any more.</summary>
    public bool IsTerminated { get; private init; }

    public bool IsDeleting { get; private init; }

    /// <summary>The reason and message of the condition PodScheduled when it is False; empty otherwise.</summary>
    public (string Reason, string Message) Unscheduled { get; private init; } = ("", "");

    /// <summary>Equal for pods to which every node, as far as it looks at itself only, answers alike, and that the same pods have to make room for.</summary>
    public string Kind => _kind ??= PodKind.Of(this);

    /// <summary>Where it may go depends on more than the node itself.</summary>
    public bool LooksElsewhere => !RequiredAffinity.IsEmpty || !RequiredAntiAffinity.IsEmpty || !SpreadConstraints.IsEmpty;

    /// <summary>Upstream's <c>MoreImportantPod</c>: by priority, then by how long it has been running.</summary>
    public bool IsMoreImportantThan(PodInfo other) => Priority != other.Priority ? Priority > other.Priority : Started < other.Started;

    public bool HasLabelsOf(PodInfo other) => ReferenceEquals(Labels, other.Labels)
        || (Labels.Count == other.Labels.Count && Labels.All(pair => other.Labels.TryGetValue(pair.Key, out var value) && value == pair.Value));

    public bool Tolerates(Taint taint)
    {
        foreach (var toleration in Tolerations)
        {
            if (toleration.Tolerates(taint))
            {
                return true;
            }
        }

        return false;
    }

    public static PodInfo From(StoredObject pod)
    {
        using var document = JsonDocument.Parse(pod.Utf8);
        var root = document.RootElement;
        var spec = Object(root, "spec");
        var status = Object(root, "status");
        var affinities = Object(spec, "affinity");
        var affinity = Object(affinities, "nodeAffinity");
        var together = Object(affinities, "podAffinity");
        var apart = Object(affinities, "podAntiAffinity");
        var neighbours = PodTerms.Required(together, pod);
        var required = Object(affinity, "requiredDuringSchedulingIgnoredDuringExecution");
        var requests = PodRequests.Of(spec, status);
        return new PodInfo(pod)
        {
            NodeName = Text(spec, "nodeName"),
            SchedulerName = Text(spec, "schedulerName") is { Length: > 0 } name ? name : DefaultSchedulerName,
            Priority = spec.ValueKind == JsonValueKind.Object && spec.TryGetProperty("priority", out var priority) && priority.TryGetInt32(out var number) ? number : 0,
            Created = pod.Metadata.CreationTimestamp ?? DateTimeOffset.MinValue,
            Generation = pod.Metadata.Generation,
            Requests = requests,
            ScoredRequests = Assumed(requests, spec),
            HostPorts = ReadHostPorts(spec),
            NodeSelector = [.. Properties(spec, "nodeSelector")],
            RequiredNodeTerms = required.ValueKind == JsonValueKind.Object
                ? [.. PodRequests.Items(required, "nodeSelectorTerms").Select(NodeSelectorTerm.Read)]
                : default,
            PreferredNodeTerms =
            [
                .. PodRequests.Items(affinity, "preferredDuringSchedulingIgnoredDuringExecution")
                    .Select(item => new PreferredTerm(item.TryGetProperty("weight", out var weight) ? weight.GetInt32() : 0, NodeSelectorTerm.Read(Object(item, "preference")))),
            ],
            Tolerations = [.. PodRequests.Items(spec, "tolerations").Select(Toleration.Read)],
            RequiredAffinity = neighbours,
            AffinityMatcher = neighbours.IsEmpty ? null : PodMatcher.All(neighbours.Select(term => term.Matcher)),
            RequiredAntiAffinity = PodTerms.Required(apart, pod),
            PreferredAffinity = [.. PodTerms.Preferred(together, pod, 1), .. PodTerms.Preferred(apart, pod, -1)],
            SpreadConstraints = PodTerms.Spread(spec, pod),
            Volumes = PodVolumes.Read(spec, pod.Key),
            Images = [.. PodRequests.Items(spec, "initContainers").Concat(PodRequests.Items(spec, "containers")).Select(container => NormalImage(Text(container, "image")))],
            NominatedNodeName = Text(status, "nominatedNodeName"),
            NeverPreempts = Text(spec, "preemptionPolicy") == "Never",
            Started = DateTimeOffset.TryParse(Text(status, "startTime"), CultureInfo.InvariantCulture, out var started) ? started : DateTimeOffset.MaxValue,
            IsPreempted = ReadPreempted(status),
            HasResourceClaims = PodRequests.Items(spec, "resourceClaims").Any(),
            SchedulingGates = [.. PodRequests.Items(spec, "schedulingGates").Select(gate => Text(gate, "name"))],
            IsTerminated = Text(status, "phase") is "Succeeded" or "Failed",
            IsDeleting = pod.Metadata.DeletionTimestamp is not null,
            Unscheduled = ReadUnscheduled(status),
        };
    }

    internal static string Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    internal static JsonElement Object(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) ? value : default;

    private static IEnumerable<KeyValuePair<string, string>> Properties(JsonElement parent, string name)
    {
        var map = Object(parent, name);
        return map.ValueKind == JsonValueKind.Object
            ? map.EnumerateObject().Select(property => KeyValuePair.Create(property.Name, property.Value.GetString() ?? ""))
            : [];
    }

    private static ResourceAmounts Assumed(ResourceAmounts requests, JsonElement spec)
    {
        long cpu = 0, memory = 0;
        foreach (var container in PodRequests.Items(spec, "containers"))
        {
            var asked = Object(Object(container, "resources"), "requests");
            cpu += Object(asked, "cpu").ValueKind == JsonValueKind.Undefined ? AssumedMilliCpu : 0;
            memory += Object(asked, "memory").ValueKind == JsonValueKind.Undefined ? AssumedMemory : 0;
        }

        return requests with { MilliCpu = requests.MilliCpu + cpu, Memory = requests.Memory + memory };
    }

    private static ImmutableArray<HostPort> ReadHostPorts(JsonElement spec)
    {
        ImmutableArray<HostPort> ports = [];
        var sidecars = PodRequests.Items(spec, "initContainers").Where(container => Text(container, "restartPolicy") == "Always");
        foreach (var port in PodRequests.Items(spec, "containers").Concat(sidecars).SelectMany(container => PodRequests.Items(container, "ports")))
        {
            if (port.TryGetProperty("hostPort", out var number) && number.TryGetInt32(out var host) && host > 0)
            {
                var address = Text(port, "hostIP") is { Length: > 0 } given && given != "::" ? given : HostPort.AnyAddress;
                ports = ports.Add(new HostPort(address, Text(port, "protocol") is { Length: > 0 } protocol ? protocol : "TCP", host));
            }
        }

        return ports;
    }

    /// <summary>Upstream's <c>normalizedImageName</c>: a name without a tag or digest is that of <c>latest</c>.</summary>
    private static string NormalImage(string name) =>
        name.Length > 0 && name.LastIndexOf(':') <= name.LastIndexOf('/') ? name + ":latest" : name;

    private static bool ReadPreempted(JsonElement status)
    {
        foreach (var condition in PodRequests.Items(status, "conditions"))
        {
            if (Text(condition, "type") == "DisruptionTarget" && Text(condition, "status") == "True" && Text(condition, "reason") == "PreemptionByScheduler")
            {
                return true;
            }
        }

        return false;
    }

    private static (string Reason, string Message) ReadUnscheduled(JsonElement status)
    {
        foreach (var condition in PodRequests.Items(status, "conditions"))
        {
            if (Text(condition, "type") == "PodScheduled" && Text(condition, "status") == "False")
            {
                return (Text(condition, "reason"), Text(condition, "message"));
            }
        }

        return ("", "");
    }
}
