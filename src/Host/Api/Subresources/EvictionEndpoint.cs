using System.Buffers;
using ActorOrchestrator.Actors.Controllers.Disruption;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Formats;
using ActorOrchestrator.Host.Api.Resources;

namespace ActorOrchestrator.Host.Api.Subresources;

/// <summary>POST of an Eviction: a deletion that a PodDisruptionBudget may refuse.</summary>
internal sealed class EvictionEndpoint(PodEvictions evictions, ApiSettings settings)
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

        var given = request.Http.Request.Query["dryRun"];
        var inner = eviction.Object("deleteOptions") ?? [];
        if (given.Count > 0 && JsonNodes.Strings(inner, "dryRun") is { Count: > 0 } dryRuns && !dryRuns.SequenceEqual(given))
        {
            var different = $"Non-matching dry-run options in request and content: [{string.Join(' ', given.ToArray())}] and [{string.Join(' ', dryRuns)}]";
            await StatusWriter.WriteAsync(request.Http, ApiStatus.InternalError(different)).ConfigureAwait(false);
            return;
        }

        var (deletion, dryRun, _) = DeleteOptions.Read(inner, given);
        var result = await evictions.EvictAsync(request.Path.Key, deletion, options with { DryRun = options.DryRun || dryRun }, request.Http.RequestAborted).ConfigureAwait(false);
        var buffer = new ArrayBufferWriter<byte>(128);
        if (ReferenceEquals(result.Failure, PodEvictions.MoreThanOne))
        {
            StatusWriter.WriteAnswer(buffer, PodEvictions.MoreThanOne);
            await ObjectResponse.WriteBytesAsync(request.Http, buffer.WrittenMemory, format, 201).ConfigureAwait(false);
            return;
        }

        if (result.Failure is { } failure)
        {
            await StatusWriter.WriteAsync(request.Http, failure).ConfigureAwait(false);
            return;
        }

        StatusWriter.WriteCreated(buffer);
        await ObjectResponse.WriteBytesAsync(request.Http, buffer.WrittenMemory, format, 201).ConfigureAwait(false);
    }
}
