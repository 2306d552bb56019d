using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using Akka.Event;

namespace ActorOrchestrator.Actors.NodeAgent.Nodes;

/// <summary>
/// The node's own object: registers it, beats its heart, and writes its status when it changes, when somebody else changed what is
/// ours in it, and every status interval.
/// <code>
///   Unknown ──the cluster's first state──► Absent ──create──► Registered ──health, measure, object changed: compare──► (write) ──► Registered …
/// </code>
/// Invariants: one write is under way at a time; a failed one is made again at the next tick; nothing is written before it is known what
/// was written before.
/// </summary>
public sealed class NodeActor : ReceiveActor, IWithTimers
{
    /// <summary>Why pods cannot run now; empty when they can.</summary>
    public sealed record Health(string NotReady) : INoSerializationVerificationNeeded;

    /// <summary>The Node's object is not what it was, or the cluster's state has been heard of for the first time.</summary>
    public sealed record ObjectChanged : INoSerializationVerificationNeeded;

    private sealed record Tick : INoSerializationVerificationNeeded;
    private sealed record Measured(MachineFacts Machine) : INoSerializationVerificationNeeded;
    private sealed record Written(bool Ok, string Message) : INoSerializationVerificationNeeded;

    private readonly NodeAgentPorts _ports;
    private readonly EngineInfo _engine;
    private readonly EngineAbilities _abilities;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private MachineFacts _machine;
    private bool _healthIsKnown;
    private string _notReady = "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:the pod network is not made yet";
    private bool _busy;
    private bool _dirty;
    private bool _failed;
    private bool _limitsTold;
    private string _lastFailure = "";
    private DateTimeOffset _lastWrite = DateTimeOffset.MinValue;
    private DateTimeOffset _lastMeasure;

    public static Props Props(NodeAgentPorts ports, MachineFacts machine, EngineInfo engine, EngineAbilities abilities) =>
        Akka.Actor.Props.Create(() => new NodeActor(ports, machine, engine, abilities));

    public NodeActor(NodeAgentPorts ports, MachineFacts machine, EngineInfo engine, EngineAbilities abilities)
    {
        _ports = ports;
        _machine = machine;
        _engine = engine;
        _abilities = abilities;
        _lastMeasure = ports.Time.GetUtcNow();
        Receive<Tick>(_ => OnTick());
        Receive<Health>(health =>
        {
            _notReady = health.NotReady;
            _healthIsKnown = true;
            _dirty = _busy;
            Write();
        });
        Receive<ObjectChanged>(_ => Write());
        Receive<Measured>(measured =>
        {
            _machine = measured.Machine;
            Write();
        });
        Receive<Written>(OnWritten);
        Receive<Status.Failure>(failure => _log.Warning("The machine could not be measured: {0}", failure.Cause.Message));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private static readonly TimeSpan MeasureInterval = TimeSpan.FromSeconds(10);

    private ObservedNode Observed => new(_machine, _engine, _abilities, _notReady, _ports.Time.GetUtcNow());

    protected override void PreStart()
    {
        _lastWrite = _ports.Time.GetUtcNow();
        Timers.StartPeriodicTimer("tick", new Tick(), _ports.Settings.HeartbeatInterval);
        Write();
    }

    protected override void PostStop() => _stopping.Cancel();

    private void OnTick()
    {
        _ports.ControlPlane.Heartbeat(_ports.Settings.NodeName);
        var now = _ports.Time.GetUtcNow();
        if (now - _lastMeasure >= MeasureInterval)
        {
            _lastMeasure = now;
            _ports.Machine.ReadAsync(_stopping.Token).PipeTo(Self, success: machine => new Measured(machine));
        }

        if (_failed || now - _lastWrite >= _ports.Settings.StatusInterval)
        {
            Write();
        }
    }

    private void Write()
    {
        var observed = Observed;
        var settings = _ports.Settings;
        var key = new ObjectKey(ResourceTypes.Nodes, "", settings.NodeName);
        var cluster = _ports.ControlPlane.Reader.Current;
        var stored = cluster.Find(key);
        if (_busy || cluster.Revision == Revision.None || (stored is not null && !_healthIsKnown))
        {
            // What the last agent of this node wrote stands until this one knows better: a restart alone makes no news.
            return;
        }

        if (stored is not null)
        {
            var json = stored.ToJson();
            var status = json["status"] as JsonObject;
            _limitsTold |= (status?["conditions"] as JsonArray ?? []).Any(condition => (string?)condition?["type"] == "EngineLimited");
            var isDue = observed.Now - _lastWrite >= settings.StatusInterval;
            if (!isDue && !NodeObject.IsNews(NodeObject.Status(observed, settings, status), status) && !NodeObject.Label(json, observed, settings))
            {
                return;
            }
        }

        _busy = true;
        WriteAsync(key, observed, stored is not null, _stopping.Token).PipeTo(Self, failure: error => new Written(false, error.Message));
    }

    private async Task<Written> WriteAsync(ObjectKey key, ObservedNode observed, bool exists, CancellationToken cancellation)
    {
        var settings = _ports.Settings;
        var client = _ports.ControlPlane.Client;
        if (!exists)
        {
            var created = await client.CreateAsync(ResourceTypes.Nodes, "", NodeObject.Create(observed, settings), new WriteOptions(settings.Principal, "register node"), cancellation);
            if (!created.Ok && created.Failure!.Code != 409)
            {
                return new Written(false, created.Failure.Message);
            }
        }

        var labelled = await client.UpdateAsync(
            key,
            (_, json) => NodeObject.Label(json, observed, settings) ? json : ChangeResult.Nothing,
            new WriteOptions(settings.Principal, "label node"),
            cancellation);
        if (!labelled.Ok)
        {
            return new Written(false, labelled.Failure!.Message);
        }

        JsonObject? before = null, after = null;
        var reported = await client.UpdateAsync(
            key,
            (_, json) =>
            {
                before = json["status"] as JsonObject;
                json["status"] = after = NodeObject.Status(observed, settings, before);
                return json;
            },
            new WriteOptions(settings.Principal, "report status") { Subresource = "status" },
            cancellation);
        if (reported.Object is { } node && after is not null)
        {
            foreach (var (warning, reason, message) in NodeEvents.Between(settings.NodeName, before, after))
            {
                _ports.ControlPlane.Events.Record(node, warning, reason, message);
            }
        }

        return new Written(reported.Ok, reported.Failure?.Message ?? "");
    }

    /// <summary>One event when the limits are found, not one with every start.</summary>
    private void TellLimits()
    {
        var node = _ports.ControlPlane.Reader.Current.Find(new ObjectKey(ResourceTypes.Nodes, "", _ports.Settings.NodeName));
        if (_abilities.IsLimited && !_limitsTold && node is not null)
        {
            _ports.ControlPlane.Events.Record(node, warning: true, "EngineLimited", $"the container engine lacks CAP_SYS_RESOURCE: {_abilities.Limits}");
        }

        _limitsTold = true;
    }

    private void OnWritten(Written written)
    {
        _busy = false;
        _failed = !written.Ok;
        if (written.Ok)
        {
            TellLimits();
            _lastWrite = _ports.Time.GetUtcNow();
            _lastFailure = "";
        }
        else if (written.Message != _lastFailure)
        {
            _lastFailure = written.Message;
            _log.Warning("The status of node {0} could not be written and is tried again: {1}", _ports.Settings.NodeName, written.Message);
        }

        // Health that changed while the write was under way does not wait for the next tick.
        if (written.Ok && _dirty)
        {
            _dirty = false;
            Write();
        }
    }
}
