using System.Collections.Immutable;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.NodeAgent.Volumes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using Akka.Event;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Pods;

/// <summary>
/// One pod on this node: its sandbox, volumes and containers as children, their order, the pod's status and its end.
/// <code>
///   Adopting ──containers known──► Active ──sandbox lost──► (containers ended, sandbox made anew) ──► Active
///                                    │ ──every container finished──► Over (sandbox stopped, containers kept for their logs)
///                                    ▼ deletionTimestamp, object gone, deadline
///                               Terminating ──all stopped──► cleaning ──► confirmed (told: PodGone)
/// </code>
/// Invariants:
/// <list type="number">
/// <item>Nothing is remembered that is not in the API object or at the engine: after a crash the actor lists its containers and adopts them.</item>
/// <item>Containers start in the order of the specification, each init container to its end first.</item>
/// <item>The pod's object is confirmed gone only after nothing of it is left at the engine.</item>
/// <item>One status write is under way at a time, and none when nothing changed.</item>
/// </list>
/// </summary>
public sealed partial class PodActor : ReceiveActor, IWithTimers
{
    private sealed record Adopted(ImmutableArray<EngineContainer> Containers) : INoSerializationVerificationNeeded;
    private sealed record AdoptionFailed(string Message) : INoSerializationVerificationNeeded;
    private sealed record Adopt : INoSerializationVerificationNeeded;
    private sealed record StatusWritten(ResourceResult Result) : INoSerializationVerificationNeeded;
    private sealed record StatusFailed(string Message) : INoSerializationVerificationNeeded;
    private sealed record WriteStatus : INoSerializationVerificationNeeded;
    private sealed record Saved(string Error) : INoSerializationVerificationNeeded;
    private sealed record Save : INoSerializationVerificationNeeded;
    private sealed record Cleaned(string Error) : INoSerializationVerificationNeeded;
    private sealed record Clean : INoSerializationVerificationNeeded;
    private sealed record DeadlinePassed : INoSerializationVerificationNeeded;

    /// <summary>Events that may wait for the adoption; the next list tells what is beyond.</summary>
    private const int MeanwhileLimit = 1000;

    private readonly PodContext _context;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ImmutableArray<EngineContainer>? _known;
    private readonly Dictionary<string, IActorRef> _containers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ContainerView> _views = new(StringComparer.Ordinal);
    private readonly HashSet<string> _released = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);
    private readonly HashSet<string> _stopped = new(StringComparer.Ordinal);
    private readonly List<PodMessages.ContainerEvent> _meanwhile = [];
    private StoredObject _pod;
    private IActorRef _sandboxActor = ActorRefs.Nobody;
    private IActorRef _volumes = ActorRefs.Nobody;
    private PodMessages.SandboxView _sandbox = PodMessages.SandboxView.None;
    private PodMessages.VolumesReady? _volumesReady;
    private bool _restarted;
    private bool _settling;
    private bool _keepsStatus;
    private bool _sandboxWanted = true;
    private bool _over;
    private bool _terminating;
    private bool _removed;
    private int _nextSandbox;
    private (string Reason, string Message) _failure = ("", "");

    public static Props Props(PodContext context, StoredObject pod, ImmutableArray<EngineContainer>? known) => Akka.Actor.Props.Create(() => new PodActor(context, pod, known));

    /// <param name="context">The node's ports.</param>
    /// <param name="pod">The pod's object.</param>
    /// <param name="known">Its containers at the engine when the actor is made; null to ask the engine.</param>
    public PodActor(PodContext context, StoredObject pod, ImmutableArray<EngineContainer>? known)
    {
        _context = context;
        _pod = pod;
        _known = known;
        Adopting();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private V1Pod Spec => _pod.As<V1Pod>();

    protected override void PreStart() => Self.Tell(new Adopt());

    protected override void PostRestart(Exception reason)
    {
        _restarted = true;
        _log.Info("The actor of pod {0} was restarted; it adopts its containers again", _pod.Key);
        PreStart();
    }

    protected override void PostStop() => _stopping.Cancel();

    private void Adopting()
    {
        Receive<Adopt>(_ => AdoptAsync().PipeTo(Self, success: containers => new Adopted(containers), failure: error => new AdoptionFailed(error.Message)));
        Receive<AdoptionFailed>(failed =>
        {
            _log.Warning("The containers of pod {0} could not be read: {1}", _pod.Key, failed.Message);
            Timers.StartSingleTimer("adopt", new Adopt(), _context.Settings.RetryInterval);
        });
        Receive<Adopted>(adopted =>
        {
            Become(Active);
            Begin(adopted.Containers);
            foreach (var happened in _meanwhile)
            {
                OnEvent(happened);
            }

            _meanwhile.Clear();
            if (_endsWithNode is { } end)
            {
                OnEndWithNode(end);
            }
        });
        Receive<PodMessages.ContainerEvent>(happened =>
        {
            if (_meanwhile.Count < MeanwhileLimit)
            {
                _meanwhile.Add(happened);
            }
        });
        Receive<PodMessages.PodChanged>(changed => _pod = changed.Pod);
        Receive<PodMessages.PodRemoved>(_ => _removed = true);
        Receive<PodMessages.EndWithNode>(end => _endsWithNode = end);
        ReceiveAny(_ => { });
    }

    private void Active()
    {
        Receive<PodMessages.ContainerReport>(OnReport);
        Receive<PodMessages.SandboxView>(OnSandbox);
        Receive<PodMessages.VolumesReady>(ready =>
        {
            _volumesReady = ready;
            ToContainers(ready);
        });
        Receive<PodMessages.ContainerEvent>(OnEvent);
        Receive<PodMessages.Listed>(listed =>
        {
            _sandboxActor.Tell(listed);
            ToContainers(listed);
        });
        Receive<PodMessages.PodChanged>(OnPodChanged);
        Receive<PodMessages.NeedsChanged>(needs =>
        {
            _volumes.Tell(needs);
            ToContainers(needs);
            SaveSoon();
        });
        Receive<PodMessages.PodRemoved>(_ => Terminate(confirm: false));
        Receive<PodMessages.ContainerStopped>(OnContainerStopped);
        Receive<PodMessages.EndWithNode>(OnEndWithNode);
        Receive<DeadlinePassed>(_ => Fail("DeadlineExceeded", "Pod was active on the node longer than the specified deadline"));
        Receive<WriteStatus>(_ => OnWriteStatus());
        Receive<StatusWritten>(OnStatusWritten);
        Receive<StatusFailed>(OnStatusFailed);
        Receive<Save>(_ => OnSave());
        Receive<Saved>(OnSaved);
        Receive<Clean>(_ => OnClean());
        Receive<Cleaned>(OnCleaned);
    }

    private async Task<ImmutableArray<EngineContainer>> AdoptAsync()
    {
        var listed = _known is { } known && !_restarted
            ? known
            : await _context.Engine.ListAsync(ContainerLabels.OfPod(_context.Settings.EngineLabels, _pod.Uid), _stopping.Token);
        var inspected = await Task.WhenAll(listed.Select(container => _context.Engine.InspectAsync(container.Id, _stopping.Token)));
        return [.. inspected.OfType<EngineContainer>()];
    }

    private void Begin(ImmutableArray<EngineContainer> containers)
    {
        var pod = Spec;
        var byName = containers.Select(container => (Identity: ContainerLabels.Read(container.Labels)!, Container: container))
            .ToLookup(entry => entry.Identity.Container, StringComparer.Ordinal);
        _sandboxActor = Context.ActorOf(SandboxActor.Props(_context, _pod), "sandbox");
        _volumes = Context.ActorOf(VolumesActor.Props(_context, _pod), "volumes");

        var sandboxes = byName[ContainerIdentity.Sandbox].OrderBy(entry => entry.Identity.Attempt).ToArray();
        _nextSandbox = sandboxes.Length == 0 ? 0 : sandboxes[^1].Identity.Attempt + 1;
        var running = sandboxes.LastOrDefault(entry => entry.Container.State == EngineContainerState.Running);
        var appsExist = containers.Length > sandboxes.Length;
        _over = pod.Status?.Phase is PodStatusBuilder.Succeeded or PodStatusBuilder.Failed;
        _keepsStatus = _over;
        foreach (var (container, role) in Roles(pod))
        {
            var runs = byName[container.Name].OrderBy(entry => entry.Identity.Attempt).Select(entry => ContainerRun.Of(entry.Container, entry.Identity.Attempt, "")).ToImmutableArray();
            var restarts = (pod.Status?.ContainerStatuses ?? []).Concat(pod.Status?.InitContainerStatuses ?? [])
                .FirstOrDefault(status => status.Name == container.Name && (status.ContainerID is { Length: > 0 } || status.LastState?.Terminated is not null))?.RestartCount ?? -1;
            _views[container.Name] = new ContainerView(container.Name, role);
            _containers[container.Name] = Context.ActorOf(
                ContainerActor.Props(_context, _pod, container.Name, role, Kept(runs), _over ? -1 : restarts), $"container-{container.Name}");
        }

        foreach (var dead in sandboxes.Where(entry => entry.Container.Id != running.Container?.Id))
        {
            RemoveQuietly(dead.Container.Id);
        }

        if (pod.Spec.ActiveDeadlineSeconds is { } deadline && !_over)
        {
            var left = StartTime + TimeSpan.FromSeconds(deadline) - _context.Now;
            Timers.StartSingleTimer("deadline", new DeadlinePassed(), left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }

        SaveSoon();
        if (_removed || pod.Metadata.DeletionTimestamp is not null)
        {
            _sandboxWanted = false;
            Terminate(confirm: !_removed);
        }
        else if (_over)
        {
            _sandboxWanted = false;
        }
        else if (running.Container is { } existing)
        {
            _settling = true;
            _sandboxActor.Tell(new PodMessages.BeginSandbox(running.Identity.Attempt, existing));
        }
        else if (appsExist || sandboxes.Length > 0)
        {
            SandboxLost();
        }
        else
        {
            // Nothing is there: everything begins at once, each part as soon as what it needs is done.
            BeginSandbox();
            ReleaseNext();
        }

        StatusSoon();
    }

    /// <summary>Only the newest run and the one before it are of use; older ones are leftovers.</summary>
    private ImmutableArray<ContainerRun> Kept(ImmutableArray<ContainerRun> runs)
    {
        foreach (var old in runs.Take(runs.Length - 2))
        {
            RemoveQuietly(old.Id);
        }

        return [.. runs.Skip(runs.Length - 2)];
    }

    private void BeginSandbox()
    {
        _sandboxActor.Tell(new PodMessages.BeginSandbox(_nextSandbox, null));
        _nextSandbox++;
    }

    private void OnSandbox(PodMessages.SandboxView view)
    {
        var lost = _sandbox.Id.Length > 0 && view.Id.Length == 0;
        _sandbox = view;
        _lastIp = view.Ip.Length > 0 ? view.Ip : _lastIp;
        _settling &= view is { Id.Length: > 0, IsUp: false };
        if (lost && _sandboxWanted)
        {
            SandboxLost();
        }
        else
        {
            ToContainers(view);
            if (view.Id.Length > 0)
            {
                ReleaseNext();
            }
        }

        StatusSoon();
    }

    private void SandboxLost()
    {
        _log.Info("The sandbox of pod {0} is gone and will be made again", _pod.Key);
        _context.Record(_pod, warning: false, "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
        _sandbox = PodMessages.SandboxView.None;
        _lastIp = "";
        _released.Clear();
        ToContainers(new PodMessages.SandboxLost(TimeSpan.FromSeconds(Spec.Spec.TerminationGracePeriodSeconds ?? 30)));
        _rebuilding = true;
        RebuildWhenQuiet();
    }

    private bool _rebuilding;

    private void RebuildWhenQuiet()
    {
        if (!_rebuilding || _terminating || _over || _views.Values.Any(view => view.Current is { HasEnded: false }))
        {
            return;
        }

        _rebuilding = false;
        BeginSandbox();
    }

    private void OnReport(PodMessages.ContainerReport report)
    {
        _views[report.View.Name] = report.View;
        _reported.Add(report.View.Name);
        RebuildWhenQuiet();
        if (!_terminating && !_over)
        {
            ReleaseNext();
            EndWhenFinished();
        }

        StatusSoon();
    }

    /// <summary>Lets each container go when those before it have come far enough.</summary>
    private void ReleaseNext()
    {
        if (_terminating || _over || _rebuilding)
        {
            return;
        }

        var initialised = Roles(Spec).Where(entry => entry.Role == ContainerRole.App)
            .Any(entry => _sandbox.Id.Length > 0 && _views[entry.Container.Name].Current is { } run && run.SandboxId == _sandbox.Id);
        foreach (var (container, role) in Roles(Spec))
        {
            if (_released.Add(container.Name))
            {
                var actor = _containers[container.Name];
                if (_volumesReady is not null)
                {
                    actor.Tell(_volumesReady);
                }

                actor.Tell(_sandbox);
                actor.Tell(new PodMessages.Release());
            }

            var view = _views[container.Name];
            var far = role switch
            {
                ContainerRole.Init => initialised || (view is { IsFinished: true, Current.ExitCode: 0 } && view.Current.SandboxId == _sandbox.Id),
                ContainerRole.Sidecar => initialised || view.Started == true,
                _ => view.HasSettled || view.IsRunning || view.IsFinished,
            };
            if (!far)
            {
                return;
            }
        }
    }

    private void EndWhenFinished()
    {
        var failedInit = _views.Values.Any(view => view.Role == ContainerRole.Init && view is { IsFinished: true, Current.ExitCode: not 0 });
        var apps = _views.Values.Where(view => view.Role == ContainerRole.App);
        if (failedInit || apps.All(view => view.IsFinished))
        {
            _over = true;
            _sandboxWanted = false;
            StopAll();
        }
    }

    private void Fail(string reason, string message)
    {
        if (!_terminating && !_over)
        {
            _failure = (reason, message);
            _context.Record(_pod, warning: false, reason, message);
            _over = true;
            _sandboxWanted = false;
            StopAll();
            StatusSoon();
        }
    }

    private void OnEvent(PodMessages.ContainerEvent happened)
    {
        if (happened.Identity.IsSandbox)
        {
            _sandboxActor.Tell(happened);
        }
        else if (_containers.TryGetValue(happened.Identity.Container, out var container))
        {
            container.Tell(happened);
        }
    }

    private void ToContainers(object message)
    {
        foreach (var container in _containers.Values)
        {
            container.Tell(message);
        }
    }

    private void RemoveQuietly(string id) => _context.Engine.RemoveAsync(id, _stopping.Token).PipeTo(
        ActorRefs.Nobody, failure: error => new Status.Failure(error));

    private static IEnumerable<(V1Container Container, ContainerRole Role)> Roles(V1Pod pod) =>
        (pod.Spec.InitContainers ?? []).Select(init => (init, init.RestartPolicy == "Always" ? ContainerRole.Sidecar : ContainerRole.Init))
        .Concat(pod.Spec.Containers.Select(container => (container, ContainerRole.App)));
}
