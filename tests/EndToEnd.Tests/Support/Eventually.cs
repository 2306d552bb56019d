using System.Diagnostics;

namespace ActorOrchestrator.EndToEnd.Tests.Support;

/// <summary>Real systems take their time. A condition is asked for until it holds or patience ends, and the last answer is shown.</summary>
public static class Eventually
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static void Holds(Func<(bool Holds, string Seen)> condition, string what, TimeSpan? patience = null)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var (holds, seen) = condition();
            if (holds)
            {
                return;
            }

            if (clock.Elapsed > (patience ?? Patience))
            {
                throw new Xunit.Sdk.XunitException($"Not within {(patience ?? Patience).TotalSeconds:0} s: {what}.\n--- last seen\n{seen}");
            }

            Thread.Sleep(100);
        }
    }

    public static void Equal<T>(T expected, Func<T> actual, string what, TimeSpan? patience = null) =>
        Holds(() => { var seen = actual(); return (Equals(expected, seen), $"expected {expected}, was {seen}"); }, what, patience);

    public static void Contains(string expected, Func<string> actual, string what, TimeSpan? patience = null) =>
        Holds(() => { var seen = actual(); return (seen.Contains(expected, StringComparison.Ordinal), seen); }, what, patience);
}
