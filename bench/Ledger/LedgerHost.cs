using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Persistence;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;

namespace ActorOrchestrator.Bench.Ledger;

/// <summary>A ledger as the product runs it, on a SQLite file in a folder of its own.</summary>
internal sealed class LedgerHost : IAsyncDisposable
{
    private readonly LedgerStorage _storage;
    private readonly ActorSystem _system;

    public LedgerHost(string file)
    {
        var sqlite = Hocon("persistence-sqlite.conf");
        var config = Hocon("base.conf");
        _storage = LedgerStorage.OpenSqlite(file, sqlite);
        _system = ActorSystem.Create("bench", ActorSystemSetup.Create(
            BootstrapSetup.Create().WithConfig(ConfigurationFactory.ParseString("akka.loglevel = WARNING").WithFallback(_storage.Config).WithFallback(config)),
            _storage.Setup));
        Settings = LedgerSettings.From(config.GetConfig("orchestrator.ledger"));
        View = new LedgerView(Settings, TimeProvider.System);
        Client = new LedgerClient(_system.ActorOf(LedgerActor.Props(View, Settings, TimeProvider.System, LedgerStorage.Explain), "ledger"), Settings.CommitTimeout);
    }

    public LedgerSettings Settings { get; }
    public LedgerView View { get; }
    public ILedger Client { get; }

    public static Config Hocon(string file) => ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon", file)));

    /// <summary>A config map whose bytes are about as many as asked for.</summary>
    public static ObjectBody Body(string name, int bytes)
    {
        var obj = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "bench", ["uid"] = "00000000-0000-0000-0000-000000000000" },
            ["data"] = new JsonObject { ["value"] = "" },
        };
        var bare = ObjectBody.From(obj).Utf8.Length;
        obj["data"]!["value"] = new string('x', Math.Max(0, bytes - bare));
        return ObjectBody.From(obj);
    }

    public static ObjectKey Key(string name) => new(ResourceTypes.ConfigMaps, "bench", name);

    public Task CreateAsync(string name, ObjectBody body) => CreateAsync([name], body);

    /// <summary>Several in one command.</summary>
    public async Task CreateAsync(IEnumerable<string> names, ObjectBody body)
    {
        var provenance = new Provenance("bench", TimeProvider.System.GetUtcNow(), "create", Revision.None);
        var reply = await Client.CommitAsync(new LedgerCommands.Commit([.. names.Select(name => new LedgerCommands.Create(Key(name), name, body, []))], provenance));
        if (reply.Results.FirstOrDefault(result => !result.IsCommitted) is { } refused)
        {
            throw new InvalidOperationException($"A write was refused: {refused.Outcome}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _system.Terminate();
        _storage.Dispose();
    }
}
