using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Formats;
using ActorOrchestrator.Host.Api.Patch;

namespace ActorOrchestrator.Host.Api.Resources;

/// <summary>What the query of a write may say: <c>meta/v1</c>'s CreateOptions, UpdateOptions and PatchOptions, told with every cause, in upstream's words and order.</summary>
internal static class WriteQuery
{
    private const string DryRunAll = "All";

    /// <summary>The kind that upstream reads the query of a request into.</summary>
    public static string KindOf(HttpRequest request) => request.Method switch
    {
        "PUT" => "UpdateOptions",
        "PATCH" => "PatchOptions",
        "DELETE" => "DeleteOptions",
        _ => "CreateOptions",
    };

    /// <exception cref="ApiException">422 with every cause.</exception>
    public static void Check(HttpRequest request)
    {
        var patches = HttpMethods.IsPatch(request.Method);
        if (!request.QueryString.HasValue && !patches)
        {
            return;
        }

        var causes = ImmutableArray.CreateBuilder<StatusCause>();
        var query = request.Query;
        if (patches)
        {
            CheckPatch(request, causes);
        }

        FieldManagerName.Check(query["fieldManager"].ToString(), causes);
        CheckDryRun(query["dryRun"], causes);
        var validation = query["fieldValidation"].ToString();
        if (validation is not ("" or "Ignore" or "Strict" or "Warn"))
        {
            causes.Add(new StatusCause(
                "FieldValueNotSupported", $"Unsupported value: \"{validation}\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\"", "fieldValidation"));
        }

        RequestStatuses.ThrowInvalid(KindOf(request), causes);
    }

    /// <summary>Whether nothing is to be kept of what these values go with.</summary>
    /// <exception cref="ApiException">422: a value that is not known.</exception>
    public static bool DryRun(IReadOnlyCollection<string?> values, string kind)
    {
        var causes = ImmutableArray.CreateBuilder<StatusCause>();
        CheckDryRun(values, causes);
        RequestStatuses.ThrowInvalid(kind, causes);
        return IsDryRun(values);
    }

    public static bool IsDryRun(IReadOnlyCollection<string?> values) => values.Contains(DryRunAll);

    internal static void CheckDryRun(IReadOnlyCollection<string?> values, ImmutableArray<StatusCause>.Builder causes)
    {
        if (values.Count > 0 && values.Any(value => value is not (null or "" or DryRunAll)))
        {
            var given = string.Join(',', values.Select(value => $"\"{value}\""));
            causes.Add(new StatusCause("FieldValueNotSupported", $"Unsupported value: [{given}]: supported values: \"{DryRunAll}\"", "dryRun"));
        }
    }

    private static void CheckPatch(HttpRequest request, ImmutableArray<StatusCause>.Builder causes)
    {
        if (RequestBody.MediaTypeOf(request.ContentType) == ApplyEndpoint.MediaType)
        {
            if (request.Query["fieldManager"].ToString().Length == 0)
            {
                causes.Add(new StatusCause("FieldValueRequired", "Required value: is required for apply patch", "fieldManager"));
            }
        }
        else if (request.Query["force"].ToString().Length > 0)
        {
            causes.Add(new StatusCause("FieldValueForbidden", "Forbidden: may not be specified for non-apply patch", "force"));
        }
    }
}
