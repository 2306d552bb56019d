using System.Collections.Immutable;
using ActorOrchestrator.Actors.Controllers;
using ActorOrchestrator.Actors.Controllers.Bootstrap;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.GarbageCollection;
using ActorOrchestrator.Actors.Controllers.HorizontalPodAutoscalers;
using ActorOrchestrator.Actors.Controllers.Nodes;
using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Aggregation;
using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Actors.ServiceNetworking;
using ActorOrchestrator.Contracts.Resources.Catalog;
using Akka.Configuration;

namespace ActorOrchestrator.Actors.Cluster;

/// <summary>
/// Everything that decides, whatever the host around it is made of: scheduler, controllers, sweeps. A host, a simulation and a benchmark compose the same
/// control plane by it.
/// </summary>
/// <param name="Config">Where the rooms read their settings: <c>orchestrator.*</c>.</param>
public sealed record LeaderParts(
    IClusterReader Reader, IResourceClient Client, ICatalogSource Catalog, IEventRecorder Events, TimeProvider Time, Config Config, NetworkSettings Network, BootstrapSettings Bootstrap)
{
    /// <summary>Empties namespaces at the servers behind APIServices; null where there are none.</summary>
    public AggregatedContent? Aggregated { get; init; }

    /// <summary>What pods and nodes used lately. A host that is asked for it also while it does not lead gives one of its own.</summary>
    public ResourceMetrics Metrics { get; init; } = new(MetricsSettings.From(Config.GetConfig("orchestrator.metrics")), Time);

    /// <summary>Connections to servers behind APIServices, of which custom and external metrics are asked; null where there are none.</summary>
    public ApiServiceTransport? Servers { get; init; }

    /// <param name="more">Controllers that need something of the host, such as the authority's key.</param>
    public ImmutableArray<LeaderPart> Build(IEnumerable<ControllerDefinition> more)
    {
        var watchers = ClusterControllers.Actors(
            Reader, Client, Events, Time,
            NodeLifecycleSettings.From(Config.GetConfig("orchestrator.node-lifecycle"), Network), GarbageCollectionSettings.From(Config.GetConfig("orchestrator.garbage-collection")));
        return
        [
            new LeaderPart("scheduler", SchedulerActor.Props(Reader, Client, Events.From("default-scheduler"), Time, SchedulerSettings.From(Config.GetConfig("orchestrator.scheduler")))),
            new LeaderPart("controllers", ControllersActor.Props(
                Reader, Client, Events, Time, ControllersSettings.From(Config.GetConfig("orchestrator.controllers")),
                [.. WorkloadControllers.Definitions(), .. ClusterControllers.Definitions(Catalog, Bootstrap, Aggregated), Autoscaler(), .. more])),
            new LeaderPart("resource-metrics", ResourceMetricsActor.Props(Metrics, Time), HearsUse: true),
            .. watchers.Select(watcher => new LeaderPart(watcher.Name, watcher.Props, HearsNodes: watcher.Name == ClusterControllers.NodeLifecycle)),
        ];
    }

    private ControllerDefinition Autoscaler()
    {
        var settings = AutoscalerSettings.From(Config.GetConfig("orchestrator.horizontal-pod-autoscaler"));
        var servers = Servers is null ? null : new MetricsServers(Reader, Servers, Catalog, settings.MetricsTimeout);
        return new HorizontalPodAutoscalerReconciler(Catalog, Metrics, servers, settings).Definition;
    }
}
