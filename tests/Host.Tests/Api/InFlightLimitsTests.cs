using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api;
using ActorOrchestrator.Host.Api.Limits;

namespace ActorOrchestrator.Host.Tests.Api;

public class InFlightLimitsTests
{
    private static UserInfo User(string name, params string[] groups) => new(name, [.. groups]);

    [Fact]
    public void A_user_takes_at_most_a_share_and_all_together_the_bound()
    {
        var limits = new InFlightLimits(new ApiSettings { MaxReadsInFlight = 4, MaxWritesInFlight = 2, UserShareInFlight = 0.5 });
        Assert.True(limits.TryEnter(User("ann"), writes: false));
        Assert.True(limits.TryEnter(User("ann"), writes: false));
        Assert.False(limits.TryEnter(User("ann"), writes: false));
        Assert.True(limits.TryEnter(User("bob"), writes: false));
        Assert.True(limits.TryEnter(User("bob"), writes: false));
        Assert.False(limits.TryEnter(User("eve"), writes: false));
        Assert.True(limits.TryEnter(User("eve"), writes: true));
        limits.Leave(User("ann"), writes: false);
        Assert.True(limits.TryEnter(User("eve"), writes: false));
        Assert.Equal((4, 1), (limits.Reads, limits.Writes));
    }

    [Fact]
    public void Masters_always_get_an_answer()
    {
        var limits = new InFlightLimits(new ApiSettings { MaxReadsInFlight = 1 });
        for (var i = 0; i < 5; i++)
        {
            Assert.True(limits.TryEnter(User("admin", "system:masters"), writes: false));
        }

        Assert.False(limits.TryEnter(User("ann"), writes: false));
    }

    [Theory]
    [InlineData("30s", 30)]
    [InlineData("1m30s", 90)]
    [InlineData("500ms", 0.5)]
    [InlineData("1.5h", 5400)]
    [InlineData("0", 0)]
    [InlineData("-5s", -5)]
    public void Durations_are_read_as_go_writes_them(string text, double seconds) => Assert.Equal(seconds, RequestDeadline.Parse(text).TotalSeconds, 6);
}
