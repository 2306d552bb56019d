using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Dispatch.MessageQueues;

namespace ActorOrchestrator.Actors.Mailboxes;

/// <summary>
/// The default mailbox of all our actor systems: unbounded, and next to nothing while it is empty. Akka's own keeps a ring of 32 places from the beginning, a kilobyte for each
/// actor; a pod is five actors that are asleep almost always.
/// </summary>
public sealed class LeanMailbox(Settings settings, Config config) : MailboxType(settings, config), IProducesMessageQueue<LeanMessageQueue>
{
    public override IMessageQueue Create(IActorRef owner, ActorSystem system) => new LeanMessageQueue();
}

/// <summary>A linked queue of any number of writers and one reader, the mailbox's turn (D. Vyukov's non-blocking queue).</summary>
public sealed class LeanMessageQueue : IMessageQueue, IUnboundedMessageQueueSemantics
{
    // The node whose message has been read already; the queue is never without one.
    private Node _read;
    private Node _newest;

    public LeanMessageQueue() => _read = _newest = new Node(default);

    public bool HasMessages => Volatile.Read(ref _read.Next) is not null;

    public int Count
    {
        get
        {
            var count = 0;
            for (var node = Volatile.Read(ref _read.Next); node is not null; node = Volatile.Read(ref node.Next))
            {
                count++;
            }

            return count;
        }
    }

    public void Enqueue(IActorRef receiver, Envelope envelope)
    {
        var node = new Node(envelope);

        // Between these two the reader may not see it yet; whoever writes asks for the mailbox's turn afterwards.
        Volatile.Write(ref Interlocked.Exchange(ref _newest, node).Next, node);
    }

    public bool TryDequeue(out Envelope envelope)
    {
        if (Volatile.Read(ref _read.Next) is not { } next)
        {
            envelope = default;
            return false;
        }

        envelope = next.Envelope;
        next.Envelope = default;
        _read = next;
        return true;
    }

    public void CleanUp(IActorRef owner, IMessageQueue deadletters)
    {
        while (TryDequeue(out var envelope))
        {
            deadletters.Enqueue(owner, envelope);
        }
    }

    private sealed class Node(Envelope envelope)
    {
        public Envelope Envelope = envelope;
        public Node? Next;
    }
}
