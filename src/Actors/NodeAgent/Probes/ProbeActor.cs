using System.Globalization;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Probes;

/// <summary>
/// One probe of one running container: tries at its period, counts successes and failures, and tells its parent when a threshold is crossed.
/// <code>
///   Waiting ──initialDelaySeconds──► Probing ──outcome──► Waiting ──periodSeconds──► Probing …
/// </code>
/// Invariants: one try at a time; a verdict is told on the first crossing and on each change after it, a liveness or startup failure once.
/// </summary>
public sealed class ProbeActor : ReceiveActor, IWithTimers
{
    private sealed record Try : INoSerializationVerificationNeeded;
    private sealed record Tried(ProbeOutcome Outcome) : INoSerializationVerificationNeeded;

    private readonly PodContext _context;
    private readonly StoredObject _pod;
    private readonly string _container;
    private readonly ProbeKind _kind;
    private readonly V1Probe _probe;
    private readonly ProbeTarget _target;
    private readonly CancellationTokenSource _stopping = new();
    private bool? _verdict;
    private int _successes;
    private int _failures;

    public static Props Props(PodContext context, StoredObject pod, string container, ProbeKind kind, V1Probe probe, ProbeTarget target, bool? known) =>
        Akka.Actor.Props.Create(() => new ProbeActor(context, pod, container, kind, probe, target, known));

    /// <param name="context">Of the pod.</param>
    /// <param name="pod">For events.</param>
    /// <param name="container">The container's name.</param>
    /// <param name="kind">Which of its probes.</param>
    /// <param name="probe">Its specification.</param>
    /// <param name="target">What it is aimed at.</param>
    /// <param name="known">The verdict from before an agent's restart.</param>
    public ProbeActor(PodContext context, StoredObject pod, string container, ProbeKind kind, V1Probe probe, ProbeTarget target, bool? known)
    {
        _context = context;
        _pod = pod;
        _container = container;
        _kind = kind;
        _probe = probe;
        _target = target;
        _verdict = known;
        Receive<Try>(_ => ProbeAsync().PipeTo(Self, success: outcome => new Tried(outcome), failure: error => new Tried(new ProbeOutcome(false, error.Message))));
        Receive<Tried>(OnTried);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan Period => TimeSpan.FromSeconds(Math.Max(1, _probe.PeriodSeconds ?? 10));

    protected override void PreStart()
    {
        if (_probe.InitialDelaySeconds is > 0 and var delay)
        {
            Timers.StartSingleTimer("try", new Try(), TimeSpan.FromSeconds(delay));
        }
        else
        {
            Self.Tell(new Try());
        }
    }

    protected override void PostStop() => _stopping.Cancel();

    private void OnTried(Tried tried)
    {
        Timers.StartSingleTimer("try", new Try(), Period);
        if (tried.Outcome.Success)
        {
            _failures = 0;
            _successes++;
            if (_verdict != true && _successes >= Math.Max(1, _probe.SuccessThreshold ?? 1))
            {
                Tell(true, tried.Outcome.Output);
            }

            return;
        }

        _successes = 0;
        _failures++;
        _context.Record(_pod, warning: true, "Unhealthy", $"{_kind} probe failed: {tried.Outcome.Output}", _container);
        if (_verdict != false && _failures >= Math.Max(1, _probe.FailureThreshold ?? 3))
        {
            Tell(false, tried.Outcome.Output);
        }
    }

    private void Tell(bool success, string output)
    {
        _verdict = success;
        Context.Parent.Tell(new ProbeVerdict(_kind, _target.RunId, success, output));
    }

    private async Task<ProbeOutcome> ProbeAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var timeout = TimeSpan.FromSeconds(Math.Max(1, _probe.TimeoutSeconds ?? 1));
        limit.CancelAfter(timeout);
        try
        {
            return await ProbeAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
        {
            return new ProbeOutcome(false, _probe.Exec is null ? "context deadline exceeded" : $"command timed out: {string.Join(' ', _probe.Exec.Command)} timed out after {timeout.TotalSeconds:0}s");
        }
        catch (Exception error) when (error is Containers.EngineException or FormatException)
        {
            return new ProbeOutcome(false, error.Message);
        }
    }

    private async Task<ProbeOutcome> ProbeAsync(CancellationToken cancellation)
    {
        var prober = _context.Ports.Prober;
        if (_probe.Exec is { } exec)
        {
            var outcome = await _context.Engine.ExecAsync(_target.RunId, [.. exec.Command], cancellation);
            return new ProbeOutcome(outcome.ExitCode == 0, outcome.Output);
        }

        if (_probe.HttpGet is { } http)
        {
            return await prober.HttpAsync(HttpProbeOf(http, _target), cancellation);
        }

        if (_probe.TcpSocket is { } tcp)
        {
            return await prober.TcpAsync(string.IsNullOrEmpty(tcp.Host) ? _target.Address : tcp.Host, Port(tcp.Port.ToString(), _target), cancellation);
        }

        return _probe.Grpc is { } grpc
            ? await prober.GrpcAsync(_target.Address, grpc.Port, grpc.Service ?? "", cancellation)
            : new ProbeOutcome(false, "missing probe handler");
    }

    internal static HttpProbe HttpProbeOf(V1HTTPGetAction http, ProbeTarget target)
    {
        var path = http.Path ?? "/";
        return new HttpProbe(
            (http.Scheme ?? "HTTP").ToUpperInvariant(),
            string.IsNullOrEmpty(http.Host) ? target.Address : http.Host,
            Port(http.Port.ToString(), target),
            path.StartsWith('/') ? path : "/" + path,
            [.. (http.HttpHeaders ?? []).Select(header => KeyValuePair.Create(header.Name, header.Value))]);
    }

    private static int Port(string? port, ProbeTarget target) =>
        int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : port is not null && target.Ports.TryGetValue(port, out var named) ? named
        : throw new FormatException($"couldn't find port: {port}");
}
