using System.Globalization;
using System.Text;

namespace ActorOrchestrator.Contracts.Schema.Fields;

/// <summary>Strings as Go's encoders write them.</summary>
internal static class GoText
{
    public static string Quote(string text, bool escapeHtml)
    {
        var plain = true;
        foreach (var c in text)
        {
            plain &= !NeedsEscape(c, escapeHtml);
        }

        if (plain)
        {
            return $"\"{text}\"";
        }

        var quoted = new StringBuilder(text.Length + 8).Append('"');
        foreach (var c in text)
        {
            if (!NeedsEscape(c, escapeHtml))
            {
                quoted.Append(c);
                continue;
            }

            quoted.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ => "\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture),
            });
        }

        return quoted.Append('"').ToString();
    }

    private static bool NeedsEscape(char c, bool escapeHtml) =>
        c is '"' or '\\' or < ' ' || (escapeHtml && c is '<' or '>' or '&' or '\u2028' or '\u2029');
}
