using System.Collections.Immutable;
using System.Globalization;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Containers;

/// <summary>Whose container this is. What does not carry our labels is never touched; what does can always be told apart and adopted.</summary>
/// <param name="Attempt">How often this container (or the pod's sandbox) was made before.</param>
public sealed record ContainerIdentity(string PodNamespace, string PodName, string PodUid, string Container, int Attempt)
{
    /// <summary>The name that stands for the pod's pause container, as the kubelet uses it.</summary>
    public const string Sandbox = "POD";

    public bool IsSandbox => Container == Sandbox;

    /// <summary>The container's name at the engine, in the kubelet's form. It is unique per attempt: creating twice is a conflict, not a second container.</summary>
    public string EngineName => $"k8s_{Container}_{PodName}_{PodNamespace}_{PodUid}_{Attempt.ToString(CultureInfo.InvariantCulture)}";
}

/// <summary>The labels on every container and network of ours.</summary>
public static class ContainerLabels
{
    public const string ManagedBy = "orchestrator.managed-by";
    public const string Ours = "orchestrator";
    public const string Cluster = "orchestrator.cluster";
    public const string Node = "orchestrator.node";
    public const string PodNamespace = "io.kubernetes.pod.namespace";
    public const string PodName = "io.kubernetes.pod.name";
    public const string PodUid = "io.kubernetes.pod.uid";
    public const string ContainerName = "io.kubernetes.container.name";
    public const string Attempt = "io.kubernetes.container.restartCount";
    public const string SpecHash = "io.kubernetes.container.hash";
    public const string TerminationLog = "io.kubernetes.container.terminationMessagePath";
    public const string SandboxId = "io.kubernetes.sandbox.id";
    public const string Grace = "io.kubernetes.pod.terminationGracePeriod";

    public static ImmutableDictionary<string, string> OfNode(string clusterId, string nodeName) => OfCluster(clusterId).Add(Node, nodeName);

    public static ImmutableDictionary<string, string> OfCluster(string clusterId) =>
        ImmutableDictionary<string, string>.Empty.Add(ManagedBy, Ours).Add(Cluster, clusterId);

    public static ImmutableDictionary<string, string> OfPod(ImmutableDictionary<string, string> node, string uid) => node.Add(PodUid, uid);

    public static ImmutableDictionary<string, string> Of(ImmutableDictionary<string, string> node, V1Pod pod, ContainerIdentity identity, string specHash) =>
        node.SetItem(PodNamespace, identity.PodNamespace)
            .SetItem(PodName, identity.PodName)
            .SetItem(PodUid, identity.PodUid)
            .SetItem(ContainerName, identity.Container)
            .SetItem(Attempt, identity.Attempt.ToString(CultureInfo.InvariantCulture))
            .SetItem(SpecHash, specHash)
            .SetItem(Grace, (pod.Spec.TerminationGracePeriodSeconds ?? 30).ToString(CultureInfo.InvariantCulture));

    /// <summary>Null when the labels are not those of a container of a pod.</summary>
    public static ContainerIdentity? Read(IReadOnlyDictionary<string, string> labels) =>
        labels.TryGetValue(PodUid, out var uid) && labels.TryGetValue(ContainerName, out var container)
            ? new ContainerIdentity(
                labels.GetValueOrDefault(PodNamespace, ""),
                labels.GetValueOrDefault(PodName, ""),
                uid,
                container,
                int.TryParse(labels.GetValueOrDefault(Attempt), NumberStyles.None, CultureInfo.InvariantCulture, out var attempt) ? attempt : 0)
            : null;
}
