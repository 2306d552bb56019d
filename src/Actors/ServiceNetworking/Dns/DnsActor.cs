using System.Net;
using System.Net.Sockets;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.ServiceNetworking.Proxy;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using Akka.Event;

namespace ActorOrchestrator.Actors.ServiceNetworking.Dns;

/// <summary>
/// Keeps the cluster's zone equal to the services and answers pods at the address of this node's bridge.
/// <code>
///   waiting for the node's pod network ──► opening ──► listening
///                                          │    ▲
///                         no such address  └────┘ after a pause (the bridge comes with the first pods)
/// </code>
/// 1. The server reads an immutable zone; a question never waits for this actor.
/// 2. It answers without the control plane, from the last state it knew.
/// </summary>
public sealed class DnsActor : ReceiveActor, IWithTimers
{
    private sealed record FactsSeen(FactBatch Batch) : INoSerializationVerificationNeeded;

    private sealed record Open : INoSerializationVerificationNeeded
    {
        public static readonly Open Instance = new();
    }

    private readonly IClusterReader _reader;
    private readonly IDnsServer _server;
    private readonly string _nodeName;
    private readonly DnsSettings _settings;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly DnsZoneState _state;
    private DnsZone _zone;
    private Observation? _observation;
    private IDisposable? _listener;
    private IPAddress? _gateway;
    private TimeSpan _pause;
    private bool _complained;

    public static Props Props(IClusterReader reader, IDnsServer server, string nodeName, DnsSettings settings, NetworkSettings network) =>
        Akka.Actor.Props.Create(() => new DnsActor(reader, server, nodeName, settings, network));

    public DnsActor(IClusterReader reader, IDnsServer server, string nodeName, DnsSettings settings, NetworkSettings network)
    {
        _reader = reader;
        _server = server;
        _nodeName = nodeName;
        _settings = settings;
        _pause = settings.RetryMin;
        _state = new DnsZoneState(network);
        _zone = _state.Zone;
        Receive<FactsSeen>(OnFacts);
        Receive<Open>(_ => OnOpen());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        var self = Self;
        _observation = _reader.Observe(batch => self.Tell(new FactsSeen(batch)));
        _state.Load(_observation.Start);
        Volatile.Write(ref _zone, _state.Zone);
        if (_observation.Start.Find(new ObjectKey(ResourceTypes.Nodes, "", _nodeName)) is { } node)
        {
            OnNode(node);
        }
    }

    protected override void PostStop()
    {
        _observation?.Dispose();
        _listener?.Dispose();
    }

    private void OnFacts(FactsSeen message)
    {
        _state.Apply(message.Batch);
        Volatile.Write(ref _zone, _state.Zone);
        foreach (var fact in message.Batch.Facts)
        {
            if (fact.Key.Type == ResourceTypes.Nodes && fact.Key.Name == _nodeName && fact.Verb != FactVerb.Deleted)
            {
                OnNode(fact.Object);
            }
        }
    }

    private void OnNode(StoredObject node)
    {
        var gateway = NodeNetwork.PodCidrOf(node)?.At(1);
        if (gateway is null || gateway.Equals(_gateway))
        {
            return;
        }

        _gateway = gateway;
        _listener?.Dispose();
        _listener = null;
        _pause = _settings.RetryMin;
        Self.Tell(Open.Instance);
    }

    private void OnOpen()
    {
        if (_listener is not null || _gateway is not { } gateway)
        {
            return;
        }

        try
        {
            _listener = _server.Listen(new IPEndPoint(gateway, _settings.Port), () => Volatile.Read(ref _zone));
            _log.Info("DNS for pods answers at {Address}:{Port}", gateway, _settings.Port);
        }
        catch (SocketException e)
        {
            // Until the bridge exists this is the normal course; anything else is worth one line.
            if (e.SocketErrorCode != SocketError.AddressNotAvailable && !_complained)
            {
                _complained = true;
                _log.Warning("DNS for pods cannot listen at {Address}:{Port}: {Reason}; it is tried again", gateway, _settings.Port, e.Message);
            }

            Timers.StartSingleTimer(Open.Instance, Open.Instance, _pause);
            _pause = _pause * 2 < _settings.RetryMax ? _pause * 2 : _settings.RetryMax;
        }
    }
}
