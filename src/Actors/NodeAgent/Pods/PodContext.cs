using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.NodeAgent.Nodes;
using ActorOrchestrator.Actors.NodeAgent.Probes;
using ActorOrchestrator.Actors.NodeAgent.Usage;
using ActorOrchestrator.Actors.NodeAgent.Volumes;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Pods;

/// <summary>The ports through which a node agent acts, and its settings.</summary>
public sealed record NodeAgentPorts(IControlPlane ControlPlane, IContainerEngine Engine, INodeFiles Files, INodeMachine Machine, IProber Prober, NodeAgentSettings Settings, TimeProvider Time)
{
    /// <summary>Null where nobody asks what is used.</summary>
    public IUsageMeter? Usage { get; init; }
}

/// <summary>What every actor of a pod works with.</summary>
/// <param name="Images">The node's image actor.</param>
/// <param name="Abilities">Of the engine.</param>
/// <param name="Node">The machine's capacity and address.</param>
public sealed record PodContext(NodeAgentPorts Ports, IActorRef Images, EngineAbilities Abilities, NodeResources Node)
{
    /// <summary>Objects that pods need, from before the agent's start: they serve until the reader has its first state.</summary>
    public required IReadOnlyDictionary<ObjectKey, StoredObject> Checkpointed { get; init; }

    public NodeAgentSettings Settings => Ports.Settings;
    public IContainerEngine Engine => Ports.Engine;
    public DateTimeOffset Now => Ports.Time.GetUtcNow();

    public StoredObject? Find(ObjectKey key)
    {
        var snapshot = Ports.ControlPlane.Reader.Current;
        return snapshot.Revision == Revision.None ? Checkpointed.GetValueOrDefault(key) : snapshot.Find(key);
    }

    public IEnumerable<V1Service> ServicesFor(V1Pod pod)
    {
        var snapshot = Ports.ControlPlane.Reader.Current;
        var services = snapshot.InNamespace(ResourceTypes.Services, pod.Metadata.NamespaceProperty);
        var master = pod.Metadata.NamespaceProperty == "default" ? null : snapshot.Find(new ObjectKey(ResourceTypes.Services, "default", "kubernetes"));
        return (master is null ? services : services.Append(master)).Select(service => service.As<V1Service>());
    }

    public PodFacts FactsOf(V1Pod pod, string sandboxIp) => new(
        Settings.NodeName, Node.Address, pod.Spec.HostNetwork == true ? Node.Address : sandboxIp, Node.AllocatableCpu, Node.AllocatableMemory, Node.AllocatableStorage);

    /// <param name="about">The pod.</param>
    /// <param name="warning">Type Warning.</param>
    /// <param name="reason">The kubelet's reason.</param>
    /// <param name="message">The kubelet's message.</param>
    /// <param name="container">The container it is about; null for the pod.</param>
    public void Record(StoredObject about, bool warning, string reason, string message, string? container = null) =>
        Ports.ControlPlane.Events.Record(about, warning, reason, message, container is null ? null : FieldPathOf(about.As<V1Pod>(), container));

    private static string FieldPathOf(V1Pod pod, string container) =>
        pod.Spec.InitContainers?.Any(init => init.Name == container) == true ? $"spec.initContainers{{{container}}}" : $"spec.containers{{{container}}}";
}
