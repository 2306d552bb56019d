using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using Akka.Actor;
using Akka.Event;

namespace ActorOrchestrator.Actors.ServiceNetworking.Proxy;

/// <summary>
/// Keeps the table of service rules equal to what Services and EndpointSlices say.
/// <code>
///            facts, foreign change, verification
///                 │ (marks dirty)
///   ┌──────┐ Program ┌─────────────┐ Programmed, nothing dirty
///   │ idle ├────────►│ programming ├──────────► idle
///   └──────┘         └──┬──────▲───┘
///                Failed │      │ after a pause: the whole table
///                    ┌──▼──────┴─┐
///                    │ backing   │
///                    │ off       │
///                    └───────────┘
/// </code>
/// 1. One transaction is under way at a time; what arrives meanwhile becomes the next one.
/// 2. The first transaction replaces the table in one step; rules that a dead process left carry traffic until then.
/// 3. A step that changes elements assumes that the table is what was programmed last; whoever else touches it causes a replacement.
/// 4. Stopping removes nothing: services work without this process.
/// </summary>
public sealed class ServiceProxyActor : ReceiveActor, IWithTimers
{
    private sealed record FactsSeen(FactBatch Batch) : INoSerializationVerificationNeeded;

    private sealed record Program : INoSerializationVerificationNeeded
    {
        public static readonly Program Instance = new();
    }

    private sealed record Programmed(int Attempt, NftRuleset Ruleset, UdpTargets Udp, int Bytes, TimeSpan Took, int StaleFlows) : INoSerializationVerificationNeeded;

    private sealed record Failed(int Attempt, Exception Cause) : INoSerializationVerificationNeeded;

    private sealed record ForeignChange : INoSerializationVerificationNeeded
    {
        public static readonly ForeignChange Instance = new();
    }

    private sealed record Verify : INoSerializationVerificationNeeded
    {
        public static readonly Verify Instance = new();
    }

    private sealed record Verified(bool Intact) : INoSerializationVerificationNeeded;

    /// <summary>Tell it whether frames between ports of the bridge pass through netfilter (see <see cref="NodeNetwork"/>).</summary>
    public sealed record BridgeNetfilter(bool Available) : INoSerializationVerificationNeeded;

    private readonly IClusterReader _reader;
    private readonly INetfilter _netfilter;
    private readonly IConntrack _conntrack;
    private readonly ServiceProxySettings _settings;
    private readonly NetworkSettings _network;
    private readonly TimeProvider _time;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopped = new();
    private readonly ServiceProxyState _state;
    private Observation? _observation;
    private IDisposable? _watch;
    private NftRuleset? _programmed;
    private NodeNetwork? _programmedNode;
    private UdpTargets _programmedUdp = UdpTargets.Empty;
    private TimeSpan _pause;
    private bool _dirty;
    private bool _replace = true;
    private bool _inFlight;
    private bool _programQueued;
    private int _attempt;

    public static Props Props(
        IClusterReader reader, INetfilter netfilter, IConntrack conntrack, string nodeName,
        ServiceProxySettings settings, NetworkSettings network, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new ServiceProxyActor(reader, netfilter, conntrack, nodeName, settings, network, time));

    public ServiceProxyActor(
        IClusterReader reader, INetfilter netfilter, IConntrack conntrack, string nodeName,
        ServiceProxySettings settings, NetworkSettings network, TimeProvider time)
    {
        _reader = reader;
        _netfilter = netfilter;
        _conntrack = conntrack;
        _settings = settings;
        _network = network;
        _time = time;
        _pause = settings.RetryMin;
        _state = new ServiceProxyState(nodeName, network, settings.MasqueradeMark);
        Receive<FactsSeen>(OnFacts);
        Receive<BridgeNetfilter>(message => Mark(_state.SetBridgeNetfilter(message.Available)));
        Receive<Program>(_ => OnProgram());
        Receive<Programmed>(OnProgrammed);
        Receive<Failed>(OnFailed);
        Receive<ForeignChange>(_ => OnForeignChange());
        Receive<Verify>(_ => OnVerify());
        Receive<Verified>(OnVerified);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        var self = Self;
        _observation = _reader.Observe(batch => self.Tell(new FactsSeen(batch)));
        _state.Load(_observation.Start);
        _watch = _netfilter.WatchForeignChanges(_settings.Table, () => self.Tell(ForeignChange.Instance));
        Timers.StartPeriodicTimer(Verify.Instance, Verify.Instance, _settings.VerifyInterval);
        Mark(true);
    }

    protected override void PostStop()
    {
        _observation?.Dispose();
        _watch?.Dispose();
        _stopped.Cancel();
        _stopped.Dispose();
    }

    private void OnFacts(FactsSeen message)
    {
        var changed = false;
        foreach (var fact in message.Batch.Facts)
        {
            changed |= _state.Apply(fact);
        }

        Mark(changed);
    }

    /// <summary>The order to program goes through the mailbox, so that everything that is already in it is part of the same transaction.</summary>
    private void Mark(bool changed)
    {
        _dirty |= changed;
        if (_dirty && !_inFlight && !_programQueued && !Timers.IsTimerActive(Program.Instance))
        {
            _programQueued = true;
            Self.Tell(Program.Instance);
        }
    }

    private void OnProgram()
    {
        _programQueued = false;
        if (_inFlight || !_dirty)
        {
            return;
        }

        _dirty = false;
        var (ruleset, node, udp) = (_state.Rules(), _state.Node, _state.UdpTargets());
        var script = !_replace && _programmed is { } programmed && _programmedNode == node ? NftScript.Change(_settings.Table, programmed, ruleset) : null;
        if (script is { Length: 0 })
        {
            return;
        }

        _inFlight = true;
        _replace = false;
        _programmedNode = node;
        ApplyAsync(++_attempt, script, ruleset, node, udp, _programmedUdp).PipeTo(Self);
    }

    /// <param name="script">Null: the whole table.</param>
    private async Task<object> ApplyAsync(int attempt, string? script, NftRuleset ruleset, NodeNetwork node, UdpTargets udp, UdpTargets udpBefore)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token);
            limit.CancelAfter(_settings.CommandTimeout);
            var started = _time.GetTimestamp();
            script ??= NftScript.Replace(_settings, _network, node, ruleset, await _netfilter.AffinitiesAsync(_settings.Table, limit.Token));
            await _netfilter.ApplyAsync(script, limit.Token);
            var took = _time.GetElapsedTime(started);
            var stale = udp.SameAs(udpBefore) ? 0 : await ForgetStaleFlowsAsync(udp, limit.Token);
            return new Programmed(attempt, ruleset, udp, script.Length, took, stale);
        }
        catch (Exception e) when (e is NetfilterException or OperationCanceledException or ObjectDisposedException)
        {
            return new Failed(attempt, e);
        }
    }

    private async Task<int> ForgetStaleFlowsAsync(UdpTargets udp, CancellationToken cancellation)
    {
        var stale = udp.Stale(await _conntrack.UdpFlowsAsync(cancellation), _conntrack.LocalAddresses());
        if (stale.Count > 0)
        {
            await _conntrack.DeleteAsync(stale, cancellation);
        }

        return stale.Count;
    }

    private void OnProgrammed(Programmed message)
    {
        if (message.Attempt != _attempt)
        {
            return;
        }

        if (_programmed is null)
        {
            _log.Info("Service rules were put in place: table ip {Table}, {Elements} elements, in {Milliseconds} ms", _settings.Table, message.Ruleset.Elements.Count, message.Took.TotalMilliseconds);
        }
        else
        {
            _log.Debug("Service rules were changed: {Bytes} bytes in {Milliseconds} ms, {StaleFlows} stale UDP flows forgotten", message.Bytes, message.Took.TotalMilliseconds, message.StaleFlows);
        }

        _inFlight = false;
        _programmed = message.Ruleset;
        _programmedUdp = message.Udp;
        _pause = _settings.RetryMin;
        Mark(false);
    }

    private void OnFailed(Failed message)
    {
        if (message.Attempt != _attempt)
        {
            return;
        }

        _log.Warning(message.Cause, "Service rules could not be programmed, the whole table is tried again in {Pause}", _pause);
        _inFlight = false;
        _replace = true;
        _dirty = true;
        Timers.StartSingleTimer(Program.Instance, Program.Instance, _pause);
        _pause = _pause * 2 < _settings.RetryMax ? _pause * 2 : _settings.RetryMax;
    }

    private void OnForeignChange()
    {
        _log.Warning("Somebody else changed table ip {Table}; it is put back", _settings.Table);
        Replace();
    }

    private void OnVerify()
    {
        if (_inFlight || _programmed is not { } programmed)
        {
            return;
        }

        VerifyAsync(programmed).PipeTo(Self);
    }

    private async Task<object> VerifyAsync(NftRuleset programmed)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token);
        limit.CancelAfter(_settings.CommandTimeout);
        var attempt = _attempt;
        try
        {
            var chains = await _netfilter.ChainsAsync(_settings.Table, limit.Token);
            return new Verified(chains is not null && BaseTable.Chains.All(chains.Contains) && programmed.Chains.Keys.All(chains.Contains));
        }
        catch (Exception e) when (e is NetfilterException or OperationCanceledException or ObjectDisposedException)
        {
            return new Failed(attempt, e);
        }
    }

    private void OnVerified(Verified message)
    {
        // While a transaction is under way the chains are about to be others; the next round looks again.
        if (!message.Intact && !_inFlight && !_dirty)
        {
            _log.Warning("Table ip {Table} is not whole; it is put back", _settings.Table);
            Replace();
        }
    }

    private void Replace()
    {
        _replace = true;
        Mark(true);
    }
}
