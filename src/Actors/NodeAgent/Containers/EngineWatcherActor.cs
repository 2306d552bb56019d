using System.Collections.Immutable;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using Akka.Actor;
using Akka.Event;

namespace ActorOrchestrator.Actors.NodeAgent.Containers;

/// <summary>
/// The agent's eyes on the engine: its event stream, and a list of all our containers whenever the stream begins and, as a
/// safety net, now and then. Tells its parent <see cref="EngineListed"/>, <see cref="EngineEvent"/> and <see cref="EngineLost"/>.
/// <code>
///   Disconnected ──list answered──► Watching ──stream ended or failed──► Disconnected (told: EngineLost) ──retry──► …
/// </code>
/// Invariant: the stream begins at an instant before the list was asked for, so that no event falls between them.
/// </summary>
public sealed class EngineWatcherActor : ReceiveActor, IWithTimers
{
    public sealed record EngineListed(ImmutableArray<EngineContainer> Containers) : INoSerializationVerificationNeeded;

    public sealed record EngineLost(string Message) : INoSerializationVerificationNeeded;

    private sealed record Listed(int Connection, ImmutableArray<EngineContainer> Containers) : INoSerializationVerificationNeeded;
    private sealed record Broken(int Connection, string Message) : INoSerializationVerificationNeeded;
    private sealed record Connect : INoSerializationVerificationNeeded;
    private sealed record Relist : INoSerializationVerificationNeeded;

    /// <summary>The engine's clock and ours are the same machine's; what overlaps is seen twice and does no harm.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(1);

    private readonly NodeAgentPorts _ports;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private CancellationTokenSource _stream = new();
    private int _connection;

    public static Props Props(NodeAgentPorts ports) => Akka.Actor.Props.Create(() => new EngineWatcherActor(ports));

    public EngineWatcherActor(NodeAgentPorts ports)
    {
        _ports = ports;
        Receive<Connect>(_ => OnConnect());
        Receive<Relist>(_ => List());
        Receive<Listed>(listed => Context.Parent.Tell(new EngineListed(listed.Containers)), listed => listed.Connection == _connection);
        Receive<Broken>(OnBroken, broken => broken.Connection == _connection);
        Receive<EngineEvent>(happened => Context.Parent.Tell(happened));
        ReceiveAny(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => OnConnect();

    protected override void PostStop() => _stream.Cancel();

    private void OnConnect()
    {
        _stream.Cancel();
        _stream = new CancellationTokenSource();
        var connection = ++_connection;
        WatchAsync(_ports.Time.GetUtcNow() - Overlap, Self, _stream.Token).PipeTo(
            Self, success: () => new Broken(connection, "the event stream ended"), failure: error => new Broken(connection, error.Message));
        List();
        Timers.StartPeriodicTimer("relist", new Relist(), _ports.Settings.RelistInterval);
    }

    private void List()
    {
        var connection = _connection;
        _ports.Engine.ListAsync(_ports.Settings.EngineLabels, _stream.Token).PipeTo(
            Self, success: containers => new Listed(connection, containers), failure: error => new Broken(connection, error.Message));
    }

    private async Task WatchAsync(DateTimeOffset since, IActorRef self, CancellationToken cancellation)
    {
        await foreach (var happened in _ports.Engine.EventsAsync(_ports.Settings.EngineLabels, since, cancellation))
        {
            self.Tell(happened);
        }
    }

    private void OnBroken(Broken broken)
    {
        _log.Warning("The engine could not be watched and is tried again: {0}", broken.Message);
        _connection++;
        _stream.Cancel();
        Timers.Cancel("relist");
        Context.Parent.Tell(new EngineLost(broken.Message));
        Timers.StartSingleTimer("connect", new Connect(), _ports.Settings.RetryInterval);
    }
}
