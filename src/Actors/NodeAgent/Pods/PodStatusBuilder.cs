using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.NodeAgent.Shutdown;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Pods;

/// <summary>What a pod's status is computed from.</summary>
/// <param name="Containers">Init containers first, then the others, in the order of the specification.</param>
/// <param name="PodIp">Empty while the sandbox is not up.</param>
/// <param name="Now">For transitions of conditions.</param>
public sealed record ObservedPod(V1Pod Pod, ImmutableArray<ContainerView> Containers, bool SandboxUp, string PodIp, string HostIp, DateTimeOffset StartTime, DateTimeOffset Now)
{
    /// <summary>The pod is over whatever its containers do: <c>DeadlineExceeded</c>, <c>Evicted</c> …</summary>
    public string FailureReason { get; init; } = "";
    public string FailureMessage { get; init; } = "";

    /// <summary>Its node was shut down and took it along.</summary>
    public bool EndedWithNode { get; init; }
}

/// <summary>
/// A pod's status as the kubelet computes it: phase, conditions, container states. Pure; the same observation and the same previous
/// status give the same status, so that nothing is written when nothing changed.
/// </summary>
public static class PodStatusBuilder
{
    public const string Pending = "Pending";
    public const string Running = "Running";
    public const string Succeeded = "Succeeded";
    public const string Failed = "Failed";

    /// <param name="observed">What is.</param>
    /// <param name="previous">The status as stored: transition times, and conditions of other writers, are kept from it.</param>
    public static JsonObject Build(ObservedPod observed, JsonObject? previous)
    {
        var pod = observed.Pod;
        var phase = PhaseOf(observed, (string?)previous?["phase"]);
        var status = new JsonObject { ["phase"] = phase };
        if (observed.FailureReason.Length > 0)
        {
            status["reason"] = observed.FailureReason;
            status["message"] = observed.FailureMessage;
        }
        else if (observed.EndedWithNode)
        {
            status["reason"] = NodeShutdown.Reason;
            status["message"] = NodeShutdown.Message;
        }

        if (pod.Metadata.Generation is > 0 and var generation)
        {
            status["observedGeneration"] = generation;
        }

        status["conditions"] = PodConditions.Build(observed, phase, previous);
        if (observed.HostIp.Length > 0)
        {
            status["hostIP"] = observed.HostIp;
            status["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = observed.HostIp });
        }

        if (observed.PodIp.Length > 0)
        {
            status["podIP"] = observed.PodIp;
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = observed.PodIp });
        }

        status["startTime"] = (string?)previous?["startTime"] ?? Time(observed.StartTime);
        AddContainers(status, "initContainerStatuses", observed, init: true);
        AddContainers(status, "containerStatuses", observed, init: false);
        status["qosClass"] = QosClass.Of(pod);
        foreach (var kept in (string[])["nominatedNodeName", "resize", "ephemeralContainerStatuses", "resourceClaimStatuses"])
        {
            if (previous?[kept] is { } value)
            {
                status[kept] = value.DeepClone();
            }
        }

        return status;
    }

    /// <summary>The kubelet's getPhase.</summary>
    public static string PhaseOf(ObservedPod observed, string? previousPhase)
    {
        if (observed.FailureReason.Length > 0)
        {
            return Failed;
        }

        // A pod that is over stays over.
        if (previousPhase is Succeeded or Failed)
        {
            return previousPhase;
        }

        if (observed.EndedWithNode)
        {
            return PhaseOf(observed with { EndedWithNode = false }, previousPhase) == Succeeded ? Succeeded : Failed;
        }

        var policy = observed.Pod.Spec.RestartPolicy ?? "Always";
        foreach (var init in observed.Containers.Where(view => view.Role != ContainerRole.App))
        {
            var ended = LastEnd(init);
            if (init.Role == ContainerRole.Sidecar ? init.Started == true : init is { Current: { HasEnded: true, ExitCode: 0 } })
            {
                continue;
            }

            return init.Role == ContainerRole.Init && ended is { ExitCode: not 0 } && policy == "Never" ? Failed : Pending;
        }

        var (waiting, running, stopped, succeeded) = (0, 0, 0, 0);
        foreach (var view in observed.Containers.Where(view => view.Role == ContainerRole.App))
        {
            if (view.IsRunning)
            {
                running++;
            }
            else if (view.Waiting is null && view.Current is { HasEnded: true } current)
            {
                stopped++;
                succeeded += current.ExitCode == 0 ? 1 : 0;
            }
            else if (LastEnd(view) is not null)
            {
                stopped++;
            }
            else
            {
                waiting++;
            }
        }

        return waiting > 0 ? Pending
            : running > 0 ? Running
            : stopped == 0 ? Pending
            : policy == "Always" ? Running
            : stopped == succeeded ? Succeeded
            : policy == "Never" ? Failed
            : Running;
    }

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static ContainerRun? LastEnd(ContainerView view) => view.Current is { HasEnded: true } current ? current : view.Previous;

    private static void AddContainers(JsonObject status, string field, ObservedPod observed, bool init)
    {
        var specifications = init ? observed.Pod.Spec.InitContainers ?? [] : observed.Pod.Spec.Containers;
        if (specifications.Count == 0)
        {
            return;
        }

        var views = observed.Containers.ToDictionary(view => view.Name, StringComparer.Ordinal);
        var array = new JsonArray();
        foreach (var specification in specifications)
        {
            array.Add(Container(observed, specification, views[specification.Name]));
        }

        status[field] = array;
    }

    private static JsonObject Container(ObservedPod observed, V1Container specification, ContainerView view)
    {
        var current = view.Current;
        JsonObject state;
        ContainerRun? last;
        if (view.Waiting is { } waiting)
        {
            state = Waiting(waiting.Reason, waiting.Message);
            last = LastEnd(view);
        }
        else if (current is { IsRunning: true })
        {
            state = new JsonObject { ["running"] = new JsonObject { ["startedAt"] = Time(current.StartedAt ?? observed.Now) } };
            last = view.Previous;
        }
        else if (current is { HasEnded: true })
        {
            state = new JsonObject { ["terminated"] = Terminated(current) };
            last = view.Previous;
        }
        else
        {
            state = Waiting(observed.Pod.Spec.InitContainers is { Count: > 0 } ? "PodInitializing" : "ContainerCreating", "");
            last = view.Previous;
        }

        var status = new JsonObject
        {
            ["name"] = view.Name,
            ["state"] = state,
            ["lastState"] = last is null ? new JsonObject() : new JsonObject { ["terminated"] = Terminated(last) },
            ["ready"] = view.Ready,
            ["restartCount"] = view.RestartCount,
            ["image"] = specification.Image,
            ["imageID"] = current?.ImageId is { Length: > 0 } imageId ? $"docker://{imageId}" : "",
            ["started"] = view.Started ?? false,
        };
        var shown = current is { State: not EngineContainerState.Created } ? current : last;
        if (shown is not null)
        {
            status["containerID"] = ContainerId(shown);
        }

        return status;
    }

    private static JsonObject Waiting(string reason, string message)
    {
        var waiting = new JsonObject { ["reason"] = reason };
        if (message.Length > 0)
        {
            waiting["message"] = message;
        }

        return new JsonObject { ["waiting"] = waiting };
    }

    private static JsonObject Terminated(ContainerRun run)
    {
        var terminated = new JsonObject { ["exitCode"] = run.ExitCode, ["reason"] = run.Reason };
        if (run.Message.Length > 0)
        {
            terminated["message"] = run.Message;
        }

        terminated["startedAt"] = run.StartedAt is { } started ? Time(started) : null;
        terminated["finishedAt"] = run.FinishedAt is { } finished ? Time(finished) : null;
        terminated["containerID"] = ContainerId(run);
        return terminated;
    }

    private static string ContainerId(ContainerRun run) => run.Id.Length == 0 ? "" : $"docker://{run.Id}";
}
