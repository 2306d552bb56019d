using System.Text;
using System.Text.RegularExpressions;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>
/// Regular expressions in the syntax of Go's <c>regexp</c> (RE2), as schemas and expressions have them, on .NET's engine without backtracking: time is linear in the
/// text whatever the pattern is. What RE2 does not know (look-around, back references) that engine refuses too.
/// </summary>
public static class GoPattern
{
    /// <summary>Longer patterns would cost more memory than a schema is worth.</summary>
    private const int MaxLength = 16 * 1024;

    private static readonly Dictionary<string, string> Posix = new(StringComparer.Ordinal)
    {
        ["alnum"] = "0-9A-Za-z", ["alpha"] = "A-Za-z", ["ascii"] = @"\x00-\x7F", ["blank"] = @"\t ", ["cntrl"] = @"\x00-\x1F\x7F", ["digit"] = "0-9",
        ["graph"] = "!-~", ["lower"] = "a-z", ["print"] = " -~", ["punct"] = @"!-/:-@\[-`{-~", ["space"] = @"\t\n\v\f\r ", ["upper"] = "A-Z",
        ["word"] = "0-9A-Za-z_", ["xdigit"] = "0-9A-Fa-f",
    };

    /// <returns>False with what is wrong, when the pattern cannot be read.</returns>
    public static bool TryTranslate(string pattern, out Regex? regex, out string error)
    {
        regex = null;
        if (pattern.Length > MaxLength)
        {
            error = $"expression too large: {pattern.Length} characters, at most {MaxLength}";
            return false;
        }

        try
        {
            regex = new Regex(Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            error = "";
            return true;
        }
        catch (Exception unusable) when (unusable is ArgumentException or NotSupportedException or FormatException or OverflowException)
        {
            // Malformed, or beyond what can be matched in linear time.
            error = $"error parsing regexp: {unusable.Message}";
            return false;
        }
    }

    private static string Translate(string pattern)
    {
        var text = new StringBuilder(pattern.Length + 16);
        var inClass = false;
        var hasLines = pattern.StartsWith("(?", StringComparison.Ordinal) && pattern[2..].TakeWhile(char.IsAsciiLetter).Contains('m');
        for (var i = 0; i < pattern.Length; i++)
        {
            var rest = pattern.AsSpan(i);
            if (rest[0] == '\\' && rest.Length > 1)
            {
                i += Escape(rest, inClass, text);
            }
            else if (inClass)
            {
                i += InClass(rest, text, ref inClass);
            }
            else if (rest[0] == '[')
            {
                inClass = true;
                text.Append('[');
                i += First(rest[1..], text);
            }
            else if (rest[0] == '$' && !hasLines)
            {
                // Without the flag m, Go's end is the end of the text and not a last line's.
                text.Append(@"\z");
            }
            else if (rest.StartsWith("(?P<"))
            {
                text.Append("(?<");
                i += 3;
            }
            else
            {
                text.Append(rest[0]);
            }
        }

        return text.ToString();
    }

    /// <summary>A bracket that opens a class may be followed by a caret and by a bracket that is itself a member.</summary>
    private static int First(ReadOnlySpan<char> rest, StringBuilder text)
    {
        var taken = 0;
        if (rest is ['^', ..])
        {
            text.Append('^');
            taken++;
        }

        if (rest[taken..] is [']', ..])
        {
            text.Append(@"\]");
            taken++;
        }

        return taken;
    }

    private static int InClass(ReadOnlySpan<char> rest, StringBuilder text, ref bool inClass)
    {
        if (rest[0] == ']')
        {
            inClass = false;
            text.Append(']');
            return 0;
        }

        if (rest.StartsWith("[:") && rest.IndexOf(":]") is > 2 and var end)
        {
            var name = rest[2..end].ToString();
            if (Posix.TryGetValue(name, out var members))
            {
                text.Append(members);
                return end + 1;
            }

            throw new ArgumentException($"invalid character class range: `[:{name}:]`");
        }

        // .NET would read a bracket in a class as a subtraction.
        text.Append(rest[0] == '[' ? @"\[" : rest[0].ToString());
        return 0;
    }

    private static int Escape(ReadOnlySpan<char> rest, bool inClass, StringBuilder text)
    {
        switch (rest[1])
        {
            case 'd': text.Append(inClass ? "0-9" : "[0-9]"); return 1;
            case 'w': text.Append(inClass ? "0-9A-Za-z_" : "[0-9A-Za-z_]"); return 1;
            case 's': text.Append(inClass ? @"\t\n\f\r " : @"[\t\n\f\r ]"); return 1;
            case 'D' when !inClass: text.Append("[^0-9]"); return 1;
            case 'W' when !inClass: text.Append("[^0-9A-Za-z_]"); return 1;
            case 'S' when !inClass: text.Append(@"[^\t\n\f\r ]"); return 1;
            case 'z': text.Append(@"\z"); return 1;
            case 'p' or 'P' when rest.Length > 2 && rest[2] != '{': text.Append('\\').Append(rest[1]).Append('{').Append(rest[2]).Append('}'); return 2;
            case 'x' when rest.Length > 2 && rest[2] == '{' && rest.IndexOf('}') is > 3 and var end:
                var point = Convert.ToInt32(rest[3..end].ToString(), 16);
                text.Append(point <= 0xFFFF ? $@"\u{point:X4}" : Regex.Escape(char.ConvertFromUtf32(point)));
                return end;
            case 'Q' when !inClass:
                var close = rest.IndexOf(@"\E");
                var quoted = close < 0 ? rest[2..] : rest[2..close];
                text.Append(Regex.Escape(quoted.ToString()));
                return close < 0 ? rest.Length - 1 : close + 1;
            case >= '1' and <= '9': throw new ArgumentException($"invalid escape sequence: `\\{rest[1]}`");
            default: text.Append('\\').Append(rest[1]); return 1;
        }
    }
}
