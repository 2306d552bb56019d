using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.Resources;
using Akka.Actor;
using Akka.Event;

namespace ActorOrchestrator.Actors.NodeAgent.Pods;

/// <content>Termination, and the cleaning up after it.</content>
public sealed partial class PodActor
{
    private bool _confirm;
    private bool _cleaning;
    private PodMessages.EndWithNode? _endsWithNode;
    private bool _endedWithNode;

    private void OnPodChanged(PodMessages.PodChanged changed)
    {
        var before = _pod;
        _pod = changed.Pod;
        if (_pod.Metadata.DeletionTimestamp is not null)
        {
            Terminate(confirm: true);
            return;
        }

        // Our own status writes come back here; only what a person or a controller changed concerns the children.
        if (before.Metadata.Generation == _pod.Metadata.Generation && before.Metadata.Labels.SequenceEqual(_pod.Metadata.Labels)
            && before.Metadata.Annotations.SequenceEqual(_pod.Metadata.Annotations) && _pod.Metadata.Generation > 0)
        {
            SaveStatusSoon();
            StatusIfRestated();
            return;
        }

        _sandboxActor.Tell(changed);
        _volumes.Tell(changed);
        ToContainers(changed);
        SaveSoon();
        StatusSoon();
    }

    /// <summary>How long what runs may still run.</summary>
    private TimeSpan Grace => TimeSpan.FromSeconds(
        _pod.Metadata.DeletionTimestamp is not null ? Math.Max(1, _pod.Metadata.DeletionGracePeriodSeconds ?? Spec.Spec.TerminationGracePeriodSeconds ?? 30)
        : _removed ? 1
        : Spec.Spec.TerminationGracePeriodSeconds ?? 30);

    private void Terminate(bool confirm)
    {
        _removed |= !confirm;
        _confirm = confirm && !_removed;
        _terminating = true;
        _sandboxWanted = false;
        Timers.Cancel("deadline");
        StopAll();
    }

    private void StopAll()
    {
        ToContainers(new PodMessages.StopContainer(_endsWithNode is { } end && end.Grace < Grace ? end.Grace : Grace));
        WhenAllStopped();
    }

    /// <summary>As a deadline, but told only when it is so: until then the pod still runs. One that is being deleted only has to hurry.</summary>
    private void OnEndWithNode(PodMessages.EndWithNode end)
    {
        if (_over && !_terminating)
        {
            Context.Parent.Tell(new PodMessages.PodEnded(_pod.Uid));
            return;
        }

        _endsWithNode = end;
        Timers.Cancel("deadline");
        _over |= !_terminating;
        _sandboxWanted = false;
        StopAll();
    }

    private void TellEnded()
    {
        if (_endedWithNode && !_terminating)
        {
            Context.Parent.Tell(new PodMessages.PodEnded(_pod.Uid));
        }
    }

    private void OnContainerStopped(PodMessages.ContainerStopped stopped)
    {
        _stopped.Add(stopped.Name);
        WhenAllStopped();
    }

    private void WhenAllStopped()
    {
        if (_stopped.Count < _containers.Count)
        {
            return;
        }

        if (_terminating)
        {
            // The cleaning removes the sandbox with everything else, and knows when it is really gone.
            OnClean();
        }
        else
        {
            _sandboxActor.Tell(new PodMessages.StopSandbox());
            if (_endsWithNode is not null && !_endedWithNode)
            {
                _endedWithNode = true;
                StatusSoon();
            }
        }
    }

    private void OnClean()
    {
        if (!_cleaning)
        {
            _cleaning = true;
            CleanAsync(_confirm).PipeTo(Self, success: error => new Cleaned(error), failure: error => new Cleaned(error.Message));
        }
    }

    private async Task<string> CleanAsync(bool confirm)
    {
        var token = _stopping.Token;
        var left = await _context.Engine.ListAsync(ContainerLabels.OfPod(_context.Settings.EngineLabels, _pod.Uid), token);
        await Task.WhenAll(left.Select(container => _context.Engine.RemoveAsync(container.Id, token)));
        await _context.Ports.Files.RemovePodAsync(_pod.Uid, token);
        if (!confirm)
        {
            return "";
        }

        var deleted = await _context.Ports.ControlPlane.Client.DeleteAsync(
            _pod.Key,
            new DeleteRequest(GracePeriodSeconds: 0) { PreconditionUid = _pod.Uid },
            new WriteOptions(_context.Settings.Principal, "confirm deletion") { Cause = _pod.Revision, ExpectedUid = _pod.Uid },
            token);
        return deleted.Ok || deleted.Failure!.Code is 404 or 409 ? "" : deleted.Failure.Message;
    }

    private void OnCleaned(Cleaned cleaned)
    {
        _cleaning = false;
        if (cleaned.Error.Length > 0)
        {
            _log.Warning("Pod {0} could not be cleaned up yet: {1}", _pod.Key, cleaned.Error);
            Timers.StartSingleTimer("clean", new Clean(), _context.Settings.RetryInterval);
            return;
        }

        Context.Parent.Tell(new PodMessages.PodGone(_pod.Uid));
    }
}
