using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Patch;

/// <summary>Under which name a client's fields are kept: what it says in the query, else what its user agent begins with.</summary>
internal static class FieldManagerName
{
    /// <summary>Upstream's bound, in bytes.</summary>
    private const int MaxBytes = 128;

    public static string Of(HttpContext http) =>
        http.Request.QueryString.HasValue && http.Request.Query["fieldManager"].ToString() is { Length: > 0 } stated ? stated : OfUserAgent(http.Request.Headers.UserAgent.ToString());

    /// <summary>What is wrong with a name that a query states.</summary>
    public static void Check(string stated, ImmutableArray<StatusCause>.Builder causes)
    {
        if (Encoding.UTF8.GetByteCount(stated) > MaxBytes)
        {
            causes.Add(new StatusCause("FieldValueTooLong", $"Too long: may not be more than {MaxBytes} bytes", "fieldManager"));
        }

        var position = 0;
        foreach (var rune in stated.EnumerateRunes())
        {
            if (!IsPrint(rune))
            {
                var shown = JsonEncodedText.Encode(stated, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
                causes.Add(new StatusCause("FieldValueInvalid", $"Invalid value: \"{shown}\": invalid character U+{rune.Value:X4} (at position {position})", "fieldManager"));
            }

            position += rune.Utf8SequenceLength;
        }
    }

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
