using ActorOrchestrator.Actors.Metrics;

namespace ActorOrchestrator.Actors.Controllers.HorizontalPodAutoscalers;

/// <summary>Processor and memory use of pods as <c>metrics.k8s.io</c> would tell it.</summary>
internal static class ResourceSamples
{
    private const string Unserved = "unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)";
    private const string Unavailable = "unable to fetch metrics from resource metrics API: the server is currently unable to handle the request (get pods.metrics.k8s.io)";

    /// <param name="container">Empty for whole pods.</param>
    /// <param name="metrics">Null where nobody measures.</param>
    /// <returns>Samples by the pods' names, or why there are none.</returns>
    public static (Dictionary<string, PodSample> Samples, string? Problem) Of(
        string resource, string container, string @namespace, IReadOnlyList<AutoscaledPod> pods, IResourceMetrics? metrics)
    {
        var samples = new Dictionary<string, PodSample>(pods.Count, StringComparer.Ordinal);
        if (metrics is null)
        {
            return (samples, Unserved);
        }

        var measured = false;
        foreach (var pod in pods)
        {
            if (metrics.Pod(@namespace, pod.Name) is not { } usage || usage.Uid != pod.Uid)
            {
                continue;
            }

            measured = true;
            if (container.Length > 0 && !usage.Containers.Any(item => item.Name == container))
            {
                return (samples, $"failed to get container metrics: container {container} not present in metrics for pod {@namespace}/{pod.Name}");
            }

            var used = usage.Containers.Where(item => container.Length == 0 || item.Name == container).Select(item => Milli(item, resource)).ToArray();
            if (used.Length > 0 && Array.TrueForAll(used, value => value is not null))
            {
                samples[pod.Name] = new PodSample(used.Sum(value => value!.Value), usage.Timestamp, usage.Window);
            }
        }

        return (samples, measured ? null : metrics.Nodes().Any() ? "no metrics returned from resource metrics API" : Unavailable);
    }

    private static long? Milli(ContainerUsage usage, string resource) => resource switch
    {
        "cpu" => (usage.CpuNanocores + 999_999) / 1_000_000,
        "memory" => usage.MemoryBytes * 1000,
        _ => null,
    };
}
