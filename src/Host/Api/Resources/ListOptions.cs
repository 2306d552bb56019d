using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;

namespace ActorOrchestrator.Host.Api.Resources;

/// <summary>Which of <c>meta/v1 ListOptions</c> go together, in upstream's words.</summary>
internal static class ListOptions
{
    public const string Exact = "Exact";
    public const string NotOlderThan = "NotOlderThan";
    private const string MatchField = "resourceVersionMatch";
    private const string InitialField = "sendInitialEvents";

    /// <exception cref="ApiException">422 with every cause.</exception>
    public static void CheckList(in ApiRequest request)
    {
        if (!request.Http.Request.QueryString.HasValue)
        {
            return;
        }

        // A list has no use for it, and is refused all the same when it is no number.
        _ = request.Number("timeoutSeconds");
        var causes = ImmutableArray.CreateBuilder<StatusCause>();
        var match = request.Query(MatchField);
        if (match.Length > 0)
        {
            var revision = request.Query("resourceVersion");
            Forbid(causes, MatchField, "resourceVersionMatch is forbidden unless resourceVersion is provided", revision.Length == 0);
            Forbid(causes, MatchField, "resourceVersionMatch is forbidden when continue is provided", request.Query("continue").Length > 0);
            Supported(causes, match, $"\"{Exact}\", \"{NotOlderThan}\", \"\"", match is Exact or NotOlderThan);
            Forbid(causes, MatchField, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"", match == Exact && revision == "0");
        }

        Forbid(causes, InitialField, "sendInitialEvents is forbidden for list", request.Query(InitialField).Length > 0);
        RequestStatuses.ThrowInvalid("ListOptions", causes);
    }

    /// <exception cref="ApiException">422 with every cause.</exception>
    public static void CheckWatch(in ApiRequest request)
    {
        if (!request.Http.Request.QueryString.HasValue)
        {
            return;
        }

        var causes = ImmutableArray.CreateBuilder<StatusCause>();
        var match = request.Query(MatchField);
        var initial = request.Query(InitialField);
        Forbid(causes, MatchField, $"sendInitialEvents requires setting resourceVersionMatch to {NotOlderThan}", initial.Length > 0 && match != NotOlderThan);
        if (match.Length > 0)
        {
            Forbid(causes, MatchField, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided", initial.Length == 0);
            Supported(causes, match, $"\"{NotOlderThan}\"", match == NotOlderThan);
            Forbid(causes, MatchField, "resourceVersionMatch is forbidden when continue is provided", request.Query("continue").Length > 0);
        }

        RequestStatuses.ThrowInvalid("ListOptions", causes);
    }

    private static void Forbid(ImmutableArray<StatusCause>.Builder causes, string field, string detail, bool when)
    {
        if (when)
        {
            causes.Add(new StatusCause("FieldValueForbidden", $"Forbidden: {detail}", field));
        }
    }

    private static void Supported(ImmutableArray<StatusCause>.Builder causes, string match, string supported, bool isSupported)
    {
        if (!isSupported)
        {
            causes.Add(new StatusCause("FieldValueNotSupported", $"Unsupported value: \"{match}\": supported values: {supported}", MatchField));
        }
    }
}
