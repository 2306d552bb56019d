using ActorOrchestrator.Actors.NodeAgent.Usage;
using FsCheck;
using FsCheck.Fluent;

namespace ActorOrchestrator.Actors.Tests.Metrics;

public sealed class UsageWindowTests
{
    private static readonly Seconds Clock = new();
    private readonly UsageWindow _window = new(TimeSpan.FromSeconds(9));

    [Fact]
    public void The_first_reading_begins_a_window_and_the_next_one_ends_it_and_begins_another()
    {
        Assert.False(_window.Read(1_000_000_000, 100, Clock));
        Assert.True(_window.Read(8_500_000_000, 115, Clock));
        Assert.Equal((500_000_000, 15), (_window.CpuNanocores, _window.Length.TotalSeconds));
        Assert.True(_window.Read(8_500_000_000, 130, Clock));
        Assert.Equal(0, _window.CpuNanocores);
    }

    [Fact]
    public void A_window_that_is_too_short_goes_on()
    {
        _window.Read(0, 100, Clock);
        Assert.False(_window.Read(3_000_000_000, 103, Clock));
        Assert.False(_window.HasEnded);
        Assert.True(_window.Read(9_000_000_000, 118, Clock));
        Assert.Equal((500_000_000, 18), (_window.CpuNanocores, _window.Length.TotalSeconds));
    }

    [Fact]
    public void A_counter_that_goes_back_begins_anew()
    {
        _window.Read(5_000_000_000, 100, Clock);
        _window.Read(6_000_000_000, 115, Clock);
        Assert.False(_window.Read(1_000_000_000, 130, Clock));
        Assert.False(_window.HasEnded);
        Assert.True(_window.Read(2_500_000_000, 145, Clock));
        Assert.Equal(100_000_000, _window.CpuNanocores);
    }

    [Fact]
    public void The_windows_together_account_for_all_the_time_that_was_used() => Prop.ForAll(
        Gen.Choose(10, 60).Zip(Gen.Choose(0, 4_000)).ListOf(12).ToArbitrary(),
        steps =>
        {
            var window = new UsageWindow(TimeSpan.FromSeconds(9));
            var (at, counter, accounted) = (0L, 0L, 0.0);
            window.Read(counter, at, Clock);
            foreach (var (seconds, millicores) in steps)
            {
                at += seconds;
                counter += seconds * millicores * 1_000_000L;
                Assert.True(window.Read(counter, at, Clock));
                accounted += window.CpuNanocores * window.Length.TotalSeconds;
            }

            Assert.Equal(counter, accounted, tolerance: 1_000);
        }).QuickCheckThrowOnFailure();

    /// <summary>A timestamp is a second.</summary>
    private sealed class Seconds : TimeProvider
    {
        public override long TimestampFrequency => 1;
    }
}
