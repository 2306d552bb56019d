using System.Collections.Immutable;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Actors.NodeAgent.Probes;
using ActorOrchestrator.Actors.NodeAgent.Volumes;
using Akka.Actor;
using Akka.Event;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Containers;

/// <content>Making, starting and ending runs, and what the engine tells of them.</content>
public sealed partial class ContainerActor
{
    private TimeSpan _endGrace = TimeSpan.FromSeconds(30);

    private void BeginCreate(ContainerRun? ended)
    {
        var pod = _pod.As<V1Pod>();
        var environment = EnvironmentBuilder.Build(pod, _container, _context.FactsOf(pod, _sandbox.Ip), _context.Find, _context.ServicesFor(pod));
        var refusal = environment.Error.Length > 0 ? environment.Error : ContainerSpecBuilder.Refusal(pod, _container, _context.Abilities, _image!.User);
        if (refusal.Length > 0)
        {
            _context.Record(_pod, warning: true, "Failed", $"Error: {refusal}", _view.Name);
            Wait(ConfigError, refusal, _context.Settings.PullBackoffInitial);
            return;
        }

        if (ended is { HasEnded: true } && ended.SandboxId == _sandbox.Id)
        {
            _backoff = _backoff.Next(_context.Now, ended.FinishedAt ?? _context.Now, _context.Settings.RestartBackoffInitial, _context.Settings.RestartBackoffMax);
        }

        if (!_imageTold)
        {
            _context.Record(_pod, warning: false, "Pulled", $"Container image \"{_container.Image}\" already present on machine", _view.Name);
        }

        _imageTold = false;
        var operation = Begin();
        var attempt = _nextAttempt;
        CreateAsync(pod, attempt, environment, _sandbox.Id, _volumes!, _image!.User).PipeTo(Self, success: run => new Made(operation, run), failure: error => CreateFailure(operation, error));
    }

    private static Failed CreateFailure(int operation, Exception error) => error switch
    {
        EngineException { Failure: EngineFailure.ImageNotFound } missing => new Failed(operation, "", missing.Message, Transient: true),
        EngineException { Failure: EngineFailure.NotFound } gone => new Failed(operation, "CreateContainerError", gone.Message, Transient: true),
        EngineException engine => new Failed(operation, "CreateContainerError", engine.Message, engine.IsTransient),
        VolumeException volume => new Failed(operation, "CreateContainerConfigError", volume.Message, Transient: false),
        _ => new Failed(operation, "CreateContainerError", error.Message, Transient: false),
    };

    private async Task<ContainerRun> CreateAsync(V1Pod pod, int attempt, ContainerEnvironment environment, string sandboxId, ImmutableDictionary<string, string> volumes, string imageUser)
    {
        var files = _context.Ports.Files;
        var token = _stopping.Token;
        var uid = pod.Metadata.Uid;
        var paths = new List<string>();
        foreach (var mount in _container.VolumeMounts ?? [])
        {
            var volume = volumes.GetValueOrDefault(mount.Name) ?? throw new VolumeException($"volume \"{mount.Name}\" of the mount at {mount.MountPath} is not in spec.volumes");
            var subPath = !string.IsNullOrEmpty(mount.SubPathExpr)
                ? EnvironmentBuilder.Expand(mount.SubPathExpr, name => environment.Variables.FirstOrDefault(variable => variable.Key == name).Value)
                : mount.SubPath;
            paths.Add(string.IsNullOrEmpty(subPath) ? volume : await files.SubPathAsync(volume, subPath, token));
        }

        var terminationLog = await files.WriteAsync(uid, $"containers/{_container.Name}/{attempt}", ReadOnlyMemory<byte>.Empty, token);
        var ingredients = new ContainerIngredients(
            sandboxId,
            environment.Variables,
            [.. paths],
            files.PathOf(uid, SandboxActor.ResolvConfName),
            pod.Spec.HostNetwork == true ? "" : files.PathOf(uid, SandboxActor.HostsFileName),
            terminationLog,
            imageUser);
        var spec = ContainerSpecBuilder.Container(pod, _container, attempt, ingredients, _context.Settings, _context.Abilities, _context.Node.MemoryBytes);
        try
        {
            return Run(await _context.Engine.CreateAsync(spec, token));
        }
        catch (EngineException taken) when (taken.Failure == EngineFailure.Conflict && taken.Message.Contains("name", StringComparison.OrdinalIgnoreCase))
        {
            // An earlier try of ours got as far as this; it is used if it was never started, else replaced.
            if (await _context.Engine.InspectAsync(spec.Name, token) is { } left)
            {
                if (left.State == EngineContainerState.Created && left.Labels.GetValueOrDefault(ContainerLabels.SandboxId) == sandboxId)
                {
                    return Run(left.Id);
                }

                await _context.Engine.RemoveAsync(left.Id, token);
            }

            return Run(await _context.Engine.CreateAsync(spec, token));
        }

        ContainerRun Run(string id) => new(id, attempt, EngineContainerState.Created)
        {
            SandboxId = sandboxId,
            SpecHash = spec.Labels[ContainerLabels.SpecHash],
        };
    }

    private void OnMade(Made made)
    {
        _busy = false;
        if (_view.Previous is { IsGone: false, Id.Length: > 0 } forgotten && _view.Current is not null)
        {
            Remove(forgotten.Id);
        }

        _nextAttempt = made.Run.Attempt + 1;
        _view = _view with { Previous = _view.Current ?? _view.Previous, Current = made.Run with { ImageId = _image?.Id ?? "" }, RestartCount = made.Run.Attempt };
        if (PullPolicy(_container) == "Always")
        {
            _image = null;
        }

        _context.Record(_pod, warning: false, "Created", $"Created container: {_view.Name}", _view.Name);
        Advance();
    }

    private void BeginStart(ContainerRun run)
    {
        var operation = Begin();
        _diedMeanwhile = false;
        StartAsync(run).PipeTo(
            Self,
            success: result => new Started(operation, result.Run, result.HookFailure),
            failure: error => new Failed(operation, "RunContainerError", error.Message, error is EngineException { IsTransient: true }));
    }

    private async Task<(ContainerRun Run, string HookFailure)> StartAsync(ContainerRun run)
    {
        await _context.Engine.StartAsync(run.Id, _stopping.Token);
        var started = await InspectAsync(run, _stopping.Token);
        return started.IsRunning && _container.Lifecycle?.PostStart is { } hook
            ? (started, await LifecycleHook.RunAsync(_context, hook, Target(started), _stopping.Token))
            : (started, "");
    }

    private void OnStarted(Started started)
    {
        _busy = false;
        _view = _view with { Current = started.Run, Waiting = null, HasSettled = true };
        _context.Record(_pod, warning: false, "Started", $"Started container {_view.Name}", _view.Name);
        if (started.HookFailure.Length > 0)
        {
            _context.Record(_pod, warning: true, "FailedPostStartHook", $"PostStartHook failed: {started.HookFailure}", _view.Name);
            _context.Record(_pod, warning: false, "Killing", "FailedPostStartHook", _view.Name);
            _ending = true;
        }

        if (started.Run.IsRunning)
        {
            StartProbes(started.Run, started: null, ready: null);
            if (_diedMeanwhile)
            {
                Inspect(started.Run);
            }
        }

        Report();
        Advance();
    }

    private void OnFailed(Failed failed)
    {
        _busy = false;
        if (failed.Reason.Length == 0)
        {
            // The image went away under us.
            _image = null;
            _context.Images.Tell(new Images.ImageMessages.Changed());
            Advance();
            return;
        }

        _log.Warning("Container {0} of {1} failed with {2}: {3}", _view.Name, _pod.Key, failed.Reason, failed.Message);
        if (failed.Transient)
        {
            _notBefore = _context.Now + _context.Settings.RetryInterval;
            Timers.StartSingleTimer("try-again", new TryAgain(), _context.Settings.RetryInterval);
            return;
        }

        if (failed.Reason == "RunContainerError" && _view.Current is { } current)
        {
            if (!_sandbox.IsUp || failed.Message.Contains("cannot join network of a non running container", StringComparison.Ordinal))
            {
                // Its sandbox has just died; the event that says so is on its way.
                return;
            }

            _context.Record(_pod, warning: true, "Failed", $"Error: failed to start container \"{_view.Name}\": Error response from daemon: {failed.Message}", _view.Name);
            var now = _context.Now;
            _view = _view with
            {
                Current = current with { State = EngineContainerState.Exited, ExitCode = 128, Reason = "ContainerCannotRun", Message = failed.Message, StartedAt = now, FinishedAt = now },
                Waiting = new ContainerWaiting(failed.Reason, $"failed to start container \"{current.Id}\": Error response from daemon: {failed.Message}"),
                HasSettled = true,
            };
            Report();
            _notBefore = now + _context.Settings.RetryInterval;
            Advance();
            return;
        }

        _context.Record(_pod, warning: true, "Failed", $"Error: {failed.Message}", _view.Name);
        Wait(failed.Reason, failed.Message, _context.Settings.PullBackoffInitial);
    }

    private void OnEvent(PodMessages.ContainerEvent happened)
    {
        if (happened.Event.Id != _view.Current?.Id)
        {
            if (happened.Event.Kind == EngineEventKind.Removed && happened.Event.Id == _view.Previous?.Id)
            {
                _view = _view with { Previous = _view.Previous with { IsGone = true } };
            }

            return;
        }

        switch (happened.Event.Kind)
        {
            case EngineEventKind.Died when _view.Current.IsRunning:
                Died(_view.Current, happened.Event.ExitCode, happened.Event.Time);
                break;
            case EngineEventKind.Died:
                _diedMeanwhile = true;
                break;
            case EngineEventKind.Removed when _view.Current.HasEnded:
                _view = _view with { Current = _view.Current with { IsGone = true } };
                break;
            case EngineEventKind.Removed:
                Vanished(_view.Current);
                break;
        }
    }

    /// <summary>The restart begins at once with what the event tells; times and the reason follow from an inspection.</summary>
    private void Died(ContainerRun run, int exitCode, DateTimeOffset time)
    {
        StopProbes();
        var ended = run with { State = EngineContainerState.Exited, ExitCode = exitCode, FinishedAt = time, Reason = exitCode == 0 ? "Completed" : "Error" };
        _view = _view with { Current = ended, Ready = false, Started = false };
        if (_busy)
        {
            // We are ending it ourselves; that operation's answer tells.
            return;
        }

        Inspect(ended);
        Advance();
    }

    private void Inspect(ContainerRun run) => InspectAsync(run, _stopping.Token).PipeTo(Self, success: seen => new Inspected(seen), failure: _ => new Inspected(run));

    private async Task<ContainerRun> InspectAsync(ContainerRun run, CancellationToken cancellation)
    {
        var found = await _context.Engine.InspectAsync(run.Id, cancellation);
        if (found is null)
        {
            return run.HasEnded ? run with { IsGone = true } : Unknown(run);
        }

        var message = found.State == EngineContainerState.Exited ? await TerminationMessageAsync(found, run.ExitCode, cancellation) : "";
        return ContainerRun.Of(found, run.Attempt, message);
    }

    private async Task<string> TerminationMessageAsync(EngineContainer found, int exitCode, CancellationToken cancellation)
    {
        var message = found.Labels.TryGetValue(ContainerLabels.TerminationLog, out var path) ? await _context.Ports.Files.ReadTerminationMessageAsync(path, cancellation) : "";
        if (message.Length > 0 || exitCode == 0 || _container.TerminationMessagePolicy != "FallbackToLogsOnError")
        {
            return message;
        }

        var logs = new MemoryStream();
        await _context.Engine.CopyLogsAsync(found.Id, new LogRequest(Tail: 80), logs, cancellation);
        var text = System.Text.Encoding.UTF8.GetString(logs.GetBuffer(), 0, (int)logs.Length);
        return text.Length <= 2048 ? text : text[^2048..];
    }

    private ContainerRun Unknown(ContainerRun run) => run with
    {
        State = EngineContainerState.Exited,
        IsGone = true,
        ExitCode = 137,
        Reason = "ContainerStatusUnknown",
        Message = "The container could not be located when the pod was terminated",
        FinishedAt = _context.Now,
    };

    private void Vanished(ContainerRun run)
    {
        StopProbes();
        _view = _view with { Current = Unknown(run), Ready = false, Started = false };
        if (!_busy)
        {
            Report();
            Advance();
        }
    }

    private void OnInspected(Inspected inspected)
    {
        var run = inspected.Run;
        if (_view.Current?.Id == run.Id)
        {
            if (_view.Current.IsRunning && run.HasEnded)
            {
                StopProbes();
                _view = _view with { Ready = false, Started = false };
            }

            _view = _view with { Current = run };
        }
        else if (_view.Previous?.Id == run.Id)
        {
            _view = _view with { Previous = run };
        }

        Report();
        Advance();
    }

    private void OnListed(PodMessages.Listed listed)
    {
        if (_busy || _view.Current is not { HasEnded: false, Id.Length: > 0 } current)
        {
            return;
        }

        var seen = listed.Containers.FirstOrDefault(container => container.Id == current.Id);
        if (seen is null)
        {
            // The list may be older than the container; the engine is asked about this one.
            Inspect(current);
        }
        else if (seen.State != current.State)
        {
            Inspect(current);
        }
    }

    private int Begin()
    {
        _busy = true;
        return ++_operation;
    }

    private void Remove(string id) => _context.Engine.RemoveAsync(id, _stopping.Token).PipeTo(Self, success: () => new Removed(id), failure: _ => new Removed(id));

    private ProbeTarget Target(ContainerRun run)
    {
        var ports = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var port in _container.Ports ?? [])
        {
            if (!string.IsNullOrEmpty(port.Name))
            {
                ports[port.Name] = port.ContainerPort;
            }
        }

        return new ProbeTarget(run.Id, _pod.As<V1Pod>().Spec.HostNetwork == true ? _context.Node.Address : _sandbox.Ip, ports, null);
    }
}
