using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Host.Api.Formats;
using ActorOrchestrator.Host.Api.Resources;

namespace ActorOrchestrator.Host.Api.Patch;

/// <summary>PATCH of an object or of its status.</summary>
internal sealed class PatchEndpoint(IResourceClient client, ApplyEndpoint apply, WriteEndpoint writes, ApiSettings settings)
{
    public async Task PatchAsync(ApiRequest request, string subresource)
    {
        if (PatchDocument.IsApply(request))
        {
            await apply.ApplyAsync(request, subresource).ConfigureAwait(false);
            return;
        }

        var format = request.Format;
        var options = request.Write(subresource.Length == 0 ? "patch" : $"patch {subresource}", subresource);
        var body = await RequestBody.ReadAsync(request.Http, settings.MaxBodyBytes).ConfigureAwait(false);
        var patch = PatchDocument.Read(request, body);
        var schema = ObjectSchema.Of(request.Descriptor);
        var result = await client.UpdateAsync(
            request.Path.Key, (_, tree) => patch.Apply(tree, schema), options, request.Http.RequestAborted).ConfigureAwait(false);
        WriteEndpoint.Warn(request.Http, options.Fields, null);
        await writes.WriteAsync(request, result, format, 200).ConfigureAwait(false);
    }
}
