using System.Collections.Immutable;
using ActorOrchestrator.Actors.NodeAgent.Images;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Actors.NodeAgent.Probes;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using Akka.Event;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Containers;

/// <summary>
/// One container of a pod, through all its runs.
/// <code>
///   Held ──Release──► Waiting for image, volumes, sandbox ──► creating ──► Created ──sandbox up──► starting ──► Running
///    ▲                   ▲        ▲                                                                              │
///    │                   │        └── BackingOff ◄──not before──┐                                    died (event, start, list)
///    │                   └───────────at once────────────────────┤                                                │
///    └──SandboxLost (its run is ended)                        Ended ◄────────────────────────────────────────────┘
///                                                               └──will not be restarted──► Finished
///   any ──StopContainer──► stopping ──► Stopped (told)
/// </code>
/// It is level-driven: whatever arrives only changes what is known, then <see cref="Advance"/> takes the one next step there is. Invariants:
/// <list type="number">
/// <item>At most one engine operation is at work; its answer carries its number, and answers of older ones are dropped.</item>
/// <item>A run's name at the engine is unique per attempt, so that a step made twice is a conflict, never a second container.</item>
/// <item>A new run is made only when the one before it has ended.</item>
/// </list>
/// </summary>
public sealed partial class ContainerActor : ReceiveActor, IWithTimers
{
    private sealed record Made(int Operation, ContainerRun Run) : INoSerializationVerificationNeeded;
    private sealed record Started(int Operation, ContainerRun Run, string HookFailure) : INoSerializationVerificationNeeded;
    private sealed record Ended(int Operation, ContainerRun Run) : INoSerializationVerificationNeeded;
    private sealed record Failed(int Operation, string Reason, string Message, bool Transient) : INoSerializationVerificationNeeded;
    private sealed record Inspected(ContainerRun Run) : INoSerializationVerificationNeeded;
    private sealed record Removed(string Id) : INoSerializationVerificationNeeded;
    private sealed record TryAgain : INoSerializationVerificationNeeded;
    private sealed record KillNow(string RunId) : INoSerializationVerificationNeeded;

    private readonly PodContext _context;
    private readonly ContainerRole _role;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<IActorRef> _probes = [];
    private StoredObject _pod;
    private V1Container _container;
    private ContainerView _view;
    private PodMessages.SandboxView _sandbox = PodMessages.SandboxView.None;
    private ImmutableDictionary<string, string>? _volumes;
    private EngineImage? _image;
    private bool _imageAsked;
    private bool _imageTold;
    private string _probed = "";
    private bool _released;
    private bool _diedMeanwhile;
    private int _operation;
    private bool _busy;
    private DateTimeOffset _notBefore = DateTimeOffset.MinValue;
    private RestartBackoff _backoff;
    private ContainerRun? _backedOff;
    private TimeSpan? _stop;
    private bool _ending;
    private bool _stoppedTold;

    public static Props Props(PodContext context, StoredObject pod, string name, ContainerRole role, ImmutableArray<ContainerRun> runs, int knownRestarts) =>
        Akka.Actor.Props.Create(() => new ContainerActor(context, pod, name, role, runs, knownRestarts));

    /// <param name="context">Of the pod.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="name">Of the container.</param>
    /// <param name="role">Init, sidecar or app.</param>
    /// <param name="runs">What the engine has of it, oldest first.</param>
    /// <param name="knownRestarts">The restart count that was told before, should the engine have lost the containers; -1 when it never ran.</param>
    public ContainerActor(PodContext context, StoredObject pod, string name, ContainerRole role, ImmutableArray<ContainerRun> runs, int knownRestarts)
    {
        _context = context;
        _pod = pod;
        _role = role;
        _container = Find(pod, name);
        var current = runs.LastOrDefault();
        _nextAttempt = Math.Max(current?.Attempt ?? -1, knownRestarts) + 1;
        _view = new ContainerView(name, role)
        {
            Current = current,
            Previous = runs.Length > 1 ? runs[^2] : null,
            RestartCount = Math.Max(0, _nextAttempt - 1),
        };
        Receive<PodMessages.PodChanged>(OnPodChanged);
        Receive<PodMessages.SandboxView>(OnSandbox);
        Receive<PodMessages.VolumesReady>(ready => Know(() => _volumes = ready.Paths));
        Receive<PodMessages.NeedsChanged>(_ => Know(() => _notBefore = _view.Waiting?.Reason == ConfigError ? DateTimeOffset.MinValue : _notBefore));
        Receive<PodMessages.Release>(_ => Know(() => _released = true));
        Receive<PodMessages.SandboxLost>(OnSandboxLost);
        Receive<PodMessages.StopContainer>(OnStop);
        Receive<PodMessages.ContainerEvent>(OnEvent);
        Receive<PodMessages.Listed>(OnListed);
        Receive<ImageMessages.Ready>(OnImage);
        Receive<ImageMessages.Unavailable>(OnNoImage);
        Receive<ProbeVerdict>(OnVerdict);
        Receive<Made>(OnMade, made => made.Operation == _operation);
        Receive<Started>(OnStarted, started => started.Operation == _operation);
        Receive<Ended>(OnEnded, ended => ended.Operation == _operation);
        Receive<Failed>(OnFailed, failed => failed.Operation == _operation);
        Receive<Inspected>(OnInspected);
        Receive<TryAgain>(_ => Advance());
        Receive<KillNow>(kill => _context.Engine.KillAsync(kill.RunId, "SIGKILL", _stopping.Token).PipeTo(Self, success: () => new Removed(kill.RunId), failure: _ => new Removed(kill.RunId)));
        ReceiveAny(dropped => _log.Debug("Dropped {0} for container {1} of {2}", dropped.GetType().Name, name, _pod.Key));
    }

    private const string ConfigError = "CreateContainerConfigError";

    private int _nextAttempt;

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        if (_view.Current is { IsRunning: true } run)
        {
            // An adopted container was ready or not before we came; it must not flap because we did.
            var known = KnownStatus(run);
            _view = _view with
            {
                Started = known?.Started ?? _container.StartupProbe is null,
                Ready = known?.Ready ?? false,
                Previous = _view.Previous ?? (known?.LastState?.Terminated is { } ended ? GoneRun(ended, run.Attempt - 1) : null),
            };
        }

        Report();
        Advance();
    }

    protected override void PostStop() => _stopping.Cancel();

    private void Know(Action change)
    {
        change();
        Advance();
    }

    /// <summary>Takes the next step, if there is one.</summary>
    private void Advance()
    {
        if (_busy)
        {
            return;
        }

        var current = _view.Current;
        if (_stop is not null || _ending)
        {
            EndCurrent(current);
            return;
        }

        if (current is { IsRunning: true } || !_released || _view.IsFinished)
        {
            return;
        }

        if (current is { State: EngineContainerState.Created } && current.SandboxId == _sandbox.Id)
        {
            if (_sandbox.IsUp)
            {
                BeginStart(current);
            }

            return;
        }

        if (current is { HasEnded: true } && !ShouldRestart(current))
        {
            _view = _view with { IsFinished = true, Waiting = null, HasSettled = true };
            Report();
            return;
        }

        if (MustWait(current))
        {
            return;
        }

        if (_image is null)
        {
            AskForImage();
            return;
        }

        var needsAddress = EnvironmentBuilder.NeedsAddress(_container);
        if (_volumes is not null && _sandbox.Id.Length > 0 && (_sandbox.IsUp || !needsAddress))
        {
            BeginCreate(current);
        }
    }

    private bool ShouldRestart(ContainerRun ended)
    {
        var policy = _role == ContainerRole.Sidecar ? "Always" : _pod.As<V1Pod>().Spec.RestartPolicy ?? "Always";
        if (_role == ContainerRole.Init && ended.ExitCode == 0)
        {
            // It did its work, but in a new sandbox it is to be done again.
            return ended.SandboxId != _sandbox.Id;
        }

        return policy == "Always" || (policy == "OnFailure" && ended.ExitCode != 0);
    }

    /// <summary>The crash-loop delay, or a failed step's.</summary>
    private bool MustWait(ContainerRun? current)
    {
        var now = _context.Now;
        var notBefore = _notBefore;
        if (current is { HasEnded: true } && current.SandboxId == _sandbox.Id && _backoff.NotBefore(current.FinishedAt ?? now, _context.Settings.RestartBackoffMax) is var after && after > notBefore)
        {
            notBefore = after;
            if (after > now && _backedOff?.Id != current.Id)
            {
                _backedOff = current;
                var pod = $"{_pod.Key.Name}_{_pod.Key.Namespace}({_pod.Uid})";
                _view = _view with
                {
                    HasSettled = true,
                    Waiting = new ContainerWaiting("CrashLoopBackOff", $"back-off {Duration(_backoff.Delay)} restarting failed container={_view.Name} pod={pod}"),
                };
                _context.Record(_pod, warning: true, "BackOff", $"Back-off restarting failed container {_view.Name} in pod {pod}", _view.Name);
                Report();
            }
        }

        if (notBefore <= now)
        {
            return false;
        }

        Timers.StartSingleTimer("try-again", new TryAgain(), notBefore - now);
        return true;
    }

    private void AskForImage()
    {
        if (!_imageAsked)
        {
            _imageAsked = true;
            _context.Images.Tell(new ImageMessages.Ensure(_pod, _view.Name, _container.Image, PullPolicy(_container)));
        }
    }

    private void OnImage(ImageMessages.Ready ready)
    {
        if (ready.Reference == _container.Image)
        {
            _imageAsked = false;
            _imageTold = true;
            _image = ready.Image;
            Advance();
        }
    }

    private void OnNoImage(ImageMessages.Unavailable missing)
    {
        if (missing.Reference == _container.Image)
        {
            _imageAsked = false;
            Wait(missing.Reason, missing.Message, missing.TryAgainIn);
        }
    }

    private void Wait(string reason, string message, TimeSpan delay)
    {
        _notBefore = _context.Now + delay;
        _view = _view with { Waiting = new ContainerWaiting(reason, message), HasSettled = true };
        Report();
        Advance();
        Timers.StartSingleTimer("try-again", new TryAgain(), delay);
    }

    private void OnPodChanged(PodMessages.PodChanged changed)
    {
        _pod = changed.Pod;
        var hash = ContainerSpecBuilder.HashOf(_container);
        _container = Find(changed.Pod, _view.Name);
        if (ContainerSpecBuilder.HashOf(_container) != hash)
        {
            _image = null;
            _imageAsked = false;
            _notBefore = DateTimeOffset.MinValue;
            if (_view.Current is { IsRunning: true })
            {
                _context.Record(_pod, warning: false, "Killing", $"Container {_view.Name} definition changed, will be restarted", _view.Name);
                _ending = true;
            }
        }

        Advance();
    }

    private void OnSandbox(PodMessages.SandboxView sandbox)
    {
        _sandbox = sandbox;
        // What was made for another sandbox can never run in this one.
        if (sandbox.Id.Length > 0 && _view.Current is { HasEnded: false } current && current.SandboxId.Length > 0 && current.SandboxId != sandbox.Id)
        {
            _ending = true;
        }
        else if (sandbox.IsUp && _view.Current is { IsRunning: true } adopted && _probed != adopted.Id)
        {
            var known = KnownStatus(adopted);
            StartProbes(adopted, known?.Started, known?.Ready);
            Report();
        }

        Advance();
    }

    /// <summary>A run of which the engine has nothing any more: what was told of it is what stays.</summary>
    private static ContainerRun GoneRun(V1ContainerStateTerminated ended, int attempt) =>
        new(ended.ContainerID?.Replace("docker://", "", StringComparison.Ordinal) ?? "", attempt, EngineContainerState.Exited)
        {
            ExitCode = ended.ExitCode,
            Reason = ended.Reason ?? "",
            Message = ended.Message ?? "",
            StartedAt = ended.StartedAt is { } started ? new DateTimeOffset(DateTime.SpecifyKind(started, DateTimeKind.Utc)) : null,
            FinishedAt = ended.FinishedAt is { } finished ? new DateTimeOffset(DateTime.SpecifyKind(finished, DateTimeKind.Utc)) : null,
            IsGone = true,
        };

    private V1ContainerStatus? KnownStatus(ContainerRun run) => _pod.As<V1Pod>().Status is { } status
        ? (status.ContainerStatuses ?? []).Concat(status.InitContainerStatuses ?? []).FirstOrDefault(before => before.ContainerID == $"docker://{run.Id}")
        : null;

    private void OnSandboxLost(PodMessages.SandboxLost lost)
    {
        _sandbox = PodMessages.SandboxView.None;
        _released = false;
        _endGrace = lost.Grace;
        _view = _view with { IsFinished = _view.IsFinished && _role != ContainerRole.Init, HasSettled = false };
        _ending |= _view.Current is { HasEnded: false };
        Report();
        Advance();
    }

    private void Report() => Context.Parent.Tell(new PodMessages.ContainerReport(_view));

    private static V1Container Find(StoredObject pod, string name) => QosClass.AllContainers(pod.As<V1Pod>()).First(container => container.Name == name);

    internal static string PullPolicy(V1Container container) => !string.IsNullOrEmpty(container.ImagePullPolicy) ? container.ImagePullPolicy
        : container.Image.EndsWith(":latest", StringComparison.Ordinal) || !container.Image[(container.Image.LastIndexOf('/') + 1)..].Contains(':') ? "Always"
        : "IfNotPresent";

    /// <summary>As Go prints it: <c>10s</c>, <c>1m20s</c>, <c>5m0s</c>.</summary>
    internal static string Duration(TimeSpan span) => span < TimeSpan.FromMinutes(1) ? $"{span.TotalSeconds:0.###}s" : $"{(int)span.TotalMinutes}m{span.Seconds}s";
}
