using ActorOrchestrator.Host.Api.Limits;

namespace ActorOrchestrator.Host.Tests.Api;

public class RequestDeadlineTests
{
    [Theory]
    [InlineData("30s", 30)]
    [InlineData("1m30s", 90)]
    [InlineData("500ms", 0.5)]
    [InlineData("1.5h", 5400)]
    [InlineData("0", 0)]
    [InlineData("-5s", -5)]
    public void Durations_are_read_as_go_writes_them(string text, double seconds) => Assert.Equal(seconds, RequestDeadline.Parse(text).TotalSeconds, 6);
}
