using System.Collections.Immutable;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using Akka.Event;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Volumes;

/// <summary>
/// The volumes of one pod: sets them up before its containers are made, and keeps what is projected from ConfigMaps, Secrets and the pod itself up
/// to date while it runs; tokens are got again before they are too old.
/// <code>
///   Working ──all set up (told once)──► Idle ──source changed──► Working
///      │ something missing: FailedMount, told
///      └──► Waiting ──source changed, or the retry delay (0.5 s doubling to 122 s)──► Working
/// </code>
/// Invariant: one set-up runs at a time; a change meanwhile causes another after it.
/// </summary>
public sealed class VolumesActor : ReceiveActor, IWithTimers
{
    private sealed record Done(ImmutableDictionary<string, string> Paths, ImmutableArray<string> Errors) : INoSerializationVerificationNeeded;
    private sealed record Renew : INoSerializationVerificationNeeded;
    private sealed record Retry : INoSerializationVerificationNeeded;

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(122);

    private readonly PodContext _context;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly VolumeTokens _tokens;
    private StoredObject _pod;
    private bool _working;
    private bool _dirty;
    private bool _ready;
    private TimeSpan _retry = FirstRetry;

    public static Props Props(PodContext context, StoredObject pod) => Akka.Actor.Props.Create(() => new VolumesActor(context, pod));

    public VolumesActor(PodContext context, StoredObject pod)
    {
        _context = context;
        _pod = pod;
        _tokens = new VolumeTokens(context.Ports.ControlPlane.Tokens, context.Ports.Files, context.Ports.Time);
        Receive<PodMessages.PodChanged>(changed =>
        {
            _pod = changed.Pod;
            SetUp();
        });
        Receive<PodMessages.NeedsChanged>(_ => SetUp());
        Receive<Retry>(_ => SetUp());
        Receive<Renew>(_ => SetUp());
        Receive<Done>(OnDone);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => SetUp();

    protected override void PostStop() => _stopping.Cancel();

    private void SetUp()
    {
        if (_working)
        {
            _dirty = true;
            return;
        }

        _working = true;
        _dirty = false;
        Timers.Cancel("retry");
        Timers.Cancel("renew");
        var pod = _pod.As<V1Pod>();
        var plan = VolumePlan.Of(pod, _context.FactsOf(pod, ""), _context.Find);
        SetUpAsync(plan, pod).PipeTo(Self, failure: error => new Done(ImmutableDictionary<string, string>.Empty, [error.Message]));
    }

    private async Task<Done> SetUpAsync(ImmutableArray<PlannedVolume> plan, V1Pod pod)
    {
        var group = pod.Spec.SecurityContext?.FsGroup;
        var results = await Task.WhenAll(plan.Select(volume => SetUpAsync(volume, pod, group)));
        return new Done(
            results.Where(result => result.Error.Length == 0).ToImmutableDictionary(result => result.Name, result => result.Path),
            [.. results.Where(result => result.Error.Length > 0).Select(result => $"MountVolume.SetUp failed for volume \"{result.Name}\" : {result.Error}")]);
    }

    private async Task<(string Name, string Path, string Error)> SetUpAsync(PlannedVolume volume, V1Pod pod, long? group)
    {
        var uid = pod.Metadata.Uid;
        var files = _context.Ports.Files;
        try
        {
            switch (volume)
            {
                case PlannedVolume.Directory directory:
                    return (volume.Name, await files.EmptyDirectoryAsync(uid, volume.Name, directory.InMemory, directory.SizeLimit, group, _stopping.Token), "");
                case PlannedVolume.Projection projection:
                    var tokens = await _tokens.FilesAsync(pod, projection, _stopping.Token);
                    return (volume.Name, await files.ProjectAsync(uid, volume.Name, projection.Files.AddRange(tokens), group, _stopping.Token), "");
                case PlannedVolume.LocalFolder folder:
                    return (volume.Name, await files.LocalVolumeAsync(folder.Handle, group, _stopping.Token), "");
                case PlannedVolume.HostPath host:
                    await files.EnsureHostPathAsync(host.Path, host.Type, _stopping.Token);
                    return (volume.Name, host.Path, "");
                case PlannedVolume.Missing missing:
                    return (volume.Name, "", missing.Error);
                default:
                    throw new InvalidOperationException($"A planned volume of type {volume.GetType().Name} is unknown.");
            }
        }
        catch (Exception error) when (error is VolumeException or IOException or UnauthorizedAccessException)
        {
            return (volume.Name, "", error.Message);
        }
    }

    private void OnDone(Done done)
    {
        _working = false;
        if (done.Errors.IsEmpty)
        {
            _retry = FirstRetry;
            if (!_ready)
            {
                _ready = true;
                Context.Parent.Tell(new PodMessages.VolumesReady(done.Paths));
            }
        }
        else
        {
            // A pod that runs keeps what it has; one that waits is told why.
            foreach (var error in done.Errors)
            {
                _log.Warning("Volumes of {0} are not set up: {1}", _pod.Key, error);
                _context.Record(_pod, warning: true, "FailedMount", error);
            }

            Timers.StartSingleTimer("retry", new Retry(), _retry);
            _retry = TimeSpan.FromTicks(Math.Min(_retry.Ticks * 2, LongestRetry.Ticks));
        }

        if (_dirty)
        {
            SetUp();
        }
        else if (_tokens.RenewIn() is { } wait)
        {
            Timers.StartSingleTimer("renew", new Renew(), wait);
        }
    }
}
