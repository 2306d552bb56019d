using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Resources;
using ActorOrchestrator.Host.Api.Warnings;

namespace ActorOrchestrator.Host.Api.Streams;

/// <summary>
/// Connections to pods, services and nodes: <c>exec</c>, <c>attach</c>, <c>portforward</c>, <c>proxy</c>. Admission is asked first, as upstream does,
/// even about what does not exist.
/// </summary>
internal sealed class ConnectEndpoint(IResourceClient client, RevisionReads reads)
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
        var key = subresource.Name == "proxy" ? path.Key with { Name = TargetName(path.Name) } : path.Key;
        await StatusWriter.WriteAsync(
            request.Http,
            snapshot.Find(key) is null
                ? ApiStatus.NotFound(key)
                : RequestStatuses.NotImplemented($"the subresource {path.Descriptor.Plural}/{subresource.Name} is not supported yet by this server")).ConfigureAwait(false);
    }

    /// <summary>Who is meant by <c>[scheme:]name[:port]</c>, as a path names what is proxied to.</summary>
    internal static string TargetName(string name) => name.Split(':') switch
    {
        [var target, _] => target,
        ["http" or "https" or "", var target, _] => target,
        _ => name,
    };
}
