using System.Collections.Concurrent;

namespace ActorOrchestrator.Actors.Metrics;

/// <summary>
/// The newest figures of every node and pod, for readers on any thread. One actor of the host writes: with the leader <see cref="ResourceMetricsActor"/>, elsewhere
/// <see cref="UsageFollowerActor"/>. Age is counted by this host's own clock from the arrival of a report; the node's clock only says when it measured.
/// </summary>
public sealed class ResourceMetrics(MetricsSettings settings, TimeProvider time) : IResourceMetrics
{
    private readonly ConcurrentDictionary<string, Report> _nodes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Namespace, string Name), Entry> _pods = new();

    private sealed record Report(UsageReport Content, long ArrivedAt);

    private sealed record Entry(PodUsage Usage, Report From);

    public MetricsSettings Settings => settings;

    /// <summary>Every report that is not stale.</summary>
    public IEnumerable<UsageReport> Reports => _nodes.Values.Where(IsFresh).Select(report => report.Content);

    public PodUsage? Pod(string @namespace, string name) => _pods.TryGetValue((@namespace, name), out var entry) && IsFresh(entry.From) ? entry.Usage : null;

    public IEnumerable<PodUsage> Pods(string? @namespace) => _pods.Values
        .Where(entry => (@namespace is null || entry.Usage.Namespace == @namespace) && IsFresh(entry.From))
        .Select(entry => entry.Usage);

    public NodeUsage? Node(string name) => _nodes.TryGetValue(name, out var report) && IsFresh(report) ? report.Content.Node : null;

    public IEnumerable<NodeUsage> Nodes() => Reports.Select(report => report.Node);

    /// <summary>A report replaces the node's last one: pods that it does not name have no figures any more.</summary>
    public void Take(UsageReport content)
    {
        var report = new Report(content, time.GetTimestamp());
        foreach (var pod in content.Pods)
        {
            _pods[(pod.Namespace, pod.Name)] = new Entry(pod, report);
        }

        var before = _nodes.GetValueOrDefault(content.Node.Name);
        _nodes[content.Node.Name] = report;
        if (before is not null)
        {
            RemovePodsOf(before);
        }
    }

    /// <summary>Forgets what nobody is shown any more.</summary>
    public void Sweep()
    {
        foreach (var (name, report) in _nodes)
        {
            if (!IsFresh(report))
            {
                _nodes.TryRemove(name, out _);
                RemovePodsOf(report);
            }
        }
    }

    private bool IsFresh(Report report) => time.GetElapsedTime(report.ArrivedAt) < settings.StaleAfter;

    /// <summary>Only what still stands there by this very report: a pod of the same name may have come to life on another node.</summary>
    private void RemovePodsOf(Report report)
    {
        foreach (var pod in report.Content.Pods)
        {
            var key = (pod.Namespace, pod.Name);
            if (_pods.TryGetValue(key, out var entry) && ReferenceEquals(entry.From, report))
            {
                _pods.TryRemove(new KeyValuePair<(string, string), Entry>(key, entry));
            }
        }
    }
}
