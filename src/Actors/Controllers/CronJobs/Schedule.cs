using System.Text.RegularExpressions;
using ActorOrchestrator.Contracts.Validation;
using Cronos;

namespace ActorOrchestrator.Actors.Controllers.CronJobs;

/// <summary>
/// When a CronJob is due. Read as upstream's cron library does: with both a day of the month and a day of the week it is due on either (Cronos alone would want
/// both), and <c>@every</c> counts from the last time.
/// </summary>
public sealed partial class Schedule
{
    private readonly CronExpression[] _either;
    private readonly TimeSpan? _every;
    private readonly TimeZoneInfo _zone;

    private Schedule(CronExpression[] either, TimeSpan? every, TimeZoneInfo zone)
    {
        _either = either;
        _every = every;
        _zone = zone;
    }

    /// <param name="text">Five fields, or a word behind an at sign; a zone may stand before it.</param>
    /// <param name="zone">The name of <c>spec.timeZone</c>; empty for UTC.</param>
    /// <param name="problem">Why it cannot be read.</param>
    public static Schedule? TryParse(string text, string zone, out string problem)
    {
        problem = "";
        text = text.Trim();
        if (Prefix().Match(text) is { Success: true } prefix)
        {
            zone = prefix.Groups["zone"].Value;
            text = text[prefix.Length..].Trim();
        }

        var place = TimeZoneInfo.Utc;
        if (zone.Length > 0 && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out place!))
        {
            problem = $"unknown time zone {zone}";
            return null;
        }

        if (text.StartsWith("@every ", StringComparison.Ordinal))
        {
            if (Duration(text[7..].Trim()) is { } every)
            {
                return new Schedule([], every, place);
            }

            problem = $"failed to parse duration {text}";
            return null;
        }

        try
        {
            return new Schedule(Expressions(text), null, place);
        }
        catch (CronFormatException malformed)
        {
            problem = malformed.Message;
            return null;
        }
    }

    /// <summary>The first time after this one; null when there is none.</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        if (_every is { } every)
        {
            return after + every;
        }

        DateTimeOffset? next = null;
        foreach (var expression in _either)
        {
            var time = expression.GetNextOccurrence(after, _zone);
            next = next is null || time < next ? time : next;
        }

        return next;
    }

    /// <summary>The last time in (after, until], and whether there were more than a hundred.</summary>
    public (DateTimeOffset? Time, bool TooMany) Last(DateTimeOffset after, DateTimeOffset until)
    {
        if (Next(after) is not { } first || first > until)
        {
            return (null, false);
        }

        if (_every is { } every)
        {
            var count = (until - after).Ticks / every.Ticks;
            return (after + (every * count), count > 100);
        }

        var tooMany = IsBeyond(after, until, 100);
        foreach (var window in (ReadOnlySpan<double>)[1, 24, 24 * 8, 24 * 32, 24 * 367, 24 * 366 * 8])
        {
            var start = until - TimeSpan.FromHours(window);
            if (start <= after)
            {
                break;
            }

            if (LastIn(start, until) is { } time)
            {
                return (time, tooMany);
            }
        }

        return (LastIn(after, until), tooMany);
    }

    private bool IsBeyond(DateTimeOffset after, DateTimeOffset until, int limit)
    {
        var count = 0;
        for (var time = Next(after); time <= until && count <= limit; time = Next(time.Value))
        {
            count++;
        }

        return count > limit;
    }

    private DateTimeOffset? LastIn(DateTimeOffset after, DateTimeOffset until)
    {
        DateTimeOffset? last = null;
        for (var time = Next(after); time <= until; time = Next(time.Value))
        {
            last = time;
        }

        return last;
    }

    /// <summary>A time as it is written for people of the schedule's zone.</summary>
    public DateTimeOffset InZone(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, _zone);

    private static CronExpression[] Expressions(string text)
    {
        if (text.StartsWith('@'))
        {
            return [CronExpression.Parse(text)];
        }

        var fields = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length == 5 && fields[2][0] is not ('*' or '?') && fields[4][0] is not ('*' or '?'))
        {
            return
            [
                CronExpression.Parse($"{fields[0]} {fields[1]} {fields[2]} {fields[3]} *"),
                CronExpression.Parse($"{fields[0]} {fields[1]} * {fields[3]} {fields[4]}"),
            ];
        }

        return [CronExpression.Parse(string.Join(' ', fields.Select((field, index) => index is 2 or 4 ? field : field.Replace('?', '*'))))];
    }

    /// <summary>Whole seconds, one at least, as upstream's cron library rounds them.</summary>
    private static TimeSpan? Duration(string text) => GoDuration.Read(text) is not { } duration ? null
        : duration < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1)
        : TimeSpan.FromSeconds(Math.Floor(duration.TotalSeconds));

    [GeneratedRegex(@"^(CRON_)?TZ=(?<zone>\S+)\s")]
    private static partial Regex Prefix();
}
