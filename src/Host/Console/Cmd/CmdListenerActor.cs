using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Event;

namespace ActorOrchestrator.Host.Console.Cmd;

/// <summary>
/// Listens for consoles and gives each connection a session of its own.
///
///   Binding --bound--> Listening --accept--> (a CmdSessionActor)
///      ^ port taken: again after a pause, which doubles up to a minute
///
/// 1. A failing session ends alone; its socket is closed.
/// 2. More than max-sessions connections are closed at once.
/// </summary>
internal sealed class CmdListenerActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private readonly CmdSettings _settings;
    private readonly Func<ImmutableDictionary<string, CommandPaletteHandler>> _handlers;
    private readonly string? _token;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopped = new();
    private TcpListener? _listener;
    private TimeSpan _pause = TimeSpan.FromSeconds(1);

    public CmdListenerActor(CmdSettings settings, Func<ImmutableDictionary<string, CommandPaletteHandler>> handlers, string? token)
    {
        _settings = settings;
        _handlers = handlers;
        _token = token;
        Receive<Bind>(_ => OnBind());
        Receive<Accepted>(accepted => OnAccepted(accepted.Socket));
        Receive<Status.Failure>(failure => _log.Error(failure.Cause, "The console stopped accepting connections"));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(CmdSettings settings, Func<ImmutableDictionary<string, CommandPaletteHandler>> handlers, string? token) =>
        Akka.Actor.Props.Create(() => new CmdListenerActor(settings, handlers, token));

    protected override void PreStart() => Self.Tell(Bind.Instance);

    protected override void PostStop()
    {
        _stopped.Cancel();
        _listener?.Stop();
    }

    protected override SupervisorStrategy SupervisorStrategy() =>
        // A session that failed has lost its place in the stream; only the client can begin again.
        new OneForOneStrategy(_ => Directive.Stop);

    private void OnBind()
    {
        var address = _settings.Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(_settings.Host);
        var listener = new TcpListener(address, _settings.Port);
        try
        {
            listener.Start();
        }
        catch (SocketException exception)
        {
            _log.Warning("The console could not listen on {Host}:{Port} ({Error}); trying again in {Pause}", _settings.Host, _settings.Port, exception.SocketErrorCode, _pause);
            Timers.StartSingleTimer("bind", Bind.Instance, _pause);
            _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
            return;
        }

        _listener = listener;
        _log.Info("The console listens on {Endpoint}", listener.LocalEndpoint);
        if (_settings.LogPalettes)
        {
            _log.Info("Console palettes: {Palettes}", string.Join(", ", _handlers().Keys));
        }

        AcceptNext();
    }

    private void AcceptNext()
    {
        var token = _stopped.Token;
        _listener!.AcceptSocketAsync(token).AsTask().PipeTo(Self, success: socket => new Accepted(socket), failure: exception => token.IsCancellationRequested ? Bind.Instance : new Status.Failure(exception));
    }

    private void OnAccepted(Socket socket)
    {
        if (Context.GetChildren().Count() >= _settings.MaxSessions)
        {
            _log.Warning("A console was turned away: {Count} are connected", _settings.MaxSessions);
            socket.Dispose();
        }
        else
        {
            Context.ActorOf(CmdSessionActor.Props(socket, _handlers, _token));
        }

        AcceptNext();
    }

    private sealed class Bind : INoSerializationVerificationNeeded
    {
        public static readonly Bind Instance = new();
    }

    private sealed record Accepted(Socket Socket) : INoSerializationVerificationNeeded;
}
