using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Formats;
using Microsoft.Extensions.Primitives;

namespace ActorOrchestrator.Host.Api.Resources;

/// <summary><c>meta/v1 DeleteOptions</c>, from the body or from the query; <c>Cascades</c> tells that <c>orphanDependents: false</c> asked for it in the old way.</summary>
internal static class DeleteOptions
{
    private static readonly string[] Policies = ["Orphan", "Background", "Foreground"];

    /// <exception cref="ApiException">400 or 422.</exception>
    public static async ValueTask<(DeleteRequest Request, bool DryRun, bool Cascades)> ReadAsync(ApiRequest request, long limit)
    {
        var body = await RequestBody.ReadAsync(request.Http, limit).ConfigureAwait(false);
        if (body.Length == 0)
        {
            var orphanText = request.Query("orphanDependents");
            var orphan = orphanText.Length == 0 ? (bool?)null : request.Flag("orphanDependents");
            var query = request.Http.Request.Query["dryRun"];
            return (Build(request.Number("gracePeriodSeconds"), request.Query("propagationPolicy"), orphan, "", "", query), WriteQuery.IsDryRun(query), orphan == false);
        }

        return Read(RequestBody.ReadObject(request.Http.Request.ContentType, body, out _), request.Http.Request.Query["dryRun"]);
    }

    /// <summary>From an object, such as the one within an Eviction.</summary>
    /// <param name="options">The object.</param>
    /// <param name="queried">What the query says of a dry run. A rehearsal that the query asks for stays one, although upstream reads no query beside a body.</param>
    /// <exception cref="ApiException">400 or 422.</exception>
    public static (DeleteRequest Request, bool DryRun, bool Cascades) Read(JsonObject options, StringValues queried)
    {
        var kind = JsonNodes.Text(options, "kind");
        if (kind is not ("" or "DeleteOptions"))
        {
            throw ApiException.BadRequest($"expected DeleteOptions, got {kind}");
        }

        foreach (var (name, wellFormed) in (ReadOnlySpan<(string, bool)>)
            [
                ("gracePeriodSeconds", options["gracePeriodSeconds"] is null || options.Number("gracePeriodSeconds") is not null),
                ("preconditions", options["preconditions"] is null || options.Object("preconditions") is not null),
                ("dryRun", options["dryRun"] is null || options.Array("dryRun") is not null),
            ])
        {
            if (!wellFormed)
            {
                throw ApiException.BadRequest($"DeleteOptions: the field {name} has a value of a wrong type");
            }
        }

        var preconditions = options.Object("preconditions");
        var dependents = options["orphanDependents"] is null ? (bool?)null : JsonNodes.Flag(options, "orphanDependents");
        string?[] dryRun = [.. JsonNodes.Strings(options, "dryRun"), .. queried];
        var deletion = Build(
            JsonNodes.Number(options, "gracePeriodSeconds"), JsonNodes.Text(options, "propagationPolicy"), dependents,
            JsonNodes.Text(preconditions, "uid"), JsonNodes.Text(preconditions, "resourceVersion"), dryRun);
        return (deletion, WriteQuery.IsDryRun(dryRun), dependents == false);
    }

    private static DeleteRequest Build(long? grace, string policy, bool? orphan, string uid, string revision, IReadOnlyCollection<string?> dryRun)
    {
        var causes = ImmutableArray.CreateBuilder<StatusCause>();
        if (policy.Length > 0 && orphan is not null)
        {
            causes.Add(new StatusCause("FieldValueInvalid", $"Invalid value: \"{policy}\": orphanDependents and deletionPropagation cannot be both set", "propagationPolicy"));
        }

        if (policy.Length > 0 && !Policies.Contains(policy))
        {
            causes.Add(new StatusCause(
                "FieldValueNotSupported", $"Unsupported value: \"{policy}\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"", "propagationPolicy"));
        }

        WriteQuery.CheckDryRun(dryRun, causes);
        RequestStatuses.ThrowInvalid("DeleteOptions", causes);
        if (!Revision.TryParse(revision, out var expected))
        {
            throw ApiException.BadRequest($"preconditions.resourceVersion: \"{revision}\" is not a resource version");
        }

        var propagation = orphan switch
        {
            true => "Orphan",
            false => "Background",
            null => policy.Length == 0 ? null : policy,
        };
        // A negative grace period is the shortest one, as upstream reads it.
        return new DeleteRequest(grace < 0 ? 1 : grace, propagation)
        {
            PreconditionUid = uid.Length == 0 ? null : uid,
            PreconditionRevision = expected == Revision.None ? null : expected,
        };
    }
}
