using System.Globalization;

namespace ActorOrchestrator.Host.Api.Tables;

/// <summary>How long something took, at a glance: 5s, 3m20s, 4h, 12d (apimachinery's <c>duration.HumanDuration</c>).</summary>
public static class HumanDuration
{
    private const int HoursInYear = 24 * 365;

    public static string Format(TimeSpan span)
    {
        var seconds = (long)span.TotalSeconds;
        var minutes = (long)span.TotalMinutes;
        var hours = (long)span.TotalHours;
        return seconds switch
        {
            < -1 => "<invalid>",
            < 0 => "0s",
            < 120 => Text(seconds, "s"),
            _ when minutes < 10 => Two(minutes, "m", seconds % 60, "s"),
            _ when minutes < 180 => Text(minutes, "m"),
            _ when hours < 8 => Two(hours, "h", minutes % 60, "m"),
            _ when hours < 48 => Text(hours, "h"),
            _ when hours < 24 * 8 => Two(hours / 24, "d", hours % 24, "h"),
            _ when hours < HoursInYear * 2 => Text(hours / 24, "d"),
            _ when hours < HoursInYear * 8 => Two(hours / HoursInYear, "y", hours / 24 % 365, "d"),
            _ => Text(hours / HoursInYear, "y"),
        };
    }

    /// <summary>The time from an instant to now; <c>&lt;unknown&gt;</c> without an instant.</summary>
    public static string Since(DateTimeOffset? instant, DateTimeOffset now) => instant is { } then ? Format(now - then) : "<unknown>";

    private static string Text(long count, string unit) => count.ToString(CultureInfo.InvariantCulture) + unit;

    private static string Two(long count, string unit, long rest, string smaller) =>
        rest == 0 ? Text(count, unit) : Text(count, unit) + Text(rest, smaller);
}
