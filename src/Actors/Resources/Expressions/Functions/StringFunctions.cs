using System.Text;
using ActorOrchestrator.Actors.Resources.Expressions.Values;

namespace ActorOrchestrator.Actors.Resources.Expressions.Functions;

/// <summary>The standard string functions, the <c>strings</c> extension at version 2 and Kubernetes' <c>find</c>. Positions count code points.</summary>
internal static class StringFunctions
{
    public static void AddTo(FunctionTable table)
    {
        table.Add("string::contains(string) -> bool", a => Text(a[0]).Contains(Text(a[1]), StringComparison.Ordinal), Effort.Search);
        table.Add("string::startsWith(string) -> bool", a => Text(a[0]).StartsWith(Text(a[1]), StringComparison.Ordinal), Effort.Traversal);
        table.Add("string::endsWith(string) -> bool", a => Text(a[0]).EndsWith(Text(a[1]), StringComparison.Ordinal), Effort.Traversal);
        table.Add("string::matches(string) -> bool", a => Matches(a), Effort.Pattern);
        table.Add("matches(string, string) -> bool", a => Matches(a), Effort.Pattern);
        table.Add("string::find(string) -> string", a => WithPattern(a[1], regex => regex.Match(Text(a[0])).Value), Effort.Pattern);
        table.Add("string::findAll(string) -> list(string)", a => FindAll(a, -1), Effort.Pattern);
        table.Add("string::findAll(string, int) -> list(string)", a => FindAll(a, (long)a[2]!), Effort.Pattern);
        table.Add("string::charAt(int) -> string", a => CharAt(Text(a[0]), (long)a[1]!));
        table.Add("string::indexOf(string) -> int", a => IndexOf(Text(a[0]), Text(a[1]), 0), Effort.Traversal);
        table.Add("string::indexOf(string, int) -> int", a => IndexOf(Text(a[0]), Text(a[1]), (long)a[2]!), Effort.Traversal);
        table.Add("string::lastIndexOf(string) -> int", a => LastIndexOf(Text(a[0]), Text(a[1]), null), Effort.Traversal);
        table.Add("string::lastIndexOf(string, int) -> int", a => LastIndexOf(Text(a[0]), Text(a[1]), (long)a[2]!), Effort.Traversal);
        table.Add("string::lowerAscii() -> string", a => Map(Text(a[0]), char.IsAsciiLetterUpper, ' '), Effort.Traversal);
        table.Add("string::upperAscii() -> string", a => Map(Text(a[0]), char.IsAsciiLetterLower, ' '), Effort.Traversal);
        table.Add("string::replace(string, string) -> string", a => Replace(Text(a[0]), Text(a[1]), Text(a[2]), -1), Effort.Rebuild);
        table.Add("string::replace(string, string, int) -> string", a => Replace(Text(a[0]), Text(a[1]), Text(a[2]), (long)a[3]!), Effort.Rebuild);
        table.Add("string::split(string) -> list(string)", a => Split(Text(a[0]), Text(a[1]), -1), Effort.Rebuild);
        table.Add("string::split(string, int) -> list(string)", a => Split(Text(a[0]), Text(a[1]), (long)a[2]!), Effort.Rebuild);
        table.Add("string::substring(int) -> string", a => Substring(Text(a[0]), (long)a[1]!, null), Effort.Traversal);
        table.Add("string::substring(int, int) -> string", a => Substring(Text(a[0]), (long)a[1]!, (long)a[2]!), Effort.Traversal);
        table.Add("string::trim() -> string", a => Text(a[0]).Trim(), Effort.Traversal);
        table.Add("string::format(list(dyn)) -> string", a => StringFormat.Apply(Text(a[0]), (CelList)a[1]!), Effort.Traversal);
        table.Add("strings.quote(string) -> string", a => StringFormat.Quote(Text(a[0])), Effort.Traversal);
        table.Add("list(string)::join() -> string", a => Join((CelList)a[0]!, ""), Effort.Join);
        table.Add("list(string)::join(string) -> string", a => Join((CelList)a[0]!, Text(a[1])), Effort.Join);
    }

    private static string Text(object? value) => (string)value!;

    private static object? Matches(object?[] a) => WithPattern(a[1], regex => regex.IsMatch(Text(a[0])));

    private static object? WithPattern(object? pattern, Func<System.Text.RegularExpressions.Regex, object?> use) =>
        LinearRegex.TryGet(Text(pattern), out var regex, out var error) ? use(regex) : new Failure(error);

    private static object? FindAll(object?[] a, long limit) => WithPattern(a[1], regex =>
    {
        var found = new List<object?>();
        for (var match = regex.Match(Text(a[0])); match.Success && (limit < 0 || found.Count < limit); match = match.NextMatch())
        {
            found.Add(match.Value);
        }

        return new ValueList(found);
    });

    /// <summary>Where a code point begins; null when there are not that many.</summary>
    private static int? Offset(string text, long codePoints)
    {
        if (codePoints < 0 || codePoints > text.Length)
        {
            return null;
        }

        var at = 0;
        for (long i = 0; i < codePoints; i++)
        {
            if (at >= text.Length)
            {
                return null;
            }

            at += char.IsHighSurrogate(text[at]) && at + 1 < text.Length ? 2 : 1;
        }

        return at;
    }

    private static object CharAt(string text, long index) => Offset(text, index) switch
    {
        null => OutOfRange(index),
        { } at when at == text.Length => "",
        { } at => char.IsHighSurrogate(text[at]) && at + 1 < text.Length ? text.Substring(at, 2) : text[at].ToString(),
    };

    private static object IndexOf(string text, string part, long from)
    {
        if (part.Length == 0)
        {
            return from;
        }

        if (from < 0)
        {
            return OutOfRange(from);
        }

        if (Offset(text, from) is not { } start)
        {
            return -1L;
        }

        var at = text.IndexOf(part, start, StringComparison.Ordinal);
        return at < 0 ? -1L : (long)Values.Values.CodePoints(text[..at]);
    }

    private static object LastIndexOf(string text, string part, long? from)
    {
        if (part.Length == 0)
        {
            return from ?? Values.Values.CodePoints(text);
        }

        if (from < 0)
        {
            return OutOfRange(from.Value);
        }

        if (from is { } given && given >= Values.Values.CodePoints(text))
        {
            return -1L;
        }

        var latest = Math.Min((from is { } limit ? Offset(text, limit)!.Value : text.Length) + part.Length, text.Length);
        var at = text[..latest].LastIndexOf(part, StringComparison.Ordinal);
        return at < 0 ? -1L : (long)Values.Values.CodePoints(text[..at]);
    }

    private static string Map(string text, Func<char, bool> changes, char bit) =>
        string.Create(text.Length, (text, changes, bit), static (span, state) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = state.changes(state.text[i]) ? (char)(state.text[i] ^ state.bit) : state.text[i];
            }
        });

    private static string Replace(string text, string old, string with, long limit)
    {
        if (limit == 0)
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        var at = 0;
        for (var count = 0L; limit < 0 || count < limit; count++)
        {
            // Nothing stands before, between and after all characters.
            var next = old.Length > 0 ? text.IndexOf(old, at, StringComparison.Ordinal)
                : count == 0 ? 0
                : at < text.Length ? at + (char.IsHighSurrogate(text[at]) && at + 1 < text.Length ? 2 : 1) : -1;
            if (next < 0)
            {
                break;
            }

            result.Append(text, at, next - at).Append(with);
            at = next + old.Length;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    private static ValueList Split(string text, string separator, long limit)
    {
        if (limit == 0)
        {
            return ValueList.Empty;
        }

        var parts = separator.Length > 0
            ? text.Split(separator, limit < 0 ? int.MaxValue : (int)Math.Min(limit, int.MaxValue))
            : [.. text.EnumerateRunes().Select(rune => rune.ToString())];
        if (separator.Length == 0 && limit > 0 && parts.Length > limit)
        {
            parts = [.. parts[..(int)(limit - 1)], string.Concat(parts[(int)(limit - 1)..])];
        }

        return new ValueList(parts);
    }

    private static object Substring(string text, long start, long? end)
    {
        if (end is { } last && start > last)
        {
            return new Failure($"invalid substring range. start: {start}, end: {last}");
        }

        if (Offset(text, start) is not { } from)
        {
            return OutOfRange(start);
        }

        return end is null ? text[from..] : Offset(text, end.Value) is { } to ? text[from..to] : OutOfRange(end.Value);
    }

    private static object Join(CelList list, string separator)
    {
        var parts = new string[list.Count];
        for (var i = 0; i < parts.Length; i++)
        {
            if (list[i] is not string text)
            {
                return new Failure($"join: invalid input: {Values.Values.Display(list[i])}");
            }

            parts[i] = text;
        }

        return string.Join(separator, parts);
    }

    private static Failure OutOfRange(long index) => new($"index out of range: {index}");
}
