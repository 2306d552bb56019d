using System.Collections.Immutable;
using System.Net;
using Akka.Actor;
using Akka.Configuration;

namespace ActorOrchestrator.Host.Console.Cmd;

/// <summary>The console of an actor system: palettes are registered, then <see cref="Start"/> listens for <c>pbm</c>.</summary>
public sealed class PetabridgeCmd : IExtension
{
    private const string Defaults =
        """
        petabridge.cmd {
          host = "127.0.0.1"
          port = 9110
          log-palettes-on-startup = off
          # Needed when host is not a loopback address: a file with the shared secret, readable by its owner alone.
          token-file = ""
          max-sessions = 64
        }
        """;

    private readonly Lock _gate = new();
    private readonly ExtendedActorSystem _system;
    private ImmutableDictionary<string, CommandPaletteHandler> _handlers = ImmutableDictionary.Create<string, CommandPaletteHandler>(StringComparer.OrdinalIgnoreCase);
    private IActorRef? _listener;

    internal PetabridgeCmd(ExtendedActorSystem system)
    {
        _system = system;
        system.Settings.InjectTopLevelFallback(ConfigurationFactory.ParseString(Defaults));
        Settings = CmdSettings.From(system.Settings.Config.GetConfig("petabridge.cmd"));
    }

    public CmdSettings Settings { get; }

    public static PetabridgeCmd Get(ActorSystem system) => system.WithExtension<PetabridgeCmd, PetabridgeCmdProvider>();

    /// <summary>False when a palette of that name is registered already.</summary>
    public bool RegisterCommandPalette(CommandPaletteHandler handler)
    {
        lock (_gate)
        {
            if (_handlers.ContainsKey(handler.Palette.ModuleName))
            {
                return false;
            }

            _handlers = _handlers.Add(handler.Palette.ModuleName, handler);
        }

        handler.OnRegister(this);
        return true;
    }

    /// <summary>Listens; calling it again changes nothing. A port that is taken is logged and tried again with backoff: the console must not stop the orchestrator.</summary>
    /// <exception cref="ConfigurationException">The address is not loopback and there is no token to authenticate with.</exception>
    public void Start()
    {
        lock (_gate)
        {
            _listener ??= _system.SystemActorOf(CmdListenerActor.Props(Settings, () => _handlers, Settings.ReadToken()), "petabridge-cmd");
        }
    }
}

public sealed class PetabridgeCmdProvider : ExtensionIdProvider<PetabridgeCmd>
{
    public override PetabridgeCmd CreateExtension(ExtendedActorSystem system) => new(system);
}

/// <param name="Host">Where to listen.</param>
/// <param name="Port">TCP port; 0 takes a free one.</param>
/// <param name="LogPalettes">Log the names of the palettes when listening begins.</param>
/// <param name="TokenFile">The shared secret's file; needed where <paramref name="Host"/> is not loopback.</param>
/// <param name="MaxSessions">More connections than this are refused.</param>
public sealed record CmdSettings(string Host, int Port, bool LogPalettes, string TokenFile, int MaxSessions)
{
    public bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    public static CmdSettings From(Config config) =>
        new(config.GetString("host"), config.GetInt("port"), config.GetBoolean("log-palettes-on-startup"), config.GetString("token-file"), config.GetInt("max-sessions"));

    public string? ReadToken()
    {
        if (TokenFile.Length > 0)
        {
            return File.ReadAllText(TokenFile).Trim();
        }

        return IsLoopback
            ? null
            : throw new ConfigurationException($"petabridge.cmd.host is {Host}, which others can reach: set petabridge.cmd.token-file to a file with a secret, or use 127.0.0.1.");
    }
}
