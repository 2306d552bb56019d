using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Warnings;

namespace ActorOrchestrator.Host.Api.Resources;

/// <summary>DELETE of a collection: each object that the selectors choose is deleted by itself; those that went meanwhile are no failure.</summary>
internal sealed class DeleteCollectionEndpoint(IResourceClient client, ListEndpoint lists, ApiSettings settings)
{
    private const int Parallel = 16;

    public async Task DeleteAsync(ApiRequest request)
    {
        var format = request.Format;
        var (delete, dryRun, _) = await DeleteOptions.ReadAsync(request, settings.MaxBodyBytes).ConfigureAwait(false);
        DeletionWarnings.Add(request, delete);
        var page = await lists.SelectAsync(request).ConfigureAwait(false);
        var options = new WriteOptions(request.User, "deletecollection") { View = request.Descriptor, DryRun = dryRun, Observer = new RequestAdmissionObserver(request.Http) };

        // As a list in the client's version, which has to be had before anything goes.
        page = page with { Objects = await ServedView.OfAsync(request.Descriptor, page.Objects, request.Http.RequestAborted).ConfigureAwait(false) };
        foreach (var batch in page.Objects.Chunk(Parallel))
        {
            var results = await Task.WhenAll(batch.Select(obj => client.DeleteAsync(obj.Key, delete, options, request.Http.RequestAborted))).ConfigureAwait(false);
            foreach (var result in results)
            {
                if (result.Failure is { Reason: not "NotFound" } failure)
                {
                    await StatusWriter.WriteAsync(request.Http, failure).ConfigureAwait(false);
                    return;
                }
            }
        }

        // Answered is the list that was asked for, as it was: with a limit a client goes on from its continue token.
        await lists.WriteAsync(request, format, page).ConfigureAwait(false);
    }
}
