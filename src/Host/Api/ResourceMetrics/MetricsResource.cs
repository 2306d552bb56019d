using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Resources;
using ActorOrchestrator.Host.Api.Virtual;

namespace ActorOrchestrator.Host.Api.ResourceMetrics;

/// <summary>
/// One kind of metrics.k8s.io: for every Node or Pod that there is, what it used lately. Objects without figures are left out of a list, and are not found when
/// they are asked for alone; as long as no node at all has reported, nothing is known and that is said.
/// </summary>
internal abstract class MetricsResource(IClusterReader reader, IResourceMetrics metrics, ObjectResponse response, ListEndpoint lists) : IVirtualResource
{
    public abstract ResourceType Type { get; }

    /// <summary>What is measured.</summary>
    protected abstract ResourceType Measured { get; }

    /// <summary>What metrics-server calls its resource when it does not find one.</summary>
    protected abstract ResourceType NotFoundAs { get; }

    protected IResourceMetrics Metrics => metrics;

    public Task ServeAsync(in ApiRequest request, string verb)
    {
        var cluster = reader.Current;
        if (!metrics.Nodes().Any() && cluster.Count(ResourceTypes.Nodes) > 0)
        {
            return StatusWriter.WriteAsync(request.Http, ApiStatus.Unavailable("metrics are not available yet: no node has reported what it uses (orchestrator.node.metrics-interval)"));
        }

        return verb == "get" ? GetAsync(request, cluster) : ListAsync(request, cluster);
    }

    /// <summary>Null when nothing is known of it.</summary>
    protected abstract StoredObject? Of(StoredObject measured);

    private Task GetAsync(in ApiRequest request, ClusterSnapshot cluster)
    {
        var (@namespace, name) = (request.Path.Namespace, request.Path.Name);
        if (cluster.Find(new ObjectKey(Measured, @namespace, name)) is not { } measured)
        {
            return StatusWriter.WriteAsync(request.Http, ApiStatus.NotFound(new ObjectKey(Measured, @namespace, name)));
        }

        return Of(measured) is { } found
            ? response.WriteAsync(request.Http, request.Descriptor, found, request.Format)
            : StatusWriter.WriteAsync(request.Http, ApiStatus.NotFound(new ObjectKey(NotFoundAs, @namespace, @namespace.Length > 0 ? $"{@namespace}/{name}" : name)));
    }

    private Task ListAsync(in ApiRequest request, ClusterSnapshot cluster)
    {
        ListOptions.CheckList(request);
        var labels = request.Labels();
        var fields = request.Fields();
        var items = new List<StoredObject>();
        foreach (var measured in request.Path.Namespace.Length > 0 ? cluster.InNamespace(Measured, request.Path.Namespace) : cluster.All(Measured))
        {
            if ((labels.IsEverything || labels.Matches(measured.Metadata.Labels)) && Of(measured) is { } found && (fields.IsEverything || fields.Matches(found)))
            {
                items.Add(found);
            }
        }

        return lists.WriteAsync(request, request.Format, new TablePage(items, Revision.None, "", null));
    }
}

internal sealed class NodeMetricsResource(IClusterReader reader, IResourceMetrics metrics, ObjectResponse response, ListEndpoint lists, TimeProvider time)
    : MetricsResource(reader, metrics, response, lists)
{
    private static readonly ResourceType Unknown = new(ResourceTypes.NodeMetrics.Group, "nodemetrics");

    public override ResourceType Type => ResourceTypes.NodeMetrics;

    protected override ResourceType Measured => ResourceTypes.Nodes;

    protected override ResourceType NotFoundAs => Unknown;

    protected override StoredObject? Of(StoredObject measured) => Metrics.Node(measured.Key.Name) is { } usage ? MetricsObjects.Of(measured, usage, time.GetUtcNow()) : null;
}

internal sealed class PodMetricsResource(IClusterReader reader, IResourceMetrics metrics, ObjectResponse response, ListEndpoint lists, TimeProvider time)
    : MetricsResource(reader, metrics, response, lists)
{
    private static readonly ResourceType Unknown = new(ResourceTypes.PodMetrics.Group, "podmetrics");

    public override ResourceType Type => ResourceTypes.PodMetrics;

    protected override ResourceType Measured => ResourceTypes.Pods;

    protected override ResourceType NotFoundAs => Unknown;

    protected override StoredObject? Of(StoredObject measured) =>
        Metrics.Pod(measured.Key.Namespace, measured.Key.Name) is { } usage && usage.Uid == measured.Uid ? MetricsObjects.Of(measured, usage, time.GetUtcNow()) : null;
}
