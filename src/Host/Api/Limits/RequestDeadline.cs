using System.Globalization;
using ActorOrchestrator.Host.Api.Errors;

namespace ActorOrchestrator.Host.Api.Limits;

/// <summary>How long a request may take: the server's bound, or less where <c>?timeout=</c> asks for it.</summary>
internal static class RequestDeadline
{
    /// <summary>From here on the request's own cancellation also ends at the deadline. Dispose the result and give the request back what it had.</summary>
    /// <exception cref="ApiException">400: the time-out is no duration.</exception>
    public static CancellationTokenSource Begin(HttpContext context, TimeSpan bound)
    {
        var asked = context.Request.QueryString.HasValue ? context.Request.Query["timeout"].ToString() : "";
        var timeout = bound;
        if (asked.Length > 0 && Parse(asked) is var wanted && wanted > TimeSpan.Zero && wanted < bound)
        {
            timeout = wanted;
        }

        var source = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        source.CancelAfter(timeout);
        context.RequestAborted = source.Token;
        return source;
    }

    /// <summary>A duration as Go writes it: <c>1m30s</c>, <c>500ms</c>.</summary>
    /// <exception cref="ApiException">400.</exception>
    public static TimeSpan Parse(string text)
    {
        var rest = text.AsSpan().TrimStart("+-");
        var negative = text.StartsWith('-');
        if (rest is "0")
        {
            return TimeSpan.Zero;
        }

        var seconds = 0.0;
        if (rest.IsEmpty)
        {
            throw Invalid(text);
        }

        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept("0123456789.");
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                throw Invalid(text);
            }

            rest = rest[digits..];
            var end = rest.IndexOfAny("0123456789.");
            var unit = end < 0 ? rest : rest[..end];
            seconds += number * unit switch
            {
                "ns" => 1e-9,
                "us" or "µs" or "μs" => 1e-6,
                "ms" => 1e-3,
                "s" => 1,
                "m" => 60,
                "h" => 3600,
                _ => throw Invalid(text),
            };
            rest = end < 0 ? [] : rest[end..];
        }

        return TimeSpan.FromSeconds(Math.Min(seconds, 1e9)) * (negative ? -1 : 1);
    }

    private static ApiException Invalid(string text) =>
        ApiException.BadRequest($"invalid timeout specified in the request URL - time: invalid duration \"{text}\"");
}
