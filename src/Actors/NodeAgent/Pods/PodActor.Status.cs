using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using Akka.Event;

namespace ActorOrchestrator.Actors.NodeAgent.Pods;

/// <content>The pod's status to the control plane, and its checkpoint to disk.</content>
public sealed partial class PodActor
{
    private DateTimeOffset? _startTime;
    private string _lastIp = "";
    private bool _statusDirty;
    private bool _statusTold;
    private bool _statusBusy;
    private Revision _written;
    private bool _saveDirty;
    private bool _saveBusy;
    private static readonly TimeSpan SaveDelay = TimeSpan.FromSeconds(1);

    /// <summary>Until everything adopted has been heard of, the stored status knows better.</summary>
    private bool StatusIsHeld => _settling || _reported.Count < _containers.Count;

    private DateTimeOffset StartTime => _startTime ??= Spec.Status?.StartTime is { } known ? new DateTimeOffset(DateTime.SpecifyKind(known, DateTimeKind.Utc)) : _context.Now;

    /// <summary>Whatever else is in the mailbox is taken in first, so that one write tells all of it.</summary>
    private void StatusSoon()
    {
        if (!_cleaning)
        {
            _statusDirty = true;
            if (!_statusBusy && !_statusTold)
            {
                _statusTold = true;
                Self.Tell(new WriteStatus());
            }
        }
    }

    /// <summary>Another one's change of the pod makes the status be built again; the echo of our own write says nothing new.</summary>
    private void StatusIfRestated()
    {
        if (!_statusBusy && _pod.Revision != _written)
        {
            StatusSoon();
        }
    }

    private void OnWriteStatus()
    {
        _statusTold = false;
        if (!_statusDirty || _statusBusy || _removed || _keepsStatus || StatusIsHeld)
        {
            if (_keepsStatus)
            {
                TellEnded();
            }

            return;
        }

        _statusDirty = false;
        var observed = Observe();
        var stored = _pod.ToElement().TryGetProperty("status", out var told) ? JsonObject.Create(told) : null;
        var status = PodStatusBuilder.Build(observed, stored);
        if (JsonNode.DeepEquals(status, stored))
        {
            TellEnded();
            return;
        }

        _statusBusy = true;
        var (uid, revision) = (_pod.Uid, _pod.Revision);

        // Once it is a part of the pod, the whole pod would wait with it for the disk.
        var built = (JsonObject?)status;
        _context.Ports.ControlPlane.Client.UpdateAsync(
            _pod.Key,
            (current, json) => current.Uid != uid ? ChangeResult.Nothing : Changed(json, observed, current.Revision == revision ? Interlocked.Exchange(ref built, null) : null),
            new WriteOptions(_context.Settings.Principal, "report status") { Subresource = "status", Cause = _pod.Revision },
            _stopping.Token).PipeTo(Self, success: result => new StatusWritten(result), failure: error => new StatusFailed(error.Message));
    }

    /// <param name="known">The new status, where nobody has changed the pod since it was built.</param>
    private static ChangeResult Changed(JsonObject pod, ObservedPod observed, JsonObject? known)
    {
        if (known is not null)
        {
            pod["status"] = known;
            return pod;
        }

        var before = pod["status"] as JsonObject;
        var status = PodStatusBuilder.Build(observed, before);
        if (JsonNode.DeepEquals(status, before))
        {
            return ChangeResult.Nothing;
        }

        pod["status"] = status;
        return pod;
    }

    private ObservedPod Observe()
    {
        var pod = Spec;
        var sandboxIp = pod.Spec.HostNetwork == true && _sandbox.IsUp ? _context.Node.Address : _sandbox.Ip;
        var known = pod.Status;
        // A pod that is over, and an agent that has just adopted one, go on showing the address it had; so does one that ended before it could be told.
        var ip = sandboxIp.Length > 0 ? sandboxIp : _rebuilding ? "" : known?.PodIP is { Length: > 0 } before ? before : _lastIp;
        return new ObservedPod(pod, [.. Roles(pod).Select(entry => _views[entry.Container.Name])], _sandbox.IsUp, ip, _context.Node.Address, StartTime, _context.Now)
        {
            FailureReason = _failure.Reason,
            FailureMessage = _failure.Message,
            EndedWithNode = _endedWithNode,
        };
    }

    private void OnStatusWritten(StatusWritten written)
    {
        _statusBusy = false;
        if (!written.Result.Ok && written.Result.Failure!.Code is not (404 or 409))
        {
            OnStatusFailed(new StatusFailed(written.Result.Failure.Message));
        }
        else
        {
            _written = written.Result.Object?.Revision ?? _pod.Revision;
            if (_statusDirty)
            {
                Self.Tell(new WriteStatus());
            }
            else if (_pod.Revision > _written)
            {
                // Somebody was faster than the answer.
                StatusSoon();
            }
            else
            {
                TellEnded();
            }
        }
    }

    private void OnStatusFailed(StatusFailed failed)
    {
        _log.Info("The status of pod {0} could not be written and is kept for later: {1}", _pod.Key, failed.Message);
        _statusBusy = false;
        _statusDirty = true;
        Timers.StartSingleTimer("status", new WriteStatus(), _context.Settings.RetryInterval);
    }

    private void SaveSoon()
    {
        if (!_saveDirty && !_terminating)
        {
            _saveDirty = true;
            if (!_saveBusy)
            {
                Self.Tell(new Save());
            }
        }
    }

    /// <summary>What was told is remembered too, for a restart without a control plane, but it does not hurry.</summary>
    private void SaveStatusSoon()
    {
        if (!_saveDirty && !_terminating)
        {
            _saveDirty = true;
            Timers.StartSingleTimer("save", new Save(), SaveDelay);
        }
    }

    private void OnSave()
    {
        if (!_saveDirty || _saveBusy || _terminating)
        {
            return;
        }

        _saveDirty = false;
        _saveBusy = true;
        var content = PodCheckpoint.Write(_pod, [.. PodNeeds.Find(Spec, _context.Find)]);
        _context.Ports.Files.SaveCheckpointAsync(_pod.Uid, content, _stopping.Token).PipeTo(Self, success: () => new Saved(""), failure: error => new Saved(error.Message));
    }

    private void OnSaved(Saved saved)
    {
        _saveBusy = false;
        if (saved.Error.Length > 0)
        {
            _log.Warning("The checkpoint of pod {0} could not be written: {1}", _pod.Key, saved.Error);
            _saveDirty = true;
            Timers.StartSingleTimer("save", new Save(), _context.Settings.RetryInterval);
        }
        else if (_saveDirty)
        {
            Self.Tell(new Save());
        }
    }
}
