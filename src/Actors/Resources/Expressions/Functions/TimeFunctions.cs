using ActorOrchestrator.Actors.Resources.Expressions.Values;

namespace ActorOrchestrator.Actors.Resources.Expressions.Functions;

/// <summary>The parts of timestamps, in UTC or in a named zone, and of durations.</summary>
internal static class TimeFunctions
{
    public static void AddTo(FunctionTable table)
    {
        Add("getFullYear", time => time.Year);
        Add("getMonth", time => time.Month - 1);
        Add("getDayOfYear", time => time.DayOfYear - 1);
        Add("getDayOfMonth", time => time.Day - 1);
        Add("getDate", time => time.Day);
        Add("getDayOfWeek", time => (int)time.DayOfWeek);
        Add("getHours", time => time.Hour);
        Add("getMinutes", time => time.Minute);
        Add("getSeconds", time => time.Second);
        Add("getMilliseconds", time => time.Millisecond);
        table.Add("duration::getHours() -> int", a => (long)((TimeSpan)a[0]!).TotalHours);
        table.Add("duration::getMinutes() -> int", a => (long)((TimeSpan)a[0]!).TotalMinutes);
        table.Add("duration::getSeconds() -> int", a => (long)((TimeSpan)a[0]!).TotalSeconds);
        table.Add("duration::getMilliseconds() -> int", a => (long)((TimeSpan)a[0]!).TotalMilliseconds);

        void Add(string name, Func<DateTimeOffset, int> part)
        {
            table.Add($"timestamp::{name}() -> int", a => (long)part((DateTimeOffset)a[0]!));
            table.Add($"timestamp::{name}(string) -> int", a => Times.TryShift((DateTimeOffset)a[0]!, (string)a[1]!, out var local)
                ? (long)part(local)
                : new Failure($"unknown time zone {a[1]}"));
        }
    }
}
