using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Resources;
using ActorOrchestrator.Host.Api.Warnings;
using k8s.Models;

namespace ActorOrchestrator.Host.Api.Streams;

/// <summary>
/// Connections to pods, services and nodes: <c>exec</c>, <c>attach</c>, <c>portforward</c>, <c>proxy</c>. Admission is asked first, as upstream does,
/// even about what does not exist.
/// </summary>
internal sealed class ConnectEndpoint(IResourceClient client, RevisionReads reads, ProxyForwarder proxy, NodeProxy nodes)
{
    public async Task ConnectAsync(ApiRequest request, Subresource subresource)
    {
        var path = request.Path;

        // The query is not the API's own: of a proxied request it belongs to whoever answers.
        var options = new WriteOptions(request.User, "connect") { View = path.Descriptor, Subresource = subresource.Name, Observer = new RequestAdmissionObserver(request.Http) };
        var connection = ConnectOptions.Read(request, subresource.Kind);
        if (await client.ConnectAsync(path.Key, subresource.Kind, connection, options, request.Http.RequestAborted).ConfigureAwait(false) is { } refused)
        {
            await StatusWriter.WriteAsync(request.Http, refused).ConfigureAwait(false);
            return;
        }

        var snapshot = await reads.ForGetAsync(request).ConfigureAwait(false);
        var isProxy = subresource.Name == "proxy";
        var aim = isProxy ? ProxyTarget.Parse(path.Name) : default;
        var key = isProxy ? path.Key with { Name = aim.Name } : path.Key;
        if (snapshot.Find(key) is not { } target)
        {
            await StatusWriter.WriteAsync(request.Http, ApiStatus.NotFound(key)).ConfigureAwait(false);
            return;
        }

        if (isProxy && key.Type != ResourceTypes.Nodes)
        {
            var location = key.Type == ResourceTypes.Pods ? aim.LocationOf(target.As<V1Pod>()) : aim.LocationOf(target, snapshot);
            await proxy.ForwardAsync(request.Http, location, path.Rest).ConfigureAwait(false);
            return;
        }

        if (isProxy)
        {
            await nodes.ServeAsync(request.Http, target, aim, path.Rest).ConfigureAwait(false);
            return;
        }

        if (key.Type == ResourceTypes.Pods)
        {
            Judge(target.As<V1Pod>(), subresource.Name, request.Http.Request.Query["container"].ToString());
        }

        await StatusWriter.WriteAsync(
            request.Http, RequestStatuses.NotImplemented($"the subresource {path.Descriptor.Plural}/{subresource.Name} is not supported yet by this server")).ConfigureAwait(false);
    }

    private static void Judge(V1Pod pod, string subresource, string container)
    {
        switch (subresource)
        {
            case "portforward":
                PodTarget.MustHaveHost(pod);
                break;
            default:
                PodTarget.ContainerOf(pod, container);
                PodTarget.MustHaveHost(pod);
                break;
        }
    }
}
