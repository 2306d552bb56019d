using System.Text;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using Akka.Event;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Pods;

/// <summary>
/// The pod's pause container: the holder of its network namespace, address, hostname and IPC.
/// <code>
///   Absent ──BeginSandbox──► Creating ──created (told)──► Starting ──up (told)──► Up
///     ▲ ▲                        └──────failed: retry──────────┘                   │
///     │ └──────────────── die or destroy event (told: None) ───────────────────────┤
///     └──────────────────────────── StopSandbox ───────────────────────────────────┘
/// </code>
/// Invariant: at most one attempt is at work; answers of an older one are dropped by their number.
/// </summary>
public sealed class SandboxActor : ReceiveActor, IWithTimers
{
    private sealed record Created(int Attempt, string Id) : INoSerializationVerificationNeeded;
    private sealed record Up(int Attempt, string Id, string Ip) : INoSerializationVerificationNeeded;
    private sealed record Failed(int Attempt, string Message) : INoSerializationVerificationNeeded;
    private sealed record Stopped(string Id) : INoSerializationVerificationNeeded;
    private sealed record Retry(int Attempt) : INoSerializationVerificationNeeded;

    public const string HostsFileName = "etc-hosts";
    public const string ResolvConfName = "etc-resolv.conf";

    private readonly PodContext _context;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private StoredObject _pod;
    private PodMessages.SandboxView _view = PodMessages.SandboxView.None;
    private int _attempt = -1;

    public static Props Props(PodContext context, StoredObject pod) => Akka.Actor.Props.Create(() => new SandboxActor(context, pod));

    public SandboxActor(PodContext context, StoredObject pod)
    {
        _context = context;
        _pod = pod;
        Receive<PodMessages.PodChanged>(changed => _pod = changed.Pod);
        Receive<PodMessages.BeginSandbox>(Begin);
        Receive<PodMessages.StopSandbox>(_ => Stop());
        Receive<PodMessages.ContainerEvent>(Happened);
        Receive<PodMessages.Listed>(Compare);
        Receive<Created>(OnCreated, created => created.Attempt == _attempt);
        Receive<Up>(OnUp, up => up.Attempt == _attempt);
        Receive<Failed>(OnFailed, failed => failed.Attempt == _attempt);
        Receive<Retry>(retry => Make(retry.Attempt), retry => retry.Attempt == _attempt);
        ReceiveAny(stale => _log.Debug("Dropped {0} of an older attempt of the sandbox of {1}", stale.GetType().Name, _pod.Key));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PostStop() => _stopping.Cancel();

    private void Begin(PodMessages.BeginSandbox begin)
    {
        _attempt = begin.Attempt;
        if (begin.Existing is { State: EngineContainerState.Running } running)
        {
            Tell(new PodMessages.SandboxView(running.Id, _attempt, false, ""));
            Finish(running.Id, _attempt, start: false);
            return;
        }

        Make(_attempt);
    }

    private void Make(int attempt)
    {
        var spec = ContainerSpecBuilder.Sandbox(_pod.As<V1Pod>(), attempt, _context.Settings, _context.Abilities);
        CreateAsync(_context.Engine, spec, _stopping.Token)
            .PipeTo(Self, success: id => new Created(attempt, id), failure: error => new Failed(attempt, error.Message));
    }

    /// <summary>A name that is taken was taken by an earlier try of ours: what it left is used if it can be, else replaced.</summary>
    private static async Task<string> CreateAsync(IContainerEngine engine, ContainerSpec spec, CancellationToken cancellation)
    {
        try
        {
            return await engine.CreateAsync(spec, cancellation);
        }
        catch (EngineException taken) when (taken.Failure == EngineFailure.Conflict)
        {
            if (await engine.InspectAsync(spec.Name, cancellation) is { } left)
            {
                if (left.State != EngineContainerState.Exited)
                {
                    return left.Id;
                }

                await engine.RemoveAsync(left.Id, cancellation);
            }

            return await engine.CreateAsync(spec, cancellation);
        }
        catch (EngineException missing) when (missing.Failure == EngineFailure.ImageNotFound)
        {
            // Somebody pruned the engine's images; ours is made again.
            await PauseImage.EnsureAsync(engine, (await engine.InfoAsync(cancellation)).Architecture, cancellation);
            return await engine.CreateAsync(spec, cancellation);
        }
    }

    private void OnCreated(Created created)
    {
        if (_view.Id == created.Id)
        {
            return;
        }

        Tell(new PodMessages.SandboxView(created.Id, created.Attempt, false, ""));
        Finish(created.Id, created.Attempt, start: true);
    }

    private void Finish(string id, int attempt, bool start) =>
        FinishAsync(id, start, _pod.As<V1Pod>()).PipeTo(Self, success: ip => new Up(attempt, id, ip), failure: error => new Failed(attempt, error.Message));

    private async Task<string> FinishAsync(string id, bool start, V1Pod pod)
    {
        var files = _context.Ports.Files;
        var settings = _context.Settings;
        var token = _stopping.Token;
        var resolver = WriteResolverAsync();
        if (start)
        {
            await _context.Engine.StartAsync(id, token);
        }

        var ip = _context.Node.Address;
        if (pod.Spec.HostNetwork != true)
        {
            var inspected = await _context.Engine.InspectAsync(id, token) ?? throw new EngineException(EngineFailure.NotFound, $"The sandbox {id} is gone.");
            ip = inspected is { State: EngineContainerState.Running } && inspected.Addresses.TryGetValue(settings.NetworkName, out var address)
                ? address
                : throw new EngineException(EngineFailure.NotFound, $"The sandbox {id} has no address on network {settings.NetworkName}.");
        }

        await files.WriteAsync(pod.Metadata.Uid, HostsFileName, Encoding.UTF8.GetBytes(HostsFile.For(pod, ip, settings.ClusterDomain)), token);
        await resolver;
        return ip;

        async Task WriteResolverAsync()
        {
            var host = await files.HostResolvConfAsync(token);
            await files.WriteAsync(pod.Metadata.Uid, ResolvConfName, Encoding.UTF8.GetBytes(ResolvConf.For(pod, settings.ClusterDns, settings.ClusterDomain, host)), token);
        }
    }

    private void OnUp(Up up)
    {
        if (_view.Id == up.Id)
        {
            Tell(new PodMessages.SandboxView(up.Id, up.Attempt, true, up.Ip));
        }
    }

    private void OnFailed(Failed failed)
    {
        _log.Warning("Could not make the sandbox of {0}: {1}", _pod.Key, failed.Message);
        _context.Record(_pod, warning: true, "FailedCreatePodSandBox", $"Failed to create pod sandbox: {failed.Message}");
        if (_view.Id.Length > 0)
        {
            // What was created cannot be started: it goes, and the pod begins again with the next attempt.
            Lost();
            return;
        }

        Timers.StartSingleTimer("retry", new Retry(failed.Attempt), _context.Settings.RetryInterval);
    }

    private void Happened(PodMessages.ContainerEvent happened)
    {
        if (happened.Event.Id == _view.Id && happened.Event.Kind is EngineEventKind.Died or EngineEventKind.Removed)
        {
            Lost();
        }
    }

    private void Compare(PodMessages.Listed listed)
    {
        if (_view.IsUp && !listed.Containers.Any(container => container.Id == _view.Id && container.State == EngineContainerState.Running))
        {
            Lost();
        }
    }

    private void Lost()
    {
        var id = _view.Id;
        _attempt = -1;
        Tell(PodMessages.SandboxView.None with { Attempt = _view.Attempt });
        Remove(id);
    }

    private void Stop()
    {
        _attempt = -1;
        Timers.CancelAll();
        var id = _view.Id;
        Tell(PodMessages.SandboxView.None with { Attempt = _view.Attempt });
        if (id.Length > 0)
        {
            Remove(id);
        }
    }

    private void Remove(string id) =>
        _context.Engine.RemoveAsync(id, _stopping.Token).PipeTo(Self, success: () => new Stopped(id), failure: error => new Failed(int.MinValue, error.Message));

    private void Tell(PodMessages.SandboxView view)
    {
        _view = view;
        Context.Parent.Tell(view);
    }
}
