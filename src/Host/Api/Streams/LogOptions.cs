using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;

namespace ActorOrchestrator.Host.Api.Streams;

/// <summary>The query of <c>pods/log</c>, checked as upstream's <c>ValidatePodLogOptions</c>.</summary>
internal sealed record LogOptions(string Container, bool Previous, string Query)
{
    /// <exception cref="ApiException">422.</exception>
    public static LogOptions Read(in ApiRequest request)
    {
        var causes = ImmutableArray.CreateBuilder<StatusCause>();
        var query = new StringBuilder();
        foreach (var flag in (ReadOnlySpan<string>)["follow", "previous", "timestamps"])
        {
            if (request.Flag(flag))
            {
                Add(query, flag, "true");
            }
        }

        foreach (var (name, least) in (ReadOnlySpan<(string, long)>)[("tailLines", 0), ("sinceSeconds", 1), ("limitBytes", 1)])
        {
            if (request.Number(name) is not { } number)
            {
                continue;
            }

            if (number < least)
            {
                causes.Add(new StatusCause("FieldValueInvalid", $"Invalid value: {number}: must be greater than {(least == 0 ? "or equal to 0" : "0")}", name));
            }

            Add(query, name, number.ToString(CultureInfo.InvariantCulture));
        }

        if (request.Query("sinceTime") is { Length: > 0 } since)
        {
            if (!DateTimeOffset.TryParse(since, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _))
            {
                throw ApiException.BadRequest($"parsing time \"{since}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{since}\"");
            }

            if (request.Number("sinceSeconds") is not null)
            {
                causes.Add(new StatusCause("FieldValueForbidden", "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified", ""));
            }

            Add(query, "sinceTime", since);
        }

        if (causes.Count > 0)
        {
            var key = new ObjectKey(ResourceTypes.Pods, request.Path.Namespace, request.Path.Name);
            throw new ApiException(ApiStatus.Invalid(key, "PodLogOptions", causes.ToImmutable()));
        }

        return new LogOptions(request.Query("container"), request.Flag("previous"), query.ToString());
    }

    private static void Add(StringBuilder query, string name, string value) =>
        query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
}
