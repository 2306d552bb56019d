using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Events;

public sealed class EventCorrelatorTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static Occurrence About(string pod, string message) =>
        new(new EventSource("kubelet", "n1"), new ObjectKey(ResourceTypes.Pods, "default", pod), $"uid-{pod}", "", true, "BackOff", message);

    [Fact]
    public void The_eleventh_message_of_a_kind_within_ten_minutes_is_combined_with_those_that_follow()
    {
        var correlator = new EventCorrelator(new EventSettings());
        for (var i = 1; i <= 10; i++)
        {
            Assert.Equal($"m{i}", correlator.Admit(About("a", $"m{i}"), Start)!.Value.Message);
        }

        Assert.Equal("(combined from similar events): m11", correlator.Admit(About("a", "m11"), Start)!.Value.Message);
        Assert.Equal(correlator.Admit(About("a", "m12"), Start)!.Value.Identity, correlator.Admit(About("a", "m13"), Start)!.Value.Identity);
        Assert.Equal("m3", correlator.Admit(About("a", "m3"), Start)!.Value.Message);
        Assert.Equal("m11", correlator.Admit(About("a", "m11"), Start.AddMinutes(11))!.Value.Message);
    }

    [Fact]
    public void An_object_has_twenty_five_events_at_once_and_then_one_in_five_minutes()
    {
        var correlator = new EventCorrelator(new EventSettings());
        Assert.Equal(25, Enumerable.Range(0, 100).Count(_ => correlator.Admit(About("a", "same"), Start) is not null));
        Assert.NotNull(correlator.Admit(About("b", "same"), Start));
        Assert.Null(correlator.Admit(About("a", "same"), Start.AddMinutes(4)));
        Assert.NotNull(correlator.Admit(About("a", "same"), Start.AddMinutes(6)));
        Assert.Null(correlator.Admit(About("a", "same"), Start.AddMinutes(6)));
    }
}
