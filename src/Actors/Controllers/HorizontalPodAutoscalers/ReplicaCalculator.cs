namespace ActorOrchestrator.Actors.Controllers.HorizontalPodAutoscalers;

/// <summary>What was measured of one pod.</summary>
/// <param name="Value">In thousandths.</param>
/// <param name="Timestamp">The end of the time over which it was measured.</param>
/// <param name="Window">How long that was.</param>
public readonly record struct PodSample(long Value, DateTimeOffset Timestamp, TimeSpan Window);

/// <summary>Shares of a target by which use may differ without consequence.</summary>
public readonly record struct Tolerances(double Down, double Up)
{
    public bool Contain(double ratio) => 1.0 - Down <= ratio && ratio <= 1.0 + Up;
}

/// <summary>How many replicas a metric asks for.</summary>
/// <param name="Replicas">The proposal.</param>
/// <param name="Utilization">Per cent of what is requested, where that is the target.</param>
/// <param name="Usage">Average or total use in thousandths.</param>
/// <param name="Problem">Why there is no proposal; null when there is one.</param>
public readonly record struct Proposal(int Replicas, int Utilization, long Usage, string? Problem)
{
    public static Proposal Impossible(string problem) => new(0, 0, 0, problem);
}

/// <summary>
/// Upstream's replica calculator: from what pods use to how many there ought to be. Pods that cannot be judged (not started, starting, without figures) are
/// taken at the value that makes the change smaller, never so that it turns round.
/// </summary>
/// <param name="CpuInitializationPeriod">See <see cref="AutoscalerSettings"/>.</param>
/// <param name="InitialReadinessDelay">See <see cref="AutoscalerSettings"/>.</param>
public sealed record ReplicaCalculator(TimeSpan CpuInitializationPeriod, TimeSpan InitialReadinessDelay)
{
    private const string Cpu = "cpu";
    private const string NoPods = "no pods returned by selector while calculating replica count";
    private const string NoSamples = "did not receive metrics for targeted pods (pods might be unready)";

    /// <summary>For a target in per cent of what the pods, or one of their containers, request.</summary>
    public Proposal ByUtilization(
        int current, int target, string resource, string container, Tolerances tolerances, IReadOnlyDictionary<string, PodSample> samples, IReadOnlyList<AutoscaledPod> pods, DateTimeOffset now)
    {
        if (pods.Count == 0)
        {
            return Proposal.Impossible(NoPods);
        }

        var groups = Group(pods, samples, resource, now);
        var values = groups.Judged(samples);
        if (values.Count == 0)
        {
            return Proposal.Impossible(NoSamples);
        }

        var (requests, missing) = Requests(pods, container, resource);
        if (missing is not null)
        {
            return Proposal.Impossible(missing);
        }

        if (Ratio(values, requests, target) is not { } seen)
        {
            return Proposal.Impossible("no metrics returned matched known pods");
        }

        Proposal Replicas(int count) => new(count, seen.Utilization, seen.Average, null);
        var withUnready = groups.Unready.Count > 0 && seen.Ratio > 1.0;
        if (!withUnready && groups.Missing.Count == 0)
        {
            return Replicas(tolerances.Contain(seen.Ratio) ? current : Ceiling(seen.Ratio * groups.Ready));
        }

        // Those without figures are taken as using all of what they request when the others ask for less, nothing when they ask for more.
        groups.FillMissing(values, seen.Ratio, name => requests.GetValueOrDefault(name) * Math.Max(100, target) / 100);
        groups.FillUnready(values, withUnready);
        return Ratio(values, requests, target) is { } filled
            ? Replicas(Careful(current, seen.Ratio, filled.Ratio, values.Count, tolerances))
            : new Proposal(0, seen.Utilization, seen.Average, "no metrics returned matched known pods");
    }

    /// <summary>For a target that each pod is to have on average.</summary>
    /// <param name="resource"><c>cpu</c> makes pods that are starting be left out; empty for metrics that are no resources.</param>
    public Proposal ByAverage(
        int current, long target, string resource, Tolerances tolerances, IReadOnlyDictionary<string, PodSample> samples, IReadOnlyList<AutoscaledPod> pods, DateTimeOffset now)
    {
        if (pods.Count == 0)
        {
            return Proposal.Impossible(NoPods);
        }

        var groups = Group(pods, samples, resource, now);
        var values = groups.Judged(samples);
        if (values.Count == 0)
        {
            return Proposal.Impossible(NoSamples);
        }

        var usage = values.Values.Sum() / values.Count;
        var ratio = (double)usage / target;
        Proposal Replicas(int count) => new(count, 0, usage, null);
        var withUnready = groups.Unready.Count > 0 && ratio > 1.0;
        if (!withUnready && groups.Missing.Count == 0)
        {
            return Replicas(tolerances.Contain(ratio) ? current : Ceiling(ratio * groups.Ready));
        }

        groups.FillMissing(values, ratio, _ => target);
        groups.FillUnready(values, withUnready);
        return Replicas(Careful(current, ratio, (double)(values.Values.Sum() / values.Count) / target, values.Count, tolerances));
    }

    /// <summary>For a target that a value, which is no pod's own, is to have.</summary>
    public static Proposal ByValue(int current, long usage, long target, Tolerances tolerances, IReadOnlyList<AutoscaledPod> pods)
    {
        var ratio = (double)usage / target;
        if (current == 0)
        {
            return new Proposal(Ceiling(ratio), 0, usage, null);
        }

        if (tolerances.Contain(ratio))
        {
            return new Proposal(current, 0, usage, null);
        }

        return pods.Count == 0
            ? Proposal.Impossible($"unable to calculate ready pods: {NoPods}")
            : new Proposal(Ceiling(ratio * pods.Count(pod => pod.RunsReady)), 0, usage, null);
    }

    /// <summary>For a target of which each pod is to have its share.</summary>
    /// <param name="replicas">Those that there are, <c>status.replicas</c> of the scale.</param>
    public static Proposal ByShare(int replicas, long usage, long target, Tolerances tolerances)
    {
        var ratio = usage / ((double)target * replicas);
        var count = tolerances.Contain(ratio) ? replicas : Ceiling((double)usage / target);
        var share = Math.Ceiling((double)usage / replicas);
        return new Proposal(count, 0, share >= long.MaxValue || double.IsNaN(share) ? usage : (long)share, null);
    }

    private static int Ceiling(double count) => double.IsNaN(count) ? 0 : (int)Math.Min(Math.Ceiling(count), int.MaxValue);

    /// <summary>The proposal with assumptions in it, unless they turn the change round or make it too small to matter.</summary>
    private static int Careful(int current, double seen, double filled, int counted, Tolerances tolerances)
    {
        if (tolerances.Contain(filled) || (seen < 1.0 && filled > 1.0) || (seen > 1.0 && filled < 1.0))
        {
            return current;
        }

        var replicas = Ceiling(filled * counted);
        return (filled < 1.0 && replicas > current) || (filled > 1.0 && replicas < current) ? current : replicas;
    }

    private static (double Ratio, int Utilization, long Average)? Ratio(Dictionary<string, long> values, Dictionary<string, long> requests, int target)
    {
        long used = 0, requested = 0;
        var counted = 0;
        foreach (var (name, value) in values)
        {
            if (requests.TryGetValue(name, out var request))
            {
                (used, requested, counted) = (used + value, requested + request, counted + 1);
            }
        }

        if (requested == 0)
        {
            return null;
        }

        var utilization = (int)Int128.Clamp((Int128)used * 100 / requested, int.MinValue, int.MaxValue);
        return ((double)utilization / target, utilization, used / counted);
    }

    private static (Dictionary<string, long> Requests, string? Missing) Requests(IReadOnlyList<AutoscaledPod> pods, string container, string resource)
    {
        var requests = new Dictionary<string, long>(pods.Count, StringComparer.Ordinal);
        foreach (var pod in pods)
        {
            if (container.Length == 0 && pod.Requests is { } whole)
            {
                if (!whole.TryGetValue(resource, out var amount))
                {
                    return (requests, $"missing pod-level request for {resource} in Pod {pod.Name}");
                }

                requests[pod.Name] = amount;
                continue;
            }

            long sum = 0;
            var found = container.Length == 0;
            foreach (var item in pod.Containers.Where(item => container.Length == 0 || item.Name == container))
            {
                if (!item.Requests.TryGetValue(resource, out var amount))
                {
                    return (requests, $"missing request for {resource} in container {item.Name} of Pod {pod.Name}");
                }

                (sum, found) = (sum + amount, true);
            }

            if (!found)
            {
                return (requests, $"container {container} not found in Pod {pod.Name}");
            }

            requests[pod.Name] = sum;
        }

        return (requests, null);
    }

    private PodGroups Group(IReadOnlyList<AutoscaledPod> pods, IReadOnlyDictionary<string, PodSample> samples, string resource, DateTimeOffset now)
    {
        var groups = new PodGroups();
        foreach (var pod in pods)
        {
            if (pod.IsDeleted || pod.Phase == "Failed")
            {
                groups.Ignored.Add(pod.Name);
            }
            else if (pod.Phase == "Pending")
            {
                groups.Unready.Add(pod.Name);
            }
            else if (!samples.TryGetValue(pod.Name, out var sample))
            {
                groups.Missing.Add(pod.Name);
            }
            else if (resource == Cpu && IsStarting(pod, sample, now))
            {
                groups.Unready.Add(pod.Name);
            }
            else
            {
                groups.Ready++;
            }
        }

        return groups;
    }

    /// <summary>What a pod uses while it starts says nothing about what it will use.</summary>
    private bool IsStarting(AutoscaledPod pod, PodSample sample, DateTimeOffset now)
    {
        if (pod.Ready is not { } ready || pod.StartTime is not { } started)
        {
            return true;
        }

        var changed = ready.LastTransition ?? DateTimeOffset.MinValue;
        return started + CpuInitializationPeriod > now
            ? ready.Status == "False" || sample.Timestamp < changed + sample.Window
            : ready.Status == "False" && started + InitialReadinessDelay > changed;
    }

    private sealed class PodGroups
    {
        public int Ready { get; set; }
        public List<string> Unready { get; } = [];
        public List<string> Missing { get; } = [];
        public List<string> Ignored { get; } = [];

        public Dictionary<string, long> Judged(IReadOnlyDictionary<string, PodSample> samples)
        {
            var values = samples.ToDictionary(sample => sample.Key, sample => sample.Value.Value, StringComparer.Ordinal);
            foreach (var name in Ignored.Concat(Unready))
            {
                values.Remove(name);
            }

            return values;
        }

        public void FillMissing(Dictionary<string, long> values, double ratio, Func<string, long> most)
        {
            foreach (var name in ratio == 1.0 ? [] : Missing)
            {
                values[name] = ratio < 1.0 ? most(name) : 0;
            }
        }

        public void FillUnready(Dictionary<string, long> values, bool counts)
        {
            foreach (var name in counts ? Unready : [])
            {
                values[name] = 0;
            }
        }
    }
}
