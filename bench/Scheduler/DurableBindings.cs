using System.Diagnostics;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Bench.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using Akka.Actor;

namespace ActorOrchestrator.Bench.Scheduler;

/// <summary>The scheduler's actor as the product runs it: every binding goes through the write path into a SQLite file before it counts.</summary>
internal sealed class DurableBindings : IAsyncDisposable
{
    private const int Nodes = 5000;
    private const int PerCommand = 250;

    private readonly string _folder = Directory.CreateTempSubdirectory("scheduler-bench-").FullName;
    private readonly LedgerHost _ledger;
    private readonly ActorSystem _system = ActorSystem.Create("scheduler", "akka.loglevel = WARNING");
    private int _made;

    public DurableBindings() => _ledger = new LedgerHost(Path.Combine(_folder, "ledger.db"));

    public async Task StartAsync()
    {
        await CreateAsync(ResourceTypes.Namespaces, [new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = "bench", ["uid"] = "ns" } }]);
        await CreateAsync(ResourceTypes.Nodes, Enumerable.Range(0, Nodes).Select(SchedulerShape.Node));
        var store = new ResourceStore(_ledger.Client, _ledger.View, ResourceCatalog.BuiltIn, TimeProvider.System);
        var settings = SchedulerSettings.From(LedgerHost.Hocon("control.conf").GetConfig("orchestrator.scheduler"));
        _system.ActorOf(SchedulerActor.Props(_ledger.View, store, new NoEvents(), TimeProvider.System, settings));
    }

    /// <returns>Seconds from the first pod's creation to the last one's binding, and of the processor, all threads together.</returns>
    public async Task<(double Seconds, double Cpu)> BindAsync(int pods, CancellationToken cancellation)
    {
        var bound = 0;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var observation = _ledger.View.Observe(batch =>
        {
            bound += batch.Facts.Count(fact => fact.Key.Type == ResourceTypes.Pods && fact.Object.Links.NodeName.Length > 0);
            if (bound >= pods)
            {
                done.TrySetResult();
            }
        });
        var all = Enumerable.Range(_made, pods).Select(i => SchedulerShape.Pod($"pod-{i}", null)).ToArray();
        _made += pods;
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        await CreateAsync(ResourceTypes.Pods, all);
        await done.Task.WaitAsync(TimeSpan.FromMinutes(2), cancellation);
        return (clock.Elapsed.TotalSeconds, (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds);
    }

    public async ValueTask DisposeAsync()
    {
        await _system.Terminate();
        await _ledger.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task CreateAsync(ResourceType type, IEnumerable<JsonObject> objects)
    {
        var provenance = new Provenance("bench", TimeProvider.System.GetUtcNow(), "create", Revision.None);
        foreach (var some in objects.Chunk(PerCommand))
        {
            var reply = await _ledger.Client.CommitAsync(new LedgerCommands.Commit([.. some.Select(obj => Create(type, obj))], provenance));
            if (reply.Results.FirstOrDefault(result => !result.IsCommitted) is { } refused)
            {
                throw new InvalidOperationException($"A write was refused: {refused.Outcome}");
            }
        }
    }

    private static LedgerCommands.Create Create(ResourceType type, JsonObject obj)
    {
        var stored = SchedulerShape.Stored(type, obj, 0);
        return new LedgerCommands.Create(stored.Key, stored.Uid, ObjectBody.From(obj), []);
    }

    private sealed class NoEvents : IEventRecorder
    {
        public void Record(StoredObject about, bool warning, string reason, string message, string? fieldPath = null)
        {
        }
    }
}
