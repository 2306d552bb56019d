using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using Akka.Event;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Volumes;

/// <summary>
/// Removes this node's folders whose volumes are being deleted, and lets go of the volumes then.
/// <code>
///   Idle ──Look──► Removing ──done──► Idle (again when it was told to look meanwhile, or after a pause when something failed)
/// </code>
/// Invariant: the object goes only after the folder has gone.
/// </summary>
public sealed class LocalVolumesActor : ReceiveActor, IWithTimers
{
    /// <summary>Some volume may have to go.</summary>
    public sealed record Look : INoSerializationVerificationNeeded;

    private sealed record Done(string Error) : INoSerializationVerificationNeeded;

    private readonly NodeAgentPorts _ports;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private bool _working;
    private bool _again;

    public static Props Props(NodeAgentPorts ports) => Akka.Actor.Props.Create(() => new LocalVolumesActor(ports));

    public LocalVolumesActor(NodeAgentPorts ports)
    {
        _ports = ports;
        Receive<Look>(_ => OnLook());
        Receive<Done>(OnDone);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PostStop() => _stopping.Cancel();

    private void OnLook()
    {
        if (_working)
        {
            _again = true;
            return;
        }

        var leaving = _ports.ControlPlane.Reader.Current.All(ResourceTypes.PersistentVolumes).Where(IsLeaving).ToArray();
        if (leaving.Length > 0)
        {
            _working = true;
            RemoveAsync(leaving).PipeTo(Self, success: () => new Done(""), failure: error => new Done(error.Message));
        }
    }

    private void OnDone(Done done)
    {
        _working = false;
        if (done.Error.Length > 0)
        {
            _log.Warning("The folder of a volume could not be removed and is tried again: {0}", done.Error);
            Timers.StartSingleTimer("retry", new Look(), _ports.Settings.RetryInterval);
        }
        else if (_again)
        {
            OnLook();
        }

        _again = false;
    }

    private bool IsLeaving(StoredObject volume) =>
        volume.Metadata.DeletionTimestamp is not null && volume.Metadata.Finalizers.Contains(LocalPathVolumes.Finalizer)
        && Source(volume) is { } csi && csi.VolumeAttributes is { } attributes && attributes.TryGetValue(LocalPathVolumes.NodeAttribute, out var node) && node == _ports.Settings.NodeName;

    private static V1CSIPersistentVolumeSource? Source(StoredObject volume) => volume.As<V1PersistentVolume>().Spec?.Csi is { Driver: LocalPathVolumes.Driver } csi ? csi : null;

    private async Task RemoveAsync(StoredObject[] volumes)
    {
        foreach (var volume in volumes)
        {
            if (volume.Metadata.Finalizers.Contains("kubernetes.io/pv-protection"))
            {
                // Somebody still uses it; its end brings news.
                continue;
            }

            await _ports.Files.RemoveLocalVolumeAsync(Source(volume)!.VolumeHandle, _stopping.Token);
            var options = new WriteOptions($"system:node:{_ports.Settings.NodeName}", "remove folder of volume") { ExpectedUid = volume.Uid };
            var result = await _ports.ControlPlane.Client.UpdateAsync(volume.Key, (_, obj) => WithoutFinalizer(obj), options, _stopping.Token);
            if (result.Failure is { Reason: not "NotFound" } failure)
            {
                throw new VolumeException(failure.Message);
            }
        }
    }

    private static ChangeResult WithoutFinalizer(JsonObject obj)
    {
        var metadata = obj.Ensure("metadata");
        var before = metadata.Strings("finalizers");
        metadata.SetStrings("finalizers", [.. before.Where(finalizer => finalizer != LocalPathVolumes.Finalizer)]);
        return before.Contains(LocalPathVolumes.Finalizer) ? obj : ChangeResult.Nothing;
    }
}
