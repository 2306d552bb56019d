using System.Collections.Immutable;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;

namespace ActorOrchestrator.Actors.NodeAgent.Pods;

/// <summary>What a pod's actors tell each other; none of it leaves the node's own actor system.</summary>
public static class PodMessages
{
    /// <summary>The pod's object is newer.</summary>
    public sealed record PodChanged(StoredObject Pod) : INoSerializationVerificationNeeded;

    /// <summary>The pod's object is gone: stop, clean up, confirm to nobody.</summary>
    public sealed record PodRemoved : INoSerializationVerificationNeeded;

    /// <summary>A ConfigMap or Secret that the pod names has changed, or has come or gone.</summary>
    public sealed record NeedsChanged : INoSerializationVerificationNeeded;

    /// <summary>Something happened to a container of the pod.</summary>
    public sealed record ContainerEvent(EngineEvent Event, ContainerIdentity Identity) : INoSerializationVerificationNeeded;

    /// <summary>Every container of the pod (or of one container's name) that the engine has.</summary>
    public sealed record Listed(ImmutableArray<EngineContainer> Containers) : INoSerializationVerificationNeeded;

    /// <summary>Everything of the pod is gone from the node, and the control plane knows.</summary>
    public sealed record PodGone(string Uid) : INoSerializationVerificationNeeded;

    /// <summary>The node is shut down: end for good, within this time or the pod's own if that is shorter. Answered by <see cref="PodEnded"/>, or by <see cref="PodGone"/>.</summary>
    public sealed record EndWithNode(TimeSpan Grace) : INoSerializationVerificationNeeded;

    /// <summary>Nothing of the pod runs any more, and the control plane knows.</summary>
    public sealed record PodEnded(string Uid) : INoSerializationVerificationNeeded;

    /// <summary>The pod's pause container.</summary>
    /// <param name="Id">Empty while there is none.</param>
    /// <param name="IsUp">It runs and has its address; the pod's own files are written.</param>
    public sealed record SandboxView(string Id, int Attempt, bool IsUp, string Ip) : INoSerializationVerificationNeeded
    {
        public static readonly SandboxView None = new("", -1, false, "");
    }

    /// <summary>Make the pause container of this attempt, or go on with one that is there.</summary>
    public sealed record BeginSandbox(int Attempt, EngineContainer? Existing) : INoSerializationVerificationNeeded;

    public sealed record StopSandbox : INoSerializationVerificationNeeded;

    /// <summary>The volumes are set up: host paths by volume name.</summary>
    public sealed record VolumesReady(ImmutableDictionary<string, string> Paths) : INoSerializationVerificationNeeded;

    /// <summary>The container's turn has come.</summary>
    public sealed record Release : INoSerializationVerificationNeeded;

    /// <summary>The sandbox is gone: end what runs in it, and wait for the next.</summary>
    public sealed record SandboxLost(TimeSpan Grace) : INoSerializationVerificationNeeded;

    /// <summary>End for good within the grace period. Answered by <see cref="ContainerStopped"/>; a shorter grace may follow.</summary>
    public sealed record StopContainer(TimeSpan Grace) : INoSerializationVerificationNeeded;

    public sealed record ContainerStopped(string Name) : INoSerializationVerificationNeeded;

    public sealed record ContainerReport(ContainerView View) : INoSerializationVerificationNeeded;
}
