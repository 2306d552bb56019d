using ActorOrchestrator.Actors.Controllers.ApiServices;
using ActorOrchestrator.Actors.Controllers.AdmissionPolicies;
using ActorOrchestrator.Actors.Controllers.Bootstrap;
using ActorOrchestrator.Actors.Controllers.CustomResources;
using ActorOrchestrator.Actors.Controllers.Disruption;
using ActorOrchestrator.Actors.Controllers.Endpoints;
using ActorOrchestrator.Actors.Controllers.EndpointSlices;
using ActorOrchestrator.Actors.Controllers.EventExpiry;
using ActorOrchestrator.Actors.Controllers.FlowControl;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.GarbageCollection;
using ActorOrchestrator.Actors.Controllers.Namespaces;
using ActorOrchestrator.Actors.Controllers.Nodes;
using ActorOrchestrator.Actors.Controllers.ResourceQuotas;
using ActorOrchestrator.Actors.Controllers.Storage;
using ActorOrchestrator.Actors.Controllers.StorageProtection;
using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Aggregation;
using ActorOrchestrator.Contracts.Resources.Catalog;
using Akka.Actor;

namespace ActorOrchestrator.Actors.Controllers;

/// <summary>The controllers that belong to the cluster rather than to a workload. Each begins from what is.</summary>
public static class ClusterControllers
{
    /// <summary>The actor of this name takes the <c>NodeMessages.Heartbeat</c>s.</summary>
    public const string NodeLifecycle = "node-lifecycle";

    /// <summary>For the framework's <see cref="ControllersActor"/>, beside those of the workloads.</summary>
    /// <param name="catalog">The kinds that are served.</param>
    /// <param name="bootstrap">What the system objects are made of.</param>
    /// <param name="aggregated">Empties namespaces at the servers behind APIServices; null where there are none.</param>
    public static IEnumerable<ControllerDefinition> Definitions(ICatalogSource catalog, BootstrapSettings bootstrap, AggregatedContent? aggregated = null) =>
    [
        new BootstrapReconciler(bootstrap).Definition,
        new NamespaceDefaultsReconciler(bootstrap.CertificateAuthority).Definition,
        EndpointSliceReconciler.Definition,
        EndpointSliceMirroringReconciler.Definition,
        EndpointsReconciler.Definition,
        new NamespaceReconciler(catalog, aggregated).Definition,
        new GarbageCollectorReconciler(catalog).Definition,
        ResourceQuotaReconciler.Definition,
        new DisruptionBudgetReconciler(catalog).Definition,
        StaleDisruptionReconciler.Definition,
        .. StorageProtectionReconciler.Definitions,
        ClaimReconciler.Definition,
        VolumeReconciler.Definition,
        EphemeralClaimReconciler.Definition,
        new ValidatingAdmissionPolicyReconciler(catalog).Definition,
        CustomResourceDefinitionReconciler.Definition,
        FlowControlReconciler.Definition,
        new LocalApiServiceReconciler(catalog).Definition,
    ];

    /// <summary>Those that watch over many objects at once, by the names of their actors.</summary>
    public static IEnumerable<(string Name, Props Props)> Actors(
        IClusterReader reader, IResourceClient client, IEventRecorder events, TimeProvider time, NodeLifecycleSettings nodes, GarbageCollectionSettings garbage) =>
    [
        (NodeLifecycle, NodeLifecycleActor.Props(reader, client, events.From("node-controller"), time, nodes)),
        ("pod-garbage", SweepActor.Props(
            reader, client, events, time, new PodGarbageSweep(garbage.OrphanQuarantine, garbage.TerminatedPodThreshold), garbage.SweepInterval)),
        ("event-expiry", SweepActor.Props(reader, client, events, time, new EventExpirySweep(garbage.EventTimeToLive), garbage.EventSweepInterval)),
    ];
}
