using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;

namespace ActorOrchestrator.Host.Api.Resources;

/// <summary>GET of one object.</summary>
internal sealed class ReadEndpoint(RevisionReads reads, ObjectResponse response)
{
    public Task GetAsync(in ApiRequest request)
    {
        var snapshot = reads.ForGetAsync(request);
        return snapshot.IsCompletedSuccessfully
            ? WriteAsync(request, snapshot.Result)
            : AwaitAsync(request, snapshot);
    }

    private async Task AwaitAsync(ApiRequest request, ValueTask<ClusterSnapshot> snapshot) =>
        await WriteAsync(request, await snapshot.ConfigureAwait(false)).ConfigureAwait(false);

    private Task WriteAsync(in ApiRequest request, ClusterSnapshot snapshot) =>
        snapshot.Find(request.Path.Key) is { } obj
            ? response.WriteAsync(request.Http, request.Descriptor, obj, request.Format)
            : StatusWriter.WriteAsync(request.Http, ApiStatus.NotFound(request.Path.Key).Seen(request.Descriptor.Type, request.Descriptor.Group));
}
