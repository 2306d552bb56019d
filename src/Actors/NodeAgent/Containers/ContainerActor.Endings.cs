using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Actors.NodeAgent.Probes;
using Akka.Actor;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Containers;

/// <content>Probes, and ending a run: for good, for a new sandbox, or for a restart.</content>
public sealed partial class ContainerActor
{
    private void OnStop(PodMessages.StopContainer stop)
    {
        var first = _stop is null;
        if (_stop is { } before && before <= stop.Grace)
        {
            return;
        }

        _stop = stop.Grace;
        if (first && _view.Current is { IsRunning: true })
        {
            _context.Record(_pod, warning: false, "Killing", $"Stopping container {_view.Name}", _view.Name);
        }
        else if (!first && _busy && _view.Current is { IsRunning: true } current)
        {
            Timers.StartSingleTimer("kill", new KillNow(current.Id), _stop.Value);
        }

        StopProbes();
        Advance();
    }

    /// <summary>Ends what runs; once nothing does, an ending for good is told and one for a restart is over.</summary>
    private void EndCurrent(ContainerRun? current)
    {
        if (current is { HasEnded: false, Id.Length: > 0 })
        {
            var operation = Begin();
            var grace = _stop ?? _endGrace;
            EndAsync(current, grace).PipeTo(
                Self, success: run => new Ended(operation, run), failure: error => new Failed(operation, "KillContainerError", error.Message, Transient: true));
            return;
        }

        _ending = false;
        if (_stop is null)
        {
            Advance();
        }
        else if (!_stoppedTold)
        {
            _stoppedTold = true;
            Report();
            Context.Parent.Tell(new PodMessages.ContainerStopped(_view.Name));
        }
    }

    private async Task<ContainerRun> EndAsync(ContainerRun run, TimeSpan grace)
    {
        var token = _stopping.Token;
        if (!run.IsRunning)
        {
            await _context.Engine.RemoveAsync(run.Id, token);
            return Unknown(run);
        }

        var time = _context.Ports.Time;
        var began = time.GetTimestamp();
        if (_container.Lifecycle?.PreStop is { } hook && grace > TimeSpan.Zero)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
            limit.CancelAfter(grace);
            var failure = await HookAsync(hook, run, limit.Token);
            if (failure.Length > 0)
            {
                _context.Record(_pod, warning: true, "FailedPreStopHook", $"PreStopHook failed: {failure}", _view.Name);
            }
        }

        // A hook that used up the grace period leaves the two seconds that the kubelet grants.
        var left = grace - time.GetElapsedTime(began);
        await _context.Engine.StopAsync(run.Id, left > TimeSpan.FromSeconds(2) || grace <= TimeSpan.FromSeconds(2) ? Max(left, TimeSpan.Zero) : TimeSpan.FromSeconds(2), token);
        return await InspectAsync(run, token);
    }

    private async Task<string> HookAsync(V1LifecycleHandler hook, ContainerRun run, CancellationToken cancellation)
    {
        try
        {
            return await LifecycleHook.RunAsync(_context, hook, Target(run), cancellation);
        }
        catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
        {
            return "the grace period ended before the hook did";
        }
    }

    private void OnEnded(Ended ended)
    {
        _busy = false;
        Timers.Cancel("kill");
        StopProbes();
        _view = _view with { Current = ended.Run, Ready = false, Started = false };
        if (ended.Run is { StartedAt: null, IsGone: true })
        {
            // It was made but never ran: it leaves no trace and its number is free again.
            _nextAttempt = ended.Run.Attempt;
            _view = _view with { Current = _view.Previous, Previous = null, RestartCount = Math.Max(0, _nextAttempt - 1) };
        }

        Report();
        Advance();
    }

    private void StartProbes(ContainerRun run, bool? started, bool? ready)
    {
        StopProbes();
        _probed = run.Id;
        var isUp = started == true || _container.StartupProbe is null;
        _view = _view with { Started = isUp, Ready = isUp && (_container.ReadinessProbe is null || ready == true) };
        if (isUp)
        {
            StartProbe(ProbeKind.Readiness, _container.ReadinessProbe, run, ready);
            StartProbe(ProbeKind.Liveness, _container.LivenessProbe, run, null);
        }
        else
        {
            StartProbe(ProbeKind.Startup, _container.StartupProbe, run, null);
        }
    }

    private void StartProbe(ProbeKind kind, V1Probe? probe, ContainerRun run, bool? known)
    {
        if (probe is not null && _stop is null)
        {
            _probes.Add(Context.ActorOf(ProbeActor.Props(_context, _pod, _view.Name, kind, probe, Target(run), known)));
        }
    }

    private void StopProbes()
    {
        foreach (var probe in _probes)
        {
            Context.Stop(probe);
        }

        _probes.Clear();
    }

    private void OnVerdict(ProbeVerdict verdict)
    {
        if (_view.Current is not { IsRunning: true } run || run.Id != verdict.RunId || _stop is not null || _ending)
        {
            return;
        }

        switch (verdict.Kind)
        {
            case ProbeKind.Startup when verdict.Success:
                StartProbes(run, started: true, ready: null);
                Report();
                break;
            case ProbeKind.Readiness:
                _view = _view with { Ready = verdict.Success };
                Report();
                break;
            case ProbeKind.Liveness or ProbeKind.Startup when !verdict.Success:
                var kind = verdict.Kind == ProbeKind.Liveness ? "liveness" : "startup";
                _context.Record(_pod, warning: false, "Killing", $"Container {_view.Name} failed {kind} probe, will be restarted", _view.Name);
                var probe = verdict.Kind == ProbeKind.Liveness ? _container.LivenessProbe : _container.StartupProbe;
                _endGrace = TimeSpan.FromSeconds(probe?.TerminationGracePeriodSeconds ?? _pod.As<V1Pod>().Spec.TerminationGracePeriodSeconds ?? 30);
                _ending = true;
                StopProbes();
                Advance();
                break;
        }
    }

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
