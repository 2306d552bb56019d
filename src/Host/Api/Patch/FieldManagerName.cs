using System.Text;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;

namespace ActorOrchestrator.Host.Api.Patch;

/// <summary>Under which name a client's fields are kept: what it says in the query, else what its user agent begins with.</summary>
internal static class FieldManagerName
{
    /// <summary>Upstream's bound, in bytes.</summary>
    private const int MaxBytes = 128;

    /// <exception cref="ApiException">422: the stated name is too long or cannot be printed.</exception>
    public static string Of(HttpContext http, string optionsKind) =>
        Stated(http, optionsKind) is { Length: > 0 } stated ? stated : OfUserAgent(http.Request.Headers.UserAgent.ToString());

    /// <summary>What the query says; empty when it says nothing.</summary>
    /// <exception cref="ApiException">422: the name is too long or cannot be printed.</exception>
    public static string Stated(HttpContext http, string optionsKind)
    {
        if (!http.Request.QueryString.HasValue)
        {
            return "";
        }

        var stated = http.Request.Query["fieldManager"].ToString();
        if (Encoding.UTF8.GetByteCount(stated) > MaxBytes)
        {
            throw Refused(optionsKind, new StatusCause("FieldValueTooLong", $"Too long: may not be more than {MaxBytes} bytes", "fieldManager"));
        }

        foreach (var rune in stated.EnumerateRunes())
        {
            if (!IsPrint(rune))
            {
                throw Refused(optionsKind, new StatusCause(
                    "FieldValueInvalid", $"Invalid value: \"{stated}\": should only contain printable characters (at most {MaxBytes} bytes)", "fieldManager"));
            }
        }

        return stated;
    }

    public static ApiException Refused(string optionsKind, StatusCause cause) =>
        new(new ApiStatus(422, "Invalid", $"{optionsKind}.meta.k8s.io \"\" is invalid: {cause.Field}: {cause.Message}")
        {
            Group = "meta.k8s.io",
            Kind = optionsKind,
            Causes = [cause],
        });

    /// <summary>Up to the first slash, without what cannot be printed, as long as it may be.</summary>
    internal static string OfUserAgent(string userAgent)
    {
        var slash = userAgent.IndexOf('/', StringComparison.Ordinal);
        var prefix = slash < 0 ? userAgent : userAgent[..slash];
        if (prefix.Length <= MaxBytes && Ascii.IsValid(prefix) && !prefix.AsSpan().ContainsAnyInRange('\0', '\x1f') && !prefix.Contains('\x7f', StringComparison.Ordinal))
        {
            return prefix;
        }

        var kept = new StringBuilder();
        var bytes = 0;
        foreach (var rune in prefix.EnumerateRunes().Where(IsPrint))
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > MaxBytes)
            {
                break;
            }

            kept.Append(rune.ToString());
        }

        return kept.ToString();
    }

    /// <summary>Go's <c>unicode.IsPrint</c>: letters, marks, numbers, punctuation, symbols and the ASCII space.</summary>
    private static bool IsPrint(Rune rune) =>
        rune.Value == ' ' || (!Rune.IsControl(rune) && !Rune.IsWhiteSpace(rune) && Rune.GetUnicodeCategory(rune) is not (
            System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.Surrogate
            or System.Globalization.UnicodeCategory.PrivateUse or System.Globalization.UnicodeCategory.OtherNotAssigned));
}
