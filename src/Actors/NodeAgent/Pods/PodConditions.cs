using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.NodeAgent.Shutdown;

namespace ActorOrchestrator.Actors.NodeAgent.Pods;

/// <summary>The conditions that the kubelet owns, in its words (kubelet's status.Generate… functions). Others' conditions are kept as they are.</summary>
public static class PodConditions
{
    public static JsonArray Build(ObservedPod observed, string phase, JsonObject? previous)
    {
        var known = (previous?["conditions"] as JsonArray ?? []).OfType<JsonObject>().ToArray();
        var containersReady = ContainersReady(observed, phase);
        var own = new (string Type, Verdict Verdict)[]
        {
            // A pod that is over gets no sandbox any more, whether or not the one it had is found when the agent starts again.
            ("PodReadyToStartContainers", Verdict.Of(observed.SandboxUp && phase is not (PodStatusBuilder.Succeeded or PodStatusBuilder.Failed))),
            ("Initialized", Initialized(observed, phase)),
            ("Ready", Ready(observed, containersReady, known)),
            ("ContainersReady", containersReady),
            ("PodScheduled", Verdict.Of(true)),
        };
        if (observed.EndedWithNode)
        {
            own = [.. own, ("DisruptionTarget", new Verdict(true, "TerminationByKubelet", NodeShutdown.Message))];
        }

        var conditions = new JsonArray();
        foreach (var (type, verdict) in own)
        {
            conditions.Add(Condition(type, verdict, known.FirstOrDefault(condition => (string?)condition["type"] == type), observed));
        }

        foreach (var foreign in known.Where(condition => own.All(mine => mine.Type != (string?)condition["type"])))
        {
            conditions.Add(foreign.DeepClone());
        }

        return conditions;
    }

    private static JsonObject Condition(string type, Verdict verdict, JsonObject? before, ObservedPod observed)
    {
        var status = verdict.Holds ? "True" : "False";
        var same = (string?)before?["status"] == status;
        var condition = new JsonObject
        {
            ["type"] = type,
            ["status"] = status,
            ["lastTransitionTime"] = same && (string?)before!["lastTransitionTime"] is { } since ? since : PodStatusBuilder.Time(observed.Now),
        };
        if (observed.Pod.Metadata.Generation is > 0 and var generation)
        {
            condition["observedGeneration"] = generation;
        }

        if (verdict.Reason.Length > 0)
        {
            condition["reason"] = verdict.Reason;
        }

        if (verdict.Message.Length > 0)
        {
            condition["message"] = verdict.Message;
        }

        return condition;
    }

    private static Verdict Initialized(ObservedPod observed, string phase)
    {
        var unfinished = observed.Containers
            .Where(view => view.Role switch
            {
                ContainerRole.Init => view.Current is not { HasEnded: true, ExitCode: 0 },
                ContainerRole.Sidecar => view.Started != true,
                _ => false,
            })
            .Select(view => view.Name)
            .ToArray();
        return phase == PodStatusBuilder.Succeeded ? new Verdict(true, observed.Containers.Any(view => view.Role != ContainerRole.App) ? "PodCompleted" : "", "")
            // Once an app container ran, the pod was initialised, even if a new sandbox runs its init containers again.
            : unfinished.Length == 0 || observed.Containers.Any(view => view.Role == ContainerRole.App && view.IsRunning) ? Verdict.Of(true)
            : new Verdict(false, "ContainersNotInitialized", $"containers with incomplete status: [{string.Join(' ', unfinished)}]");
    }

    private static Verdict ContainersReady(ObservedPod observed, string phase)
    {
        switch (phase)
        {
            case PodStatusBuilder.Succeeded: return new Verdict(false, "PodCompleted", "");
            case PodStatusBuilder.Failed: return new Verdict(false, "PodFailed", "");
        }

        var unready = observed.Containers.Where(view => view.Role != ContainerRole.Init && !view.Ready).Select(view => view.Name).ToArray();
        return unready.Length == 0 ? Verdict.Of(true) : new Verdict(false, "ContainersNotReady", $"containers with unready status: [{string.Join(' ', unready)}]");
    }

    private static Verdict Ready(ObservedPod observed, Verdict containersReady, JsonObject[] known)
    {
        if (!containersReady.Holds)
        {
            return containersReady;
        }

        var unmet = new List<string>();
        foreach (var gate in observed.Pod.Spec.ReadinessGates ?? [])
        {
            var condition = known.FirstOrDefault(condition => (string?)condition["type"] == gate.ConditionType);
            if (condition is null)
            {
                unmet.Add($"corresponding condition of pod readiness gate \"{gate.ConditionType}\" does not exist.");
            }
            else if ((string?)condition["status"] != "True")
            {
                unmet.Add($"the status of pod readiness gate \"{gate.ConditionType}\" is not \"True\", but {(string?)condition["status"]}");
            }
        }

        return unmet.Count == 0 ? Verdict.Of(true) : new Verdict(false, "ReadinessGatesNotReady", string.Join(", ", unmet));
    }

    private readonly record struct Verdict(bool Holds, string Reason, string Message)
    {
        public static Verdict Of(bool holds) => new(holds, "", "");
    }
}
