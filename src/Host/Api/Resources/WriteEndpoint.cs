using System.Buffers;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Host.Api.Authorization;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Formats;
using ActorOrchestrator.Host.Api.Warnings;

namespace ActorOrchestrator.Host.Api.Resources;

/// <summary>POST, PUT and DELETE of one object.</summary>
internal sealed class WriteEndpoint(IResourceClient client, RequestAuthorization authorization, ObjectResponse response, ApiSettings settings)
{
    /// <summary>How often somebody else may make or delete the object of a PUT in between.</summary>
    private const int Attempts = 8;

    public async Task CreateAsync(ApiRequest request)
    {
        var format = request.Format;
        var options = request.Write("create");
        var body = await RequestBody.ReadAsync(request.Http, settings.MaxBodyBytes).ConfigureAwait(false);
        var obj = Read(request, body, out var duplicates);
        if (CheckKind(request, obj) is { } wrong)
        {
            await StatusWriter.WriteAsync(request.Http, wrong).ConfigureAwait(false);
            return;
        }

        if (CheckDuplicates(request, options.Fields, duplicates, obj, body) is { } repeated)
        {
            await StatusWriter.WriteAsync(request.Http, repeated).ConfigureAwait(false);
            return;
        }

        var result = await client.CreateAsync(request.Descriptor.Type, request.Path.Namespace, obj, options, request.Http.RequestAborted).ConfigureAwait(false);
        Warn(request.Http, options.Fields, duplicates);
        await WriteAsync(request, result, format, 201).ConfigureAwait(false);
    }

    public async Task UpdateAsync(ApiRequest request, string subresource)
    {
        var format = request.Format;
        var options = request.Write(subresource.Length == 0 ? "update" : $"update {subresource}", subresource);
        var body = await RequestBody.ReadAsync(request.Http, settings.MaxBodyBytes).ConfigureAwait(false);
        var obj = Read(request, body, out var duplicates);
        var wrong = CheckKind(request, obj) ?? CheckDuplicates(request, options.Fields, duplicates, obj, body) ?? CheckName(request, obj) ?? CheckNamed(request, obj);
        if (wrong is not null)
        {
            await StatusWriter.WriteAsync(request.Http, wrong).ConfigureAwait(false);
            return;
        }

        var (result, created) = await PutAsync(request, obj, options).ConfigureAwait(false);
        Warn(request.Http, options.Fields, duplicates);
        await WriteAsync(request, result, format, created ? 201 : 200).ConfigureAwait(false);
    }

    /// <summary>Replaces what there is. Of a few kinds what there is not is made, as long as somebody else does not make or delete it all the time.</summary>
    private async Task<(ResourceResult Result, bool Created)> PutAsync(ApiRequest request, JsonObject obj, WriteOptions options)
    {
        // A revision in the body is the client's own compare-and-set; without one the newest object is replaced whatever it is.
        var stated = Revision.TryParse(JsonNodes.Text(obj.Object("metadata"), "resourceVersion"), out var revision) && revision != Revision.None;
        var update = stated ? options with { Expected = revision } : options;
        var unstated = stated || request.Descriptor.UpdatesUnconditionally ? null : UnstatedRevision(request);
        for (var attempt = 1; ; attempt++)
        {
            var result = await client.UpdateAsync(
                request.Path.Key, (_, _) => unstated is null ? (JsonObject)obj.DeepClone() : unstated, update, request.Http.RequestAborted).ConfigureAwait(false);
            if (!request.Descriptor.CreatesOnUpdate || options.Subresource.Length > 0 || !IsMissing(result, request.Path.Key))
            {
                return (result, false);
            }

            result = await CreateOnUpdateAsync(request, (JsonObject)obj.DeepClone(), options).ConfigureAwait(false);
            if (result.Failure?.Reason != "AlreadyExists" || attempt == Attempts)
            {
                return (result, result.Ok);
            }
        }
    }

    private Task<ResourceResult> CreateOnUpdateAsync(in ApiRequest request, JsonObject obj, WriteOptions options)
    {
        var key = request.Path.Key;
        var metadata = obj.Object("metadata")!;
        if (JsonNodes.Text(metadata, "uid") is { Length: > 0 } uid)
        {
            return Task.FromResult(ResourceResult.Failed(ApiStatus.Conflict(key, $"Precondition failed: UID in precondition: {uid}, UID in object meta: ")));
        }

        var attributes = RequestReading.AttributesOf(request.Http.Request, "create", request.Path, request.Http.Request.Path.Value ?? "");
        var decision = authorization.Decide(request.User, attributes);
        if (!decision.IsAllowed)
        {
            return Task.FromResult(ResourceResult.Failed(ForbiddenStatus.For(request.User, attributes, decision.Reason)));
        }

        // Whatever revision it had when it was there.
        metadata.Remove("resourceVersion");
        return client.CreateAsync(key.Type, key.Namespace, obj, options, request.Http.RequestAborted);
    }

    /// <summary>The object is what is missing, not its namespace.</summary>
    private static bool IsMissing(ResourceResult result, in ObjectKey key) =>
        result.Failure is { Code: 404 } failure && failure.Name == key.Name && failure.Kind == key.Type.Plural;

    /// <summary>Upstream names the resource here, where it names the kind everywhere else.</summary>
    private static ApiStatus UnstatedRevision(in ApiRequest request) => ApiStatus.Invalid(
        request.Path.Key, request.Descriptor.Plural, [new StatusCause("FieldValueInvalid", "Invalid value: 0: must be specified for an update", "metadata.resourceVersion")]);

    public async Task DeleteAsync(ApiRequest request)
    {
        var format = request.Format;
        var (delete, dryRun, cascades) = await DeleteOptions.ReadAsync(request, settings.MaxBodyBytes).ConfigureAwait(false);
        DeletionWarnings.Add(request, delete);
        var options = new WriteOptions(request.User, "delete") { View = request.Descriptor, DryRun = dryRun, Observer = new RequestAdmissionObserver(request.Http) };
        var result = await client.DeleteAsync(request.Path.Key, delete, options, request.Http.RequestAborted).ConfigureAwait(false);
        if (result.Failure is { } failure)
        {
            await StatusWriter.WriteAsync(request.Http, failure.Seen(request.Descriptor.Type, request.Descriptor.Group)).ConfigureAwait(false);
        }
        else if (result.Gone && !ReturnsDeleted(request.Descriptor.Type))
        {
            var buffer = new ArrayBufferWriter<byte>(256);
            StatusWriter.WriteSuccess(buffer, request.Path.Key, result.Object?.Uid ?? "");
            await ObjectResponse.WriteBytesAsync(request.Http, buffer.WrittenMemory, format with { Shape = ResponseShape.Objects }).ConfigureAwait(false);
        }
        else
        {
            // 202 only for those who asked for the cascade in the old way, as upstream has kept it.
            var code = cascades && !result.Gone ? 202 : 200;
            await response.WriteAsync(request.Http, request.Descriptor, result.Object!, format, code).ConfigureAwait(false);
        }
    }

    public Task WriteAsync(in ApiRequest request, ResourceResult result, ResponseFormat format, int code) =>
        result.Failure is { } failure
            ? StatusWriter.WriteAsync(request.Http, failure.Seen(request.Descriptor.Type, request.Descriptor.Group))
            : response.WriteAsync(request.Http, request.Descriptor, result.Object!, format, code);

    /// <summary>The kinds whose completed deletion answers with the object; all others answer with a Status.</summary>
    private static bool ReturnsDeleted(ResourceType type) => type is
    {
        Group: "",
        Plural: "pods" or "podtemplates" or "persistentvolumes" or "persistentvolumeclaims" or "resourcequotas" or "services" or "serviceaccounts",
    };

    /// <summary>The object of a body. Of custom kinds there is no form in protobuf, which upstream tells of the content type and not of the bytes.</summary>
    /// <exception cref="ApiException">415 or 400.</exception>
    private static JsonObject Read(in ApiRequest request, byte[] body, out List<string>? duplicates)
    {
        var contentType = request.Http.Request.ContentType;
        return request.Descriptor.Custom is not null && RequestBody.MediaTypeOf(contentType) == ResponseFormat.Protobuf
            ? throw new ApiException(RequestStatuses.UnsupportedMediaType("application/json, application/yaml"))
            : RequestBody.ReadObject(contentType, body, out duplicates);
    }

    /// <summary>A body may leave its kind out, unless the kind is a custom one; when it names one it must be the URL's.</summary>
    internal static ApiStatus? CheckKind(in ApiRequest request, JsonObject obj)
    {
        var apiVersion = JsonNodes.Text(obj, "apiVersion");
        var kind = JsonNodes.Text(obj, "kind");
        var descriptor = request.Descriptor;
        if (kind.Length == 0 && descriptor.Custom is not null)
        {
            var text = obj.ToJsonString();
            return ApiStatus.BadRequest(
                $"the object provided is unrecognized (must be of type {descriptor.Kind}): Object 'Kind' is missing in '{text}' ({(text.Length > 30 ? text[..30] + " ..." : text)})");
        }

        if ((apiVersion.Length > 0 || descriptor.Custom is not null) && apiVersion != descriptor.ApiVersion)
        {
            return ApiStatus.BadRequest($"the API version in the data ({apiVersion}) does not match the expected API version ({descriptor.ApiVersion})");
        }

        if (kind.Length > 0 && kind != descriptor.Kind && descriptor.Custom is not null)
        {
            // Custom objects are told by their validation, under the name that they gave themselves.
            return ApiStatus.Invalid(
                request.Path.Key with { Name = JsonNodes.Text(obj.Object("metadata"), "name") }, kind,
                [new StatusCause("FieldValueInvalid", $"Invalid value: \"{kind}\": must be {descriptor.Kind}", "kind")]);
        }

        return kind.Length > 0 && kind != descriptor.Kind
            ? ApiStatus.BadRequest($"{kind} in version \"{descriptor.Version}\" cannot be handled as a {descriptor.Kind}: the kind in the data does not match the kind of the resource")
            : null;
    }

    /// <summary>The same of a subresource with a kind of its own.</summary>
    internal static ApiStatus? CheckKind(JsonObject obj, string expected, params ReadOnlySpan<string> apiVersions)
    {
        var apiVersion = JsonNodes.Text(obj, "apiVersion");
        var kind = JsonNodes.Text(obj, "kind");
        return (kind.Length == 0 || kind == expected) && (apiVersion.Length == 0 || apiVersions.Contains(apiVersion))
            ? null
            : ApiStatus.BadRequest($"{kind} in version \"{apiVersion[(apiVersion.LastIndexOf('/') + 1)..]}\" cannot be handled as a {expected}: the kind in the data does not match the kind of the resource");
    }

    /// <summary>Fields that come twice are refused together with those that the kind does not have, in the order in which upstream's decoder meets them.</summary>
    private static ApiStatus? CheckDuplicates(in ApiRequest request, FieldAudit? audit, List<string>? duplicates, JsonObject obj, byte[] body)
    {
        if (duplicates is null || audit is not { Strict: true })
        {
            return null;
        }

        var unknown = StructuralDecoder.Decode(request.Descriptor, (JsonObject)obj.DeepClone()).Warnings;
        var findings = duplicates.Concat(unknown).ToList();
        if (request.Descriptor.Custom is null && duplicates[0].StartsWith("duplicate field", StringComparison.Ordinal))
        {
            findings = JsonText.InOrder(body, findings);
        }

        var list = string.Join(", ", findings);
        return ApiStatus.BadRequest($"{request.Descriptor.Kind} in version \"{request.Descriptor.Version}\" cannot be handled as a {request.Descriptor.Kind}: strict decoding error: {list}");
    }

    internal static void Warn(HttpContext context, FieldAudit? audit, List<string>? duplicates)
    {
        if (audit is null or { Strict: true } || (duplicates is null && audit.Findings.Count == 0))
        {
            return;
        }

        foreach (var warning in (duplicates ?? []).Concat(audit.Findings))
        {
            ResponseWarnings.Add(context, warning.ReplaceLineEndings(" "));
        }
    }

    /// <summary>The name on the URL alone is not enough for a PUT.</summary>
    private static ApiStatus? CheckNamed(in ApiRequest request, JsonObject obj) =>
        JsonNodes.Text(obj.Object("metadata"), "name").Length == 0 ? Unnamed(request) : null;

    internal static ApiStatus Unnamed(in ApiRequest request) =>
        ApiStatus.BadRequest($"the name of the object ({request.Path.Name} based on URL) was undeterminable: name must be provided");

    internal static ApiStatus? CheckName(in ApiRequest request, JsonObject obj)
    {
        var metadata = obj.Object("metadata");
        var name = JsonNodes.Text(metadata, "name");
        if (name.Length > 0 && name != request.Path.Name)
        {
            return ApiStatus.BadRequest($"the name of the object ({name}) does not match the name on the URL ({request.Path.Name})");
        }

        var @namespace = JsonNodes.Text(metadata, "namespace");
        return request.Path.Namespace.Length > 0 && @namespace.Length > 0 && @namespace != request.Path.Namespace
            ? ApiStatus.BadRequest($"the namespace of the object ({@namespace}) does not match the namespace on the request ({request.Path.Namespace})")
            : null;
    }
}
