using ActorOrchestrator.Actors.Timers;
using Akka.Actor;
using FsCheck;
using FsCheck.Fluent;

namespace ActorOrchestrator.Actors.Tests.Timers;

public sealed class DueQueueTests
{
    [Theory]
    [InlineData(1003, 7, 1010)]
    [InlineData(1003, 99, 1102)]
    [InlineData(1003, 200, 1250)]
    [InlineData(1003, 1000, 2250)]
    [InlineData(1000, 1000, 2000)]
    [InlineData(1003, 0, 1003)]
    public void Long_delays_end_on_a_grid_that_all_share(long now, long delay, long due) => Assert.Equal(due, DueQueue.Due(now, delay));

    [Fact]
    public void A_delay_is_never_cut_short_and_never_late_by_more_than_its_grid() =>
        Check.QuickThrowOnFailure(Prop.ForAll(
            Gen.Choose(0, int.MaxValue).SelectMany(now => Gen.Choose(0, 600_000).Select(delay => ((long)now, (long)delay))).ToArbitrary(),
            ((long Now, long Delay) given) =>
            {
                var late = DueQueue.Due(given.Now, given.Delay) - given.Now - given.Delay;
                return late >= 0 && late <= given.Delay / 2 && late < 250;
            }));

    [Fact]
    public void Items_come_in_the_order_in_which_they_are_due_and_were_added()
    {
        var queue = new DueQueue();
        var order = new List<string>();
        queue.Add(new Item(order, "c"), 30);
        queue.Add(new Item(order, "a"), 10);
        queue.Add(new Item(order, "b"), 10);
        Assert.Equal(10, queue.Next);

        Assert.Null(queue.Take(9));
        while (queue.Take(30) is { } item)
        {
            item.Run();
        }

        Assert.Equal(["a", "b", "c"], order);
        Assert.Null(queue.Next);
    }

    [Fact]
    public void What_was_cancelled_is_never_taken_and_many_of_them_are_forgotten_early()
    {
        var queue = new DueQueue();
        for (var i = 0; i < 10_000; i++)
        {
            queue.Add(new Item([], "x", Cancelable.CreateCanceled()), 1_000_000 + i);
        }

        Assert.InRange(queue.Count, 0, 1024);
        Assert.Null(queue.Take(long.MaxValue));
    }

    private sealed class Item(List<string> order, string name, ICancelable? cancelable = null) : DueItem(cancelable, null)
    {
        public override void Run() => order.Add(name);
    }
}
