using ActorOrchestrator.Actors.Controllers.Bootstrap;
using ActorOrchestrator.Actors.Controllers.Endpoints;
using ActorOrchestrator.Actors.Controllers.EndpointSlices;
using ActorOrchestrator.Actors.Controllers.EventExpiry;
using ActorOrchestrator.Actors.Controllers.GarbageCollection;
using ActorOrchestrator.Actors.Controllers.Namespaces;
using ActorOrchestrator.Actors.Controllers.Nodes;
using ActorOrchestrator.Actors.Controllers.Reconciling;
using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using Akka.Actor;

namespace ActorOrchestrator.Actors.Controllers;

/// <summary>The controllers that belong to the cluster rather than to a workload, by the names of their actors. Each begins from what is.</summary>
public static class ClusterControllers
{
    /// <summary>The actor of this name takes the <c>NodeMessages.Heartbeat</c>s.</summary>
    public const string NodeLifecycle = "node-lifecycle";

    public static IEnumerable<(string Name, Props Props)> All(
        IClusterReader reader, IResourceClient client, IEventRecorder events, TimeProvider time, ResourceCatalog catalog, BootstrapSettings bootstrap,
        NodeLifecycleSettings nodes, GarbageCollectionSettings garbage)
    {
        Props Kind(IReconciler reconciler) => ReconcilerActor.Props(reader, client, events, time, reconciler);
        yield return ("bootstrap", Kind(new BootstrapReconciler(bootstrap)));
        yield return ("namespace-defaults", Kind(new NamespaceDefaultsReconciler(bootstrap.CertificateAuthority)));
        yield return (NodeLifecycle, NodeLifecycleActor.Props(reader, client, events, time, nodes));
        yield return ("endpointslices", Kind(new EndpointSliceReconciler()));
        yield return ("endpoints", Kind(new EndpointsReconciler()));
        yield return ("namespaces", Kind(new NamespaceReconciler(catalog)));
        yield return ("garbage-collector", Kind(new GarbageCollectorReconciler(catalog)));
        yield return ("pod-garbage", SweepActor.Props(
            reader, client, events, time, new PodGarbageSweep(garbage.OrphanQuarantine, garbage.TerminatedPodThreshold), garbage.SweepInterval));
        yield return ("event-expiry", SweepActor.Props(reader, client, events, time, new EventExpirySweep(garbage.EventTimeToLive), garbage.EventSweepInterval));
    }
}
