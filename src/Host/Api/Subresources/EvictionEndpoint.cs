using System.Buffers;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Formats;
using ActorOrchestrator.Host.Api.Resources;

namespace ActorOrchestrator.Host.Api.Subresources;

/// <summary>POST of an Eviction: a deletion that a budget may refuse. No kind of budget is served yet, so none does.</summary>
internal sealed class EvictionEndpoint(IResourceClient client, ApiSettings settings)
{
    public async Task EvictAsync(ApiRequest request)
    {
        var format = request.ObjectFormat;
        var options = request.Write("evict", "eviction");
        var body = await RequestBody.ReadAsync(request.Http, settings.MaxBodyBytes).ConfigureAwait(false);
        var eviction = RequestBody.ReadObject(request.Http.Request.ContentType, body, out _);
        if (WriteEndpoint.CheckKind(eviction, "Eviction", "policy/v1", "policy/v1beta1") is { } wrong)
        {
            await StatusWriter.WriteAsync(request.Http, wrong).ConfigureAwait(false);
            return;
        }

        var name = JsonNodes.Text(eviction.Object("metadata"), "name");
        if (name.Length > 0 && name != request.Path.Name)
        {
            await StatusWriter.WriteAsync(request.Http, ApiStatus.BadRequest("name in URL does not match name in Eviction object")).ConfigureAwait(false);
            return;
        }

        var delete = eviction.Object("deleteOptions");
        var deletion = new DeleteRequest(JsonNodes.Number(delete, "gracePeriodSeconds"))
        {
            PreconditionUid = JsonNodes.Text(delete.Object("preconditions"), "uid") is { Length: > 0 } uid ? uid : null,
        };
        var dryRun = options.DryRun || WriteQuery.DryRun(JsonNodes.Strings(delete, "dryRun"), "DeleteOptions");
        var result = await client.DeleteAsync(request.Path.Key, deletion, options with { DryRun = dryRun }, request.Http.RequestAborted).ConfigureAwait(false);
        if (result.Failure is { } failure)
        {
            await StatusWriter.WriteAsync(request.Http, failure).ConfigureAwait(false);
            return;
        }

        var buffer = new ArrayBufferWriter<byte>(128);
        StatusWriter.WriteCreated(buffer);
        await ObjectResponse.WriteBytesAsync(request.Http, buffer.WrittenMemory, format, 201).ConfigureAwait(false);
    }
}
