using ActorOrchestrator.Actors.Controllers.Disruption;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Aggregation;
using ActorOrchestrator.Actors.Resources.CustomResources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Access;
using ActorOrchestrator.Host.Api.Aggregation;
using ActorOrchestrator.Host.Api.Documents;
using ActorOrchestrator.Host.Api.Health;
using ActorOrchestrator.Host.Api.Limits;
using ActorOrchestrator.Host.Api.Metrics;
using ActorOrchestrator.Host.Api.Patch;
using ActorOrchestrator.Host.Api.ResourceMetrics;
using ActorOrchestrator.Host.Api.Resources;
using ActorOrchestrator.Host.Api.Streams;
using ActorOrchestrator.Host.Api.Streams.Commands;
using ActorOrchestrator.Host.Api.Streams.Ports;
using ActorOrchestrator.Host.Api.Subresources;
using ActorOrchestrator.Host.Api.Tables;
using ActorOrchestrator.Host.Api.Virtual;
using ActorOrchestrator.Host.Api.Watch;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ActorOrchestrator.Host.Api;

/// <summary>How a host composes the API.</summary>
public static class ApiServerExtensions
{
    /// <summary>Of a host to which no node reports what it uses.</summary>
    private static readonly MetricsSettings Unreported = new(TimeSpan.Zero);

    /// <summary>
    /// Adds the API. The host registers <see cref="IClusterReader"/>, <see cref="IResourceClient"/>, <see cref="ICatalogSource"/>,
    /// <see cref="TimeProvider"/>, <see cref="IReadiness"/> and <see cref="INodeStreams"/>; it may register an <see cref="IResourceMetrics"/>, an <see cref="IReadConsistency"/>
    /// (replicas need <see cref="LeaderReads"/>), authenticators and authorizers of its own before this call.
    /// </summary>
    public static IServiceCollection AddKubernetesApi(this IServiceCollection services, ApiSettings settings)
    {
        services.AddSingleton(settings);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new DynamicCatalog(provider.GetRequiredService<IClusterReader>()));
        services.TryAddSingleton<ICatalogSource>(provider => provider.GetRequiredService<DynamicCatalog>());
        services.TryAddSingleton<IReadConsistency, LocalReads>();
        services.TryAddSingleton<IObjectTables, PrintedTables>();
        services.AddAccess();
        services.AddHttpForwarder();
        services.TryAddSingleton(provider => new ApiServiceTransport(provider.GetRequiredService<IClusterReader>(), null));
        services.TryAddSingleton<RemoteApiServices>();
        services.AddSingleton<AggregationEndpoint>();
        services.AddSingleton<RemoteSchemas>();
        services.AddSingleton<CatalogDocuments>();
        services.AddSingleton<IApiDocuments, AggregatedDocuments>();
        services.AddSingleton<IApiDocuments>(provider => provider.GetRequiredService<CatalogDocuments>());
        services.AddSingleton<RevisionReads>();
        services.AddSingleton<ObjectResponse>();
        services.AddSingleton<ReadEndpoint>();
        services.AddSingleton<ListEndpoint>();
        services.AddSingleton<KindLifetimes>();
        services.AddHostedService(provider => provider.GetRequiredService<KindLifetimes>());
        services.AddSingleton<WatchEndpoint>();
        services.AddSingleton<WriteEndpoint>();
        services.AddSingleton<PatchEndpoint>();
        services.AddSingleton<ApplyEndpoint>();
        services.AddSingleton<DeleteCollectionEndpoint>();
        services.AddSingleton<ScaleEndpoint>();
        services.AddSingleton<BindingEndpoint>();
        services.AddSingleton<IVirtualResource>(provider => provider.GetRequiredService<BindingEndpoint>());
        services.AddSingleton<IVirtualResource, ComponentStatuses>();
        services.TryAddSingleton<IResourceMetrics>(provider => new Actors.Metrics.ResourceMetrics(Unreported, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IVirtualResource, NodeMetricsResource>();
        services.AddSingleton<IVirtualResource, PodMetricsResource>();
        services.AddSingleton<VirtualResources>();
        services.AddSingleton<PodEvictions>();
        services.AddSingleton<EvictionEndpoint>();
        services.AddSingleton<LogEndpoint>();
        services.AddSingleton<ProxyForwarder>();
        services.AddSingleton<NodeProxy>();
        services.AddSingleton<CommandEndpoint>();
        services.AddSingleton<PortForwardEndpoint>();
        services.AddSingleton<ConnectEndpoint>();
        services.AddSingleton<HealthEndpoint>();
        services.AddSingleton<IMetricsSource>(provider => provider.GetRequiredService<HealthEndpoint>());
        services.AddSingleton<ResourceEndpoints>();
        services.AddSingleton<PriorityAndFairness>();
        services.AddSingleton<IMetricsSource>(provider => provider.GetRequiredService<PriorityAndFairness>());
        services.AddSingleton<LimitedRequests>();
        services.AddSingleton<RequestMetrics>();
        services.AddSingleton<IMetricsSource>(provider => provider.GetRequiredService<RequestMetrics>());
        services.AddSingleton<IMetricsSource, AdmissionMetricsSource>();
        services.AddSingleton<IMetricsSource, LedgerMetrics>();
        services.AddSingleton<IMetricsSource, ProcessMetrics>();
        services.AddSingleton<IApiDocuments, MetricsDocument>();
        services.AddSingleton<ApiServer>();
        return services;
    }

    /// <summary>Serves whatever gets here: also paths that nobody serves are answered in the API's words, and only to who may ask.</summary>
    public static void MapKubernetesApi(this IApplicationBuilder app) => app.Run(app.ApplicationServices.GetRequiredService<ApiServer>().ServeAsync);
}
