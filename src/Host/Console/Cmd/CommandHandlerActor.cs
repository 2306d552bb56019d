using Akka.Actor;

namespace ActorOrchestrator.Host.Console.Cmd;

/// <summary>
/// Carries out the commands of one palette. One is made for each command that is run and stopped with it: when the user
/// ends a stream, the handler and whatever it started ends. It answers <c>Sender</c> with <see cref="CommandResponse"/>s.
/// </summary>
public abstract class CommandHandlerActor : UntypedActor
{
    private readonly Dictionary<string, Action<Command>> _handlers = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<Type, Action<object>> _receives = [];
    private readonly CommandPalette _palette;

    protected CommandHandlerActor(CommandPalette palette) => _palette = palette;

    /// <exception cref="ArgumentException">The palette has no such command.</exception>
    protected void Process(string commandName, Action<Command> handler)
    {
        if (!_palette.Commands.Any(command => command.Name.Equals(commandName, StringComparison.OrdinalIgnoreCase)))
        {
            throw new ArgumentException($"Palette {_palette.ModuleName} has no command {commandName}.", nameof(commandName));
        }

        _handlers[commandName] = handler;
    }

    /// <summary>For answers that a handler asked others for and streams on.</summary>
    protected void Receive<T>(Action<T> handler) => _receives[typeof(T)] = message => handler((T)message);

    protected sealed override void OnReceive(object message)
    {
        if (message is Command command)
        {
            if (_handlers.TryGetValue(command.Name, out var handler))
            {
                handler(command);
            }
            else
            {
                Sender.Tell(new ErroredCommandResponse($"Palette {_palette.ModuleName} has no command {command.Name}."));
            }
        }
        else if (_receives.TryGetValue(message.GetType(), out var receive))
        {
            receive(message);
        }
        else
        {
            Unhandled(message);
        }
    }
}

/// <summary>Ties a palette to the actor that carries it out.</summary>
public abstract class CommandPaletteHandler(CommandPalette palette)
{
    public CommandPalette Palette { get; } = palette;

    public abstract Props HandlerProps { get; }

    /// <summary>Called once, when the palette is registered.</summary>
    public virtual void OnRegister(PetabridgeCmd plugin)
    {
    }
}
