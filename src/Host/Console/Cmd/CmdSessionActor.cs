using System.Collections.Immutable;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Akka.Actor;
using Akka.Event;
using static ActorOrchestrator.Host.Console.Cmd.CmdProtocol;

namespace ActorOrchestrator.Host.Console.Cmd;

/// <summary>
/// One connected console.
///
///   Greeting --right proof--> Idle --Run--> Running --final response or Cancel--> Idle
///      | wrong or late: closed         (one command at a time; a second Run is refused)
///
/// 1. Nothing is run before the proof was checked.
/// 2. Frames leave in order: a frame is written only after the one before it was.
/// 3. A command's handler lives no longer than the command and no longer than the connection.
/// </summary>
internal sealed class CmdSessionActor : ReceiveActor, IWithTimers
{
    private const int MaxQueuedFrames = 4096;
    private static readonly TimeSpan GreetingPatience = TimeSpan.FromSeconds(10);
    private readonly NetworkStream _stream;
    private readonly Func<ImmutableDictionary<string, CommandPaletteHandler>> _handlers;
    private readonly string? _token;
    private readonly string _nonce = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopped = new();
    private readonly Queue<Message> _outgoing = new();
    private bool _writing;
    private IActorRef? _execution;

    public CmdSessionActor(Socket socket, Func<ImmutableDictionary<string, CommandPaletteHandler>> handlers, string? token)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        _handlers = handlers;
        _token = token;
        Greeting();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(Socket socket, Func<ImmutableDictionary<string, CommandPaletteHandler>> handlers, string? token) =>
        Akka.Actor.Props.Create(() => new CmdSessionActor(socket, handlers, token));

    protected override void PreStart()
    {
        Timers.StartSingleTimer("greeting", GreetingLate.Instance, GreetingPatience);
        Send(new Welcome(CmdProtocol.Version, _nonce, _token is not null));
        ReadNext();
    }

    protected override void PostStop()
    {
        _stopped.Cancel();
        _stream.Dispose();
    }

    private void Greeting()
    {
        Receive<Arrived>(arrived => arrived.Message is Hello, arrived => OnHello((Hello)arrived.Message!));
        Receive<GreetingLate>(_ => Context.Stop(Self));
        Common();
    }

    private void Ready()
    {
        Receive<Arrived>(arrived => arrived.Message is Run, arrived =>
        {
            OnRun((Run)arrived.Message!);
            ReadNext();
        });
        Receive<Arrived>(arrived => arrived.Message is Cancel, _ =>
        {
            EndExecution("cancelled");
            ReadNext();
        });
        Receive<CommandExecutionActor.Answered>(answered => answered.By.Equals(_execution), OnAnswered);
        Receive<CommandExecutionActor.Answered>(_ => { });
        Common();
    }

    private void Common()
    {
        Receive<Arrived>(_ => Context.Stop(Self));
        Receive<Written>(_ =>
        {
            _writing = false;
            WriteNext();
        });
        Receive<Failed>(failed =>
        {
            if (failed.Cause is InvalidDataException)
            {
                _log.Warning("A console was disconnected: {Reason}", failed.Cause.Message);
            }

            Context.Stop(Self);
        });
    }

    private void OnHello(Hello hello)
    {
        if (hello.Version != CmdProtocol.Version || !ProofIsRight(hello.Proof))
        {
            _log.Warning("A console gave a wrong token or speaks another version ({Version}) and was disconnected", hello.Version);
            Context.Stop(Self);
            return;
        }

        Timers.Cancel("greeting");
        Become(Ready);
        Send(new Offer([.. _handlers().Values.OrderBy(handler => handler.Palette.ModuleName, StringComparer.Ordinal).Select(handler => new PaletteDto(handler.Palette.ModuleName, handler.Palette.Commands))]));
        ReadNext();
    }

    private bool ProofIsRight(string proof) =>
        _token is null || CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Prove(_token, _nonce)), Encoding.UTF8.GetBytes(proof ?? ""));

    private void OnRun(Run run)
    {
        if (_execution is not null)
        {
            Send(new Response("Another command is still running in this session.", true, true));
        }
        else if (!_handlers().TryGetValue(run.Palette, out var handler))
        {
            Send(new Response($"There is no palette {run.Palette} here.", true, true));
        }
        else
        {
            var command = new Command(run.Palette, run.Command, [.. run.Arguments.Select(argument => (argument.Name, argument.Value))]);
            _execution = Context.ActorOf(CommandExecutionActor.Props(handler.HandlerProps, command));
        }
    }

    private void OnAnswered(CommandExecutionActor.Answered answered)
    {
        var text = answered.Response.Text;
        const int part = MaxFrame / 8;
        var sent = 0;
        for (; text.Length - sent > part; sent += part)
        {
            Send(new Response(text.Substring(sent, part), false, false));
        }

        Send(new Response(text[sent..], answered.Response.Final, answered.Response is ErroredCommandResponse));
        if (answered.Response.Final)
        {
            EndExecution(null);
        }
    }

    private void EndExecution(string? text)
    {
        if (_execution is not null)
        {
            Context.Stop(_execution);
            _execution = null;
            if (text is not null)
            {
                Send(new Response(text, true, false));
            }
        }
    }

    private void Send(Message message)
    {
        if (_outgoing.Count >= MaxQueuedFrames)
        {
            _log.Warning("A console does not read what it asked for and was disconnected");
            Context.Stop(Self);
            return;
        }

        _outgoing.Enqueue(message);
        WriteNext();
    }

    private void WriteNext()
    {
        if (!_writing && _outgoing.TryDequeue(out var message))
        {
            _writing = true;
            WriteAsync(_stream, message, _stopped.Token).PipeTo(Self, success: () => Written.Instance, failure: exception => new Failed(exception));
        }
    }

    private void ReadNext() =>
        ReadAsync(_stream, _stopped.Token).PipeTo(Self, success: message => new Arrived(message), failure: exception => new Failed(exception));

    private sealed record Arrived(Message? Message) : INoSerializationVerificationNeeded;

    private sealed record Failed(Exception Cause) : INoSerializationVerificationNeeded;

    private sealed class Written : INoSerializationVerificationNeeded
    {
        public static readonly Written Instance = new();
    }

    private sealed class GreetingLate : INoSerializationVerificationNeeded
    {
        public static readonly GreetingLate Instance = new();
    }
}

/// <summary>One run of one command: the handler's parent and the sender that it answers. A handler that crashes becomes an error for the user.</summary>
internal sealed class CommandExecutionActor : ReceiveActor
{
    private readonly Props _handler;
    private readonly Command _command;

    public CommandExecutionActor(Props handler, Command command)
    {
        _handler = handler;
        _command = command;
        Receive<CommandResponse>(response => Context.Parent.Tell(new Answered(Self, response)));
        Receive<Terminated>(_ => Context.Parent.Tell(new Answered(Self, new ErroredCommandResponse($"{_command.Palette} {_command.Name} failed; the host's log says why."))));
    }

    public static Props Props(Props handler, Command command) => Akka.Actor.Props.Create(() => new CommandExecutionActor(handler, command));

    protected override void PreStart()
    {
        var handler = Context.Watch(Context.ActorOf(_handler, "handler"));
        handler.Tell(_command);
    }

    protected override SupervisorStrategy SupervisorStrategy() =>
        // A command is run once: a restarted handler would not know what it had been asked.
        new OneForOneStrategy(_ => Directive.Stop);

    internal sealed record Answered(IActorRef By, CommandResponse Response) : INoSerializationVerificationNeeded;
}
