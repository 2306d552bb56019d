using ActorOrchestrator.Actors.NodeAgent.Containers;

namespace ActorOrchestrator.Actors.Tests.NodeAgent;

public sealed class RestartBackoffTests
{
    private static readonly TimeSpan Initial = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Delays_are_none_then_double_from_ten_seconds_to_five_minutes()
    {
        var backoff = default(RestartBackoff);
        var now = Start;
        var delays = new List<double>();
        for (var i = 0; i < 9; i++)
        {
            var notBefore = backoff.NotBefore(now, Longest);
            delays.Add((notBefore - now).TotalSeconds);
            backoff = backoff.Next(notBefore, now, Initial, Longest);
            now = notBefore;
        }

        Assert.Equal([0, 10, 20, 40, 80, 160, 300, 300, 300], delays);
    }

    [Fact]
    public void Ten_quiet_minutes_forget_it()
    {
        var backoff = new RestartBackoff(TimeSpan.FromSeconds(160), Start);
        var later = Start + TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1);

        Assert.Equal(later, backoff.NotBefore(later, Longest));
        Assert.Equal(Initial, backoff.Next(later, later, Initial, Longest).Delay);
    }
}
