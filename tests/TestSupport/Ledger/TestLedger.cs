using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Ledger.History;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;

namespace ActorOrchestrator.TestSupport.Ledger;

/// <summary>A whole ledger in one actor system, on whatever journal that system has (in memory unless it is told otherwise).</summary>
public sealed class TestLedger
{
    public static readonly LedgerSettings DefaultSettings = new()
    {
        BatchFacts = 256,
        BatchBytes = 4 << 20,
        QueueCommits = 4096,
        QueueBytes = 64 << 20,
        WindowFacts = 4096,
        WindowBytes = 32 << 20,
        SnapshotFacts = 8192,
        SnapshotBytes = 64 << 20,
        CommitTimeout = TimeSpan.FromSeconds(10),
        RestartMin = TimeSpan.FromMilliseconds(50),
        RestartMax = TimeSpan.FromMilliseconds(200),
        Retention = new LedgerRetention(TimeSpan.FromDays(7), 1_000_000, 512 << 20, TimeSpan.FromMinutes(1)),
        Replication = new ReplicationSettings(512 << 10, 8, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2)),
    };

    public TestLedger(ActorSystem system, LedgerSettings? settings = null, TimeProvider? time = null, string? name = null)
    {
        Settings = settings ?? DefaultSettings;
        Time = time ?? TimeProvider.System;
        View = new LedgerView(Settings, Time);
        View.LooksBackIn(new JournalArchive(system, View, Settings.History, Time));
        Actor = system.ActorOf(LedgerActor.Props(View, Settings, Time), name);
        Client = new LedgerClient(Actor, Settings.CommitTimeout);
    }

    public LedgerSettings Settings { get; }
    public TimeProvider Time { get; }

    /// <summary>The reader. <see cref="ClusterSnapshot"/> is empty until the first write or <see cref="StartedAsync"/>.</summary>
    public LedgerView View { get; }

    public IActorRef Actor { get; }
    public ILedger Client { get; }

    /// <summary>Ends when the ledger has recovered and takes writes.</summary>
    public Task<Revision> StartedAsync() => Client.NewestRevisionAsync();

    public Provenance By(string act, string principal = "tester") => new(principal, Time.GetUtcNow(), act, Revision.None);

    /// <summary>Stores a full object as it is given, without any of the API's rules. Its uid is made up when it has none.</summary>
    public async Task<StoredObject> CreateAsync(ResourceType type, JsonObject obj, params string[] claims)
    {
        var metadata = obj["metadata"]!.AsObject();
        var uid = (string?)metadata["uid"] ?? Guid.NewGuid().ToString();
        metadata["uid"] = uid;
        var key = new ObjectKey(type, (string?)metadata["namespace"] ?? "", (string)metadata["name"]!);
        return await CommitAsync(new LedgerCommands.Create(key, uid, ObjectBody.From(obj), [.. claims]), "create");
    }

    /// <summary>Stores a full object over the newest one of that name.</summary>
    public async Task<StoredObject> ReplaceAsync(ObjectKey key, Action<JsonObject> change)
    {
        var current = View.Current.Find(key) ?? throw new InvalidOperationException($"There is no {key}.");
        var obj = current.ToJson();
        change(obj);
        return await CommitAsync(new LedgerCommands.Replace(key, ObjectBody.From(obj), current.Revision, current.Claims), "update");
    }

    public async Task<StoredObject> RemoveAsync(ObjectKey key) =>
        await CommitAsync(new LedgerCommands.Remove(key, null, null), "delete");

    private async Task<StoredObject> CommitAsync(LedgerCommands.Write write, string act)
    {
        var reply = await Client.CommitAsync(new LedgerCommands.Commit([write], By(act)));
        var result = reply.Results[0];
        return result.IsCommitted ? result.Object! : throw new InvalidOperationException($"{act} of {write.Key} was refused: {result.Outcome}.");
    }
}
