using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Patch;
using ActorOrchestrator.Host.Api.Resources;
using ActorOrchestrator.Host.Api.Streams;
using ActorOrchestrator.Host.Api.Subresources;
using ActorOrchestrator.Host.Api.Virtual;
using ActorOrchestrator.Host.Api.Warnings;
using ActorOrchestrator.Host.Api.Watch;

namespace ActorOrchestrator.Host.Api;

/// <summary>From a kind, a verb and a subresource to the endpoint, by what the descriptor allows.</summary>
internal sealed class ResourceEndpoints(
    ReadEndpoint read,
    ListEndpoint list,
    WatchEndpoint watch,
    WriteEndpoint write,
    PatchEndpoint patch,
    DeleteCollectionEndpoint deleteCollection,
    ScaleEndpoint scale,
    BindingEndpoint binding,
    EvictionEndpoint eviction,
    LogEndpoint log,
    ConnectEndpoint connect,
    TokenEndpoint token,
    VirtualResources virtualResources)
{
    public Task ServeAsync(in ApiRequest request, string verb)
    {
        var path = request.Path;
        if (HttpMethods.IsHead(request.Http.Request.Method))
        {
            // Upstream routes no HEAD to a resource; of a watch it would be a connection that never comes free.
            return Fail(request, RequestStatuses.MethodNotAllowed);
        }

        if (verb is not ("get" or "list" or "watch"))
        {
            // Whoever cannot be answered is told so before anything is changed.
            _ = request.Format;
        }

        if (path.Descriptor.DeprecationWarning is { } deprecated)
        {
            ResponseWarnings.Add(request.Http, deprecated);
        }

        if (path.Subresource.Length > 0)
        {
            return ServeSubresource(request, verb);
        }

        if (path.Rest.Length > 0)
        {
            return Fail(request, RequestStatuses.NoSuchPath);
        }

        // A namespaced kind is written in a namespace; across all of them it is only read.
        var unplaced = path.Descriptor.Namespaced && path.Namespace.Length == 0 && (verb is "create" or "deletecollection");
        if (!path.Descriptor.Allows(verb) || unplaced)
        {
            return Fail(request, unplaced && path.Descriptor.Custom is not null ? RequestStatuses.NoSuchPath : RequestStatuses.MethodNotAllowed);
        }

        if (path.Descriptor.Virtual)
        {
            return virtualResources.ServeAsync(request, verb);
        }

        switch (verb)
        {
            case "get": return read.GetAsync(request);
            case "list": return list.ListAsync(request);
            case "watch": return watch.WatchAsync(request);
            case "create" when !path.IsCollection: return Fail(request, RequestStatuses.MethodNotAllowed);
            case "create": return write.CreateAsync(request);
            case "deletecollection": return deleteCollection.DeleteAsync(request);
            case var _ when path.IsCollection: return Fail(request, RequestStatuses.MethodNotAllowed);
            case "update": return write.UpdateAsync(request, "");
            case "patch": return patch.PatchAsync(request, "");
            case "delete": return write.DeleteAsync(request);
            default: return Fail(request, RequestStatuses.MethodNotAllowed);
        }
    }

    private Task ServeSubresource(in ApiRequest request, string verb)
    {
        var path = request.Path;
        var descriptor = path.Descriptor;
        if (descriptor.Subresource(path.Subresource) is not { } subresource || (path.Rest.Length > 0 && subresource.Name != "proxy"))
        {
            return Fail(request, RequestStatuses.NoSuchPath);
        }

        if (!subresource.Allows(verb))
        {
            return Fail(request, RequestStatuses.MethodNotAllowed);
        }

        switch (subresource.Name, verb)
        {
            case ("scale", "get"): return scale.GetAsync(request);
            case ("scale", "update"): return scale.UpdateAsync(request);
            case ("scale", "patch"): return scale.PatchAsync(request);
            case ("binding", "create"): return binding.BindAsync(request);
            case ("eviction", "create"): return eviction.EvictAsync(request);
            case ("token", "create"): return token.CreateAsync(request);
            case ("log", "get"): return log.GetAsync(request);
        }

        return IsViewOfObject(descriptor, subresource) ? ServeView(request, verb, subresource.Name) : connect.ConnectAsync(request, subresource);
    }

    private Task ServeView(in ApiRequest request, string verb, string subresource)
    {
        if (subresource == "ephemeralcontainers" && verb != "get")
        {
            ResponseWarnings.Add(request.Http, "ephemeral containers are kept in the pod's specification; the nodes of this server do not start them yet");
        }

        return verb switch
        {
            "get" => read.GetAsync(request),
            "update" => write.UpdateAsync(request, subresource),
            "patch" => patch.PatchAsync(request, subresource),
            _ => Fail(request, RequestStatuses.MethodNotAllowed),
        };
    }

    /// <summary>The object itself travels, and only a part of it counts: <c>status</c>, <c>finalize</c>, <c>ephemeralcontainers</c>.</summary>
    private static bool IsViewOfObject(ResourceDescriptor descriptor, Subresource subresource) =>
        subresource.Group is null && subresource.Kind == descriptor.Kind && subresource.Name != "log";

    private static Task Fail(in ApiRequest request, ApiStatus status) => StatusWriter.WriteAsync(request.Http, status);
}
