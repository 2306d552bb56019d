using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace ActorOrchestrator.Actors.Resources.Expressions.Functions;

/// <summary>
/// Patterns in RE2's syntax on .NET's non-backtracking engine, whose time grows with the text and never explodes. What only backtracking could
/// do (look-around, back references) is an error in both.
/// </summary>
public static class LinearRegex
{
    private const int MaxKept = 512;
    private static readonly ConcurrentDictionary<string, (Regex? Regex, string? Error)> Kept = new(StringComparer.Ordinal);

    /// <summary>The compiled pattern, kept for the next time.</summary>
    /// <param name="error">Why it is none.</param>
    public static bool TryGet(string pattern, [NotNullWhen(true)] out Regex? regex, [NotNullWhen(false)] out string? error)
    {
        if (!Kept.TryGetValue(pattern, out var known))
        {
            known = Compile(pattern);
            if (Kept.Count >= MaxKept)
            {
                Kept.Clear();
            }

            Kept[pattern] = known;
        }

        (regex, error) = known;
        return regex is not null;
    }

    private static (Regex? Regex, string? Error) Compile(string pattern)
    {
        try
        {
            return (new Regex(Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant), null);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return (null, exception.Message);
        }
    }

    /// <summary>RE2's ASCII classes, its end of text, its named groups and its literal spans, in .NET's words.</summary>
    private static string Translate(string pattern)
    {
        var text = new StringBuilder(pattern.Length + 8);
        var inClass = false;
        var multiline = pattern.StartsWith("(?", StringComparison.Ordinal) && pattern[2..].TakeWhile(char.IsAsciiLetter).Contains('m');
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length)
            {
                var next = pattern[++i];
                if (next == 'Q')
                {
                    var end = pattern.IndexOf("\\E", i + 1, StringComparison.Ordinal);
                    var literal = end < 0 ? pattern[(i + 1)..] : pattern[(i + 1)..end];
                    text.Append(Regex.Escape(literal));
                    i = end < 0 ? pattern.Length : end + 1;
                    continue;
                }

                text.Append(Escape(next, inClass));
            }
            else if (inClass && c == '[' && pattern.IndexOf(":]", i, StringComparison.Ordinal) is var close && close > i && i + 1 < pattern.Length && pattern[i + 1] == ':')
            {
                text.Append(Posix(pattern[(i + 2)..close]));
                i = close + 1;
            }
            else if (inClass)
            {
                // A class may begin with a bracket of its own; elsewhere .NET would read [ after - as a subtraction.
                inClass = c != ']' || text[^1] == '[' || (text[^1] == '^' && text[^2] == '[');
                text.Append(c == '[' ? "\\[" : inClass && c == ']' ? "\\]" : c.ToString());
            }
            else
            {
                inClass = c == '[';
                text.Append(c switch
                {
                    '$' when !multiline => "\\z",
                    '(' when string.CompareOrdinal(pattern, i, "(?P<", 0, 4) == 0 => "(",
                    _ => c.ToString(),
                });
                if (c == '(' && string.CompareOrdinal(pattern, i, "(?P<", 0, 4) == 0)
                {
                    text.Append("?<");
                    i += 3;
                }
            }
        }

        return text.ToString();
    }

    private static string Escape(char c, bool inClass) => (c, inClass) switch
    {
        ('d', true) => "0-9",
        ('d', false) => "[0-9]",
        ('D', false) => "[^0-9]",
        ('w', true) => "0-9A-Za-z_",
        ('w', false) => "[0-9A-Za-z_]",
        ('W', false) => "[^0-9A-Za-z_]",
        ('s', true) => "\\t\\n\\f\\r ",
        ('s', false) => "[\\t\\n\\f\\r ]",
        ('S', false) => "[^\\t\\n\\f\\r ]",
        _ => $"\\{c}",
    };

    private static string Posix(string name) => name switch
    {
        "alnum" => "0-9A-Za-z",
        "alpha" => "A-Za-z",
        "ascii" => "\\x00-\\x7F",
        "blank" => "\\t ",
        "cntrl" => "\\x00-\\x1F\\x7F",
        "digit" => "0-9",
        "graph" => "!-~",
        "lower" => "a-z",
        "print" => " -~",
        "punct" => "!-/:-@\\[-`{-~",
        "space" => "\\t\\n\\v\\f\\r ",
        "upper" => "A-Z",
        "word" => "0-9A-Za-z_",
        "xdigit" => "0-9A-Fa-f",
        _ => throw new ArgumentException($"invalid character class range: `[:{name}:]`"),
    };
}
