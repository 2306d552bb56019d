using System.Globalization;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>Whether a text is a schedule as upstream's cron library reads it: five fields, or one of the words behind an at sign.</summary>
internal static class CronSchedule
{
    private static readonly (string Name, int Low, int High, string[] Names)[] Fields =
    [
        ("minute", 0, 59, []),
        ("hour", 0, 23, []),
        ("day of month", 1, 31, []),
        ("month", 1, 12, ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
        ("day of week", 0, 6, ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ];

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public static string? Problem(string schedule)
    {
        var text = schedule.Trim();
        if (text.StartsWith("TZ=", StringComparison.Ordinal) || text.StartsWith("CRON_TZ=", StringComparison.Ordinal))
        {
            var space = text.IndexOf(' ', StringComparison.Ordinal);
            text = space < 0 ? "" : text[space..].Trim();
        }

        if (text.StartsWith('@'))
        {
            return text is "@yearly" or "@annually" or "@monthly" or "@weekly" or "@daily" or "@midnight" or "@hourly" ? null
                : text.StartsWith("@every ", StringComparison.Ordinal) ? GoDuration.Read(text[7..]) is null ? $"failed to parse duration {text}: time: invalid duration \"{text[7..]}\"" : null
                : $"unrecognized descriptor: {text}";
        }

        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words.Length != Fields.Length
            ? $"expected exactly {Fields.Length} fields, found {words.Length}: [{string.Join(' ', words)}]"
            : words.Select((word, index) => FieldProblem(word, index)).FirstOrDefault(problem => problem is not null);
    }

    private static string? FieldProblem(string word, int field) =>
        word.Split(',').Select(range => RangeProblem(range, field)).FirstOrDefault(problem => problem is not null);

    private static string? RangeProblem(string range, int field)
    {
        var (_, low, high, _) = Fields[field];
        var parts = range.Split('/');
        if (parts.Length > 2)
        {
            return $"too many slashes: {range}";
        }

        if (parts.Length == 2 && (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var step) || step == 0))
        {
            return parts[1] == "0" ? $"step of range should be a positive number: {range}" : $"failed to parse int from {parts[1]}: strconv.Atoi: parsing \"{parts[1]}\": invalid syntax";
        }

        if (parts[0] is "*" or "?")
        {
            return null;
        }

        var ends = parts[0].Split('-');
        if (ends.Length > 2)
        {
            return $"too many hyphens: {range}";
        }

        var numbers = ends.Select(end => Number(end, field)).ToArray();
        if (Array.Exists(numbers, number => number is null))
        {
            var bad = ends[Array.FindIndex(numbers, number => number is null)];
            return $"failed to parse int from {bad}: strconv.Atoi: parsing \"{bad}\": invalid syntax";
        }

        return numbers[0] < low ? $"beginning of range ({numbers[0]}) below minimum ({low}): {range}"
            : numbers[^1] > high ? $"end of range ({numbers[^1]}) above maximum ({high}): {range}"
            : numbers[0] > numbers[^1] ? $"beginning of range ({numbers[0]}) beyond end of range ({numbers[^1]}): {range}"
            : null;
    }

    private static int? Number(string text, int field)
    {
        var named = Array.IndexOf(Fields[field].Names, text.ToLowerInvariant());
        return named >= 0 ? named + Fields[field].Low
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : null;
    }
}
