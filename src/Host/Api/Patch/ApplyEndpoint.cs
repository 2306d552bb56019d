using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Apply;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Formats;
using ActorOrchestrator.Host.Api.Resources;

namespace ActorOrchestrator.Host.Api.Patch;

/// <summary>Server-side apply: a PATCH with a whole configuration, which makes the object when there is none.</summary>
internal sealed class ApplyEndpoint(IResourceClient client, ICatalogSource catalog, WriteEndpoint writes, ApiSettings settings, TimeProvider time)
{
    public const string MediaType = "application/apply-patch+yaml";

    /// <summary>How often somebody else may make or delete the object in between.</summary>
    private const int Attempts = 8;

    public async Task ApplyAsync(ApiRequest request, string subresource)
    {
        var format = request.Format;
        var (options, force) = Options(request, subresource);
        var body = await RequestBody.ReadAsync(request.Http, settings.MaxBodyBytes).ConfigureAwait(false);
        var config = Read(body, out var duplicates);
        var wrong = WriteEndpoint.CheckName(request, config) ?? CheckDuplicates(options.Fields, duplicates);
        if (wrong is not null)
        {
            await StatusWriter.WriteAsync(request.Http, wrong).ConfigureAwait(false);
            return;
        }

        var (result, created) = await ApplyAsync(request, config, force, options).ConfigureAwait(false);
        WriteEndpoint.Warn(request.Http, options.Fields, duplicates);
        await writes.WriteAsync(request, result, format, created ? 201 : 200).ConfigureAwait(false);
    }

    /// <summary>The options of an apply, which needs a field manager and may be forced.</summary>
    /// <exception cref="ApiException">422.</exception>
    public static (WriteOptions Options, bool Force) Options(in ApiRequest request, string subresource)
    {
        var options = request.Write(subresource.Length == 0 ? "apply" : $"apply {subresource}", subresource) with { OwnershipSettled = true, Applies = true };
        return (options, request.Flag("force"));
    }

    /// <summary>Reads what is applied, which is YAML and so mostly also JSON.</summary>
    /// <exception cref="ApiException">400.</exception>
    public static JsonObject Read(byte[] body, out List<string>? duplicates)
    {
        var looksLikeJson = body.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'{', ..];
        JsonNode? config;
        try
        {
            config = looksLikeJson ? RequestBody.Parse(Syntax.Json, body, out duplicates) : ReadYaml(body, out duplicates);
        }
        catch (ApiException) when (looksLikeJson)
        {
            config = ReadYaml(body, out duplicates);
        }

        if (duplicates is not null)
        {
            // It is told in the words of YAML, with the line, whatever it was written in.
            RequestBody.Parse(Syntax.Yaml, body, out duplicates);
            duplicates = duplicates?.ConvertAll(finding => "error converting YAML to JSON: " + finding);
        }

        return config as JsonObject ?? throw ApiException.BadRequest("error decoding patch: a configuration that is applied is an object");
    }

    private static JsonNode? ReadYaml(byte[] body, out List<string>? duplicates)
    {
        try
        {
            return RequestBody.Parse(Syntax.Yaml, body, out duplicates);
        }
        catch (ApiException malformed)
        {
            throw ApiException.BadRequest($"error decoding YAML: {malformed.Status.Message}");
        }
    }

    private async Task<(ResourceResult Result, bool Created)> ApplyAsync(ApiRequest request, JsonObject config, bool force, WriteOptions options)
    {
        var key = request.Path.Key;
        var fields = FieldManager.For(catalog.Current, request.Descriptor, options, time.GetUtcNow());
        for (var attempt = 1; ; attempt++)
        {
            var updated = await client.UpdateAsync(
                key, (stored, text, tree) =>
                {
                    var answer = fields.Apply(tree, (JsonObject)config.DeepClone(), force, text);
                    return answer.Object is { } applied && PatchedObject.Check(request, stored, applied) is { } refused ? refused : answer;
                },
                options, request.Http.RequestAborted).ConfigureAwait(false);
            var missing = updated.Failure is { Code: 404 } failure && failure.Name == key.Name && failure.Kind == key.Type.Plural;
            if (!missing || options.Subresource.Length > 0)
            {
                return (updated, false);
            }

            var merged = fields.Apply(null, (JsonObject)config.DeepClone(), force);
            if ((merged.Refusal ?? CheckNew(request, merged.Object!)) is { } refused)
            {
                return (ResourceResult.Failed(refused), false);
            }

            var created = await client.CreateAsync(key.Type, key.Namespace, merged.Object!, options, request.Http.RequestAborted).ConfigureAwait(false);
            if (created.Failure?.Reason != "AlreadyExists" || attempt == Attempts)
            {
                return (created, created.Ok);
            }
        }
    }

    private static ApiStatus? CheckNew(in ApiRequest request, JsonObject obj)
    {
        var metadata = obj.Object("metadata");
        if (JsonNodes.Text(metadata, "uid") is { Length: > 0 } uid)
        {
            return ApiStatus.Conflict(request.Path.Key, $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");
        }

        return JsonNodes.Text(metadata, "name").Length == 0 ? WriteEndpoint.Unnamed(request) : null;
    }

    private static ApiStatus? CheckDuplicates(FieldAudit? audit, List<string>? duplicates) => duplicates is null || audit is not { Strict: true }
        ? null
        : ApiStatus.BadRequest($"error strict decoding YAML: {string.Join(", ", duplicates)}");
}
