using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Host.Api.Formats;
using ActorOrchestrator.Host.Api.Resources;

namespace ActorOrchestrator.Host.Api.Patch;

/// <summary>PATCH of an object or of its status.</summary>
internal sealed class PatchEndpoint(IResourceClient client, IClusterReader reader, ApplyEndpoint apply, WriteEndpoint writes, ApiSettings settings)
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
            request.Path.Key, (stored, tree) => Change(request, patch, schema, options.Fields, stored, tree), options, request.Http.RequestAborted).ConfigureAwait(false);
        if (result.Failure is { Decoding: { Length: > 0 } problem })
        {
            result = ResourceResult.Failed(PatchedObject.Undecodable(await ShowAsync(request, patch, schema).ConfigureAwait(false), problem));
        }

        WriteEndpoint.Warn(request.Http, options.Fields, patch.Findings);
        await writes.WriteAsync(request, result, format, 200).ConfigureAwait(false);
    }

    private static ChangeResult Change(in ApiRequest request, PatchDocument patch, ObjectSchema? schema, FieldAudit? audit, StoredObject stored, JsonObject tree)
    {
        var answer = patch.Apply(tree, schema);
        if (answer.Object is not { } patched)
        {
            return answer;
        }

        var kind = request.Descriptor.Custom is null ? null : WriteEndpoint.CheckKind(request, patched);
        if ((kind ?? PatchedObject.Check(request, stored, patched)) is { } refused)
        {
            return refused;
        }

        if (request.Descriptor.Custom is null && !patch.IsStrategic && PatchedObject.OtherKind(request.Descriptor, patched) is { } other)
        {
            return ApiStatus.BadRequest("") with { Decoding = other };
        }

        if (patch.Findings is { } findings && audit is { Strict: true })
        {
            var report = StructuralDecoder.Decode(request.Descriptor, patched);
            return ApiStatus.BadRequest("") with { Decoding = report.TypeError ?? $"strict decoding error: {string.Join(", ", findings.Concat(report.Warnings))}" };
        }

        return answer;
    }

    /// <summary>The patch is applied once more, to what there is now, only to show what it makes of it.</summary>
    private async ValueTask<string> ShowAsync(ApiRequest request, PatchDocument patch, ObjectSchema? schema)
    {
        var stored = reader.Current.Find(request.Path.Key);
        if (stored is not null && !request.Descriptor.ServedAsStored)
        {
            stored = await ServedView.OfAsync(request.Descriptor, stored, request.Http.RequestAborted).ConfigureAwait(false);
        }

        return patch.Show(stored?.ToJson(), schema);
    }
}
