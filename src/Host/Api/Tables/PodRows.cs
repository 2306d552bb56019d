using System.Text.Json;

namespace ActorOrchestrator.Host.Api.Tables;

/// <summary>
/// A pod in one line. The status word is the phase unless something more telling is known: why it cannot be scheduled, how far its init
/// containers are, what a container waits for or died of, that it is being deleted.
/// </summary>
internal static class PodRows
{
    private const string None = "<none>";

    public static TableRow Pod(JsonElement pod, DateTimeOffset now)
    {
        var (metadata, spec, status) = (pod.At("metadata"), pod.At("spec"), pod.At("status"));
        var phase = status.Text("phase");
        var summary = new Summary { Reason = status.Text("reason").Or(phase), Total = spec.Count("containers") };
        if (status.Items("conditions").Any(condition => condition.Text("type") == "PodScheduled" && condition.Text("reason") == "SchedulingGated"))
        {
            summary.Reason = "SchedulingGated";
        }

        var initializing = InitContainers(spec, status, summary);
        if (!initializing || HasTrueCondition(status, "Initialized"))
        {
            Containers(status, summary);
        }

        if (metadata.At("deletionTimestamp").Exists())
        {
            summary.Reason = status.Text("reason") == "NodeLost" ? "Unknown"
                : phase is "Succeeded" or "Failed" ? summary.Reason
                : "Terminating";
        }

        var restarts = summary.Restarts != 0 && summary.LastRestart is { } last
            ? $"{summary.Restarts} ({HumanDuration.Since(last, now)} ago)"
            : $"{summary.Restarts}";
        return new TableRow(
            [
                TableRows.Name(pod), $"{summary.Ready}/{summary.Total}", summary.Reason, restarts, TableRows.Age(pod, now),
                Address(status), spec.Text("nodeName").Or(None), status.Text("nominatedNodeName").Or(None), Gates(spec, status),
            ],
            phase switch
            {
                "Succeeded" => new RowCompletion(phase, "The pod has completed successfully."),
                "Failed" => new RowCompletion(phase, "The pod failed."),
                _ => null,
            });
    }

    /// <summary>Says whether init containers are still what the pod is about.</summary>
    private static bool InitContainers(JsonElement spec, JsonElement status, Summary summary)
    {
        var sidecars = spec.Items("initContainers").Where(container => container.Text("restartPolicy") == "Always").Select(container => container.Text("name")).ToHashSet();
        summary.Total += sidecars.Count;
        var index = -1;
        foreach (var container in status.Items("initContainerStatuses"))
        {
            index++;
            var isSidecar = sidecars.Contains(container.Text("name"));
            summary.Restarted(container, isSidecar);
            var (terminated, waiting) = (container.At("state", "terminated"), container.At("state", "waiting"));
            if (terminated.Exists() && terminated.Number("exitCode") == 0)
            {
                continue;
            }

            if (isSidecar && container.Flag("started"))
            {
                summary.Ready += container.Flag("ready") ? 1 : 0;
                continue;
            }

            summary.Reason = "Init:" + (terminated.Exists() ? DeathOf(terminated)
                : waiting.Text("reason") is { Length: > 0 } reason && reason != "PodInitializing" ? reason
                : $"{index}/{spec.Count("initContainers")}");
            return true;
        }

        return false;
    }

    private static void Containers(JsonElement status, Summary summary)
    {
        summary.ForgetInit();
        var running = false;
        foreach (var container in status.Items("containerStatuses").Reverse())
        {
            summary.Restarted(container, isSidecar: false);
            var (terminated, waiting) = (container.At("state", "terminated"), container.At("state", "waiting"));
            if (waiting.Text("reason") is { Length: > 0 } reason)
            {
                summary.Reason = reason;
            }
            else if (terminated.Exists())
            {
                summary.Reason = DeathOf(terminated);
            }
            else if (container.Flag("ready") && container.At("state", "running").Exists())
            {
                running = true;
                summary.Ready++;
            }
        }

        if (summary.Reason == "Completed" && running)
        {
            summary.Reason = HasTrueCondition(status, "Ready") ? "Running" : "NotReady";
        }
    }

    private static string DeathOf(JsonElement terminated) => terminated.Text("reason") is { Length: > 0 } reason ? reason
        : terminated.Number("signal") is not 0 and var signal ? $"Signal:{signal}"
        : $"ExitCode:{terminated.Number("exitCode")}";

    private static bool HasTrueCondition(JsonElement status, string type) =>
        status.Items("conditions").Any(condition => condition.Text("type") == type && condition.Text("status") == "True");

    private static string Address(JsonElement status)
    {
        var first = status.Items("podIPs").Select(address => address.Text("ip")).FirstOrDefault() ?? "";
        return first.Or(None);
    }

    private static string Gates(JsonElement spec, JsonElement status)
    {
        var gates = spec.Items("readinessGates").Select(gate => gate.Text("conditionType")).ToArray();
        return gates.Length == 0 ? None : $"{gates.Count(gate => HasTrueCondition(status, gate))}/{gates.Length}";
    }

    private sealed class Summary
    {
        private long _sidecarRestarts;
        private DateTimeOffset? _lastSidecarRestart;

        public required string Reason { get; set; }
        public required int Total { get; set; }
        public int Ready { get; set; }
        public long Restarts { get; private set; }
        public DateTimeOffset? LastRestart { get; private set; }

        public void Restarted(JsonElement container, bool isSidecar)
        {
            var count = container.Number("restartCount");
            var died = container.At("lastState", "terminated").Time("finishedAt");
            Restarts += count;
            LastRestart = Later(LastRestart, died);
            if (isSidecar)
            {
                _sidecarRestarts += count;
                _lastSidecarRestart = Later(_lastSidecarRestart, died);
            }
        }

        /// <summary>Once the main containers run, of the init containers only the sidecars count.</summary>
        public void ForgetInit()
        {
            Restarts = _sidecarRestarts;
            LastRestart = _lastSidecarRestart;
        }

        private static DateTimeOffset? Later(DateTimeOffset? left, DateTimeOffset? right) => left is null || right > left ? right ?? left : left;
    }
}
