using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Authorization;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Resources;
using ActorOrchestrator.Host.Api.Streams.Commands;
using ActorOrchestrator.Host.Api.Streams.Ports;
using ActorOrchestrator.Host.Api.Warnings;
using k8s.Models;

namespace ActorOrchestrator.Host.Api.Streams;

/// <summary>
/// Connections to pods, services and nodes: <c>exec</c>, <c>attach</c>, <c>portforward</c>, <c>proxy</c>. Admission is asked first, as upstream does,
/// even about what does not exist.
/// </summary>
internal sealed class ConnectEndpoint(
    IResourceClient client, RevisionReads reads, ProxyForwarder proxy, NodeProxy nodes, CommandEndpoint commands, PortForwardEndpoint ports, RequestAuthorization authorization)
{
    public async Task ConnectAsync(ApiRequest request, Subresource subresource)
    {
        var path = request.Path;
        var isProxy = subresource.Name == "proxy";
        if (!isProxy && WhyNotCreate(request) is { } forbidden)
        {
            await StatusWriter.WriteAsync(request.Http, forbidden).ConfigureAwait(false);
            return;
        }

        // The query is not the API's own: of a proxied request it belongs to whoever answers.
        var options = new WriteOptions(request.User, "connect") { View = path.Descriptor, Subresource = subresource.Name, Observer = new RequestAdmissionObserver(request.Http) };
        var connection = ConnectOptions.Read(request, subresource.Kind);
        if (await client.ConnectAsync(path.Key, subresource.Kind, connection, options, request.Http.RequestAborted).ConfigureAwait(false) is { } refused)
        {
            await StatusWriter.WriteAsync(request.Http, refused).ConfigureAwait(false);
            return;
        }

        var snapshot = await reads.ForGetAsync(request).ConfigureAwait(false);
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

        await ConnectPodAsync(request.Http, snapshot, target.As<V1Pod>(), subresource.Name).ConfigureAwait(false);
    }

    private Task ConnectPodAsync(HttpContext http, ClusterSnapshot snapshot, V1Pod pod, string subresource)
    {
        var container = subresource == "portforward" ? "" : PodTarget.ContainerOf(pod, http.Request.Query["container"].ToString());
        PodTarget.MustHaveHost(pod);
        var key = new ObjectKey(ResourceTypes.Nodes, "", pod.Spec.NodeName);
        if (snapshot.Find(key) is not { } node)
        {
            return StatusWriter.WriteAsync(http, ApiStatus.NotFound(key));
        }

        return subresource == "portforward" ? ports.ServeAsync(http, node, pod) : commands.ServeAsync(http, node, pod, container, attaches: subresource == "attach");
    }

    /// <summary>
    /// A WebSocket is asked for by GET, which whoever may only read may do; what comes of it is no reading. So the right to create is asked for too, as upstream does from 1.35 on.
    /// </summary>
    private ApiStatus? WhyNotCreate(in ApiRequest request)
    {
        if (HttpMethods.IsPost(request.Http.Request.Method))
        {
            return null;
        }

        var attributes = RequestReading.AttributesOf(request.Http.Request, "create", request.Path, request.Http.Request.Path.Value ?? "/");
        var decision = authorization.Decide(request.User, attributes);
        return decision.IsAllowed ? null : ForbiddenStatus.For(request.User, attributes, decision.Reason);
    }
}
