using System.Globalization;

namespace ActorOrchestrator.Actors.Resources.Expressions.Values;

/// <summary>Timestamps and durations as text. Both are kept to 100 ns.</summary>
internal static class Times
{
    private static readonly string[] Forms =
    [
        "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd't'HH:mm:ss.FFFFFFFK",
    ];

    public static bool TryParseTimestamp(string text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length < 20 || text[10] is not ('T' or 't') || (text[^1] is not ('Z' or 'z') && text[^3] != ':'))
        {
            return false;
        }

        // A fraction finer than we keep is cut off rather than refused.
        var point = text.IndexOf('.', StringComparison.Ordinal);
        if (point >= 0)
        {
            var end = point + 1;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
            {
                end++;
            }

            text = end - point > 8 ? string.Concat(text.AsSpan(0, point + 8), text.AsSpan(end)) : text;
        }

        return DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }

    public static bool TryParseDate(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);

    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>Seconds with an <c>s</c>: <c>5400s</c>, <c>0.5s</c>.</summary>
    public static string Text(TimeSpan duration) =>
        (duration.Ticks / (decimal)TimeSpan.TicksPerSecond).ToString("0.#######", CultureInfo.InvariantCulture) + "s";

    /// <summary>A duration in Go's form: <c>1h30m</c>, <c>-1.5s</c>, <c>100ms</c>, <c>0</c>.</summary>
    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        duration = default;
        var at = text.Length > 0 && text[0] is '+' or '-' ? 1 : 0;
        if (text.AsSpan(at).SequenceEqual("0"))
        {
            return true;
        }

        decimal ticks = 0;
        var any = false;
        while (at < text.Length)
        {
            var start = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.'))
            {
                at++;
            }

            if (at - start is 0 or > 24 || !decimal.TryParse(text.AsSpan(start, at - start), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            start = at;
            while (at < text.Length && !char.IsAsciiDigit(text[at]) && text[at] != '.')
            {
                at++;
            }

            if (UnitTicks(text.AsSpan(start, at - start)) is not { } unit || number > long.MaxValue / unit)
            {
                return false;
            }

            ticks += number * unit;
            any = true;
        }

        if (!any || ticks > long.MaxValue)
        {
            return false;
        }

        duration = TimeSpan.FromTicks((long)ticks * (text[0] == '-' ? -1 : 1));
        return true;
    }

    /// <summary>The zone of an accessor: UTC, an offset such as <c>-02:30</c>, or an IANA name.</summary>
    public static bool TryShift(DateTimeOffset time, string zone, out DateTimeOffset local)
    {
        local = time;
        if (zone is "" or "UTC")
        {
            return true;
        }

        var sign = zone[0] == '-' ? -1 : 1;
        var digits = zone.AsSpan(zone[0] is '+' or '-' ? 1 : 0);
        if (TimeSpan.TryParseExact(digits, @"hh\:mm", CultureInfo.InvariantCulture, out var offset))
        {
            return TryMove(time, offset * sign, out local);
        }

        return TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) && TryMove(time, found.GetUtcOffset(time), out local);
    }

    private static bool TryMove(DateTimeOffset time, TimeSpan offset, out DateTimeOffset local)
    {
        var ticks = time.UtcTicks + offset.Ticks;
        var fits = ticks >= DateTime.MinValue.Ticks && ticks <= DateTime.MaxValue.Ticks;
        local = fits ? new DateTimeOffset(ticks, TimeSpan.Zero) : time;
        return fits;
    }

    private static decimal? UnitTicks(ReadOnlySpan<char> unit) => unit switch
    {
        "h" => TimeSpan.TicksPerHour,
        "m" => TimeSpan.TicksPerMinute,
        "s" => TimeSpan.TicksPerSecond,
        "ms" => TimeSpan.TicksPerMillisecond,
        "us" or "µs" or "μs" => TimeSpan.TicksPerMicrosecond,
        "ns" => 0.01m,
        _ => null,
    };
}
