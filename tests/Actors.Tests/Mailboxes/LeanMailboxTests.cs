using ActorOrchestrator.Actors.Mailboxes;
using Akka.Actor;
using Akka.TestKit.Xunit2;

namespace ActorOrchestrator.Actors.Tests.Mailboxes;

public sealed class LeanMailboxTests : TestKit
{
    private const string Hocon = """akka.actor.default-mailbox.mailbox-type = "ActorOrchestrator.Actors.Mailboxes.LeanMailbox, ActorOrchestrator.Actors" """;

    public LeanMailboxTests()
        : base(Hocon)
    {
    }

    [Fact]
    public void Messages_of_one_sender_come_in_their_order()
    {
        var queue = new LeanMessageQueue();
        Assert.False(queue.HasMessages);
        foreach (var i in Enumerable.Range(0, 100))
        {
            queue.Enqueue(TestActor, new Envelope(i, TestActor));
        }

        Assert.Equal(100, queue.Count);
        foreach (var i in Enumerable.Range(0, 100))
        {
            Assert.True(queue.TryDequeue(out var envelope));
            Assert.Equal(i, envelope.Message);
        }

        Assert.False(queue.TryDequeue(out _));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public async Task Nothing_is_lost_when_many_write_at_once()
    {
        const int Writers = 4;
        const int Each = 20_000;
        var queue = new LeanMessageQueue();
        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                queue.Enqueue(TestActor, new Envelope((writer, i), TestActor));
            }
        })).ToArray();
        var next = new int[Writers];
        var read = 0;
        while (read < Writers * Each)
        {
            if (!queue.TryDequeue(out var envelope))
            {
                await Task.Yield();
                continue;
            }

            var (writer, i) = ((int, int))envelope.Message;
            Assert.Equal(next[writer]++, i);
            read++;
        }

        await Task.WhenAll(writers);
        Assert.False(queue.HasMessages);
    }

    [Fact]
    public void An_actor_reads_from_it_and_what_is_left_goes_to_the_dead_letters()
    {
        var echo = Sys.ActorOf(Props.Create(() => new Echo()));
        echo.Tell("one", TestActor);
        echo.Tell("two", TestActor);
        ExpectMsg("one");
        ExpectMsg("two");
        var queue = new LeanMessageQueue();
        var letters = new LeanMessageQueue();
        queue.Enqueue(echo, new Envelope("late", TestActor));
        queue.CleanUp(echo, letters);
        Assert.Equal(1, letters.Count);
        Assert.False(queue.HasMessages);
    }

    private sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(message => Sender.Tell(message));
    }
}
