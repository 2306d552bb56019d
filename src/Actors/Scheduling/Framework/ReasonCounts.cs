using System.Globalization;

namespace ActorOrchestrator.Actors.Scheduling.Framework;

/// <summary>How many nodes have each reason. Thousands of nodes share a few statuses, mostly many in a row, so that those are counted first.</summary>
public sealed class ReasonCounts
{
    private readonly Dictionary<PluginStatus, int> _byStatus = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, int> _others = new(StringComparer.Ordinal);
    private PluginStatus? _last;
    private int _run;

    /// <summary>Nodes counted with a status.</summary>
    public int Nodes { get; private set; }

    public void Add(PluginStatus status)
    {
        if (!ReferenceEquals(status, _last))
        {
            EndRun();
            _last = status;
        }

        _run++;
        Nodes++;
    }

    /// <summary>Nodes that nobody has looked at have this reason.</summary>
    public void Add(string reason, int nodes) => _others[reason] = _others.GetValueOrDefault(reason) + nodes;

    /// <summary>"2 of this, 3 of that", in the order of the text as upstream sorts it.</summary>
    public override string ToString()
    {
        EndRun();
        var counts = new Dictionary<string, int>(_others, StringComparer.Ordinal);
        foreach (var (status, count) in _byStatus)
        {
            foreach (var reason in status.Reasons)
            {
                counts[reason] = counts.GetValueOrDefault(reason) + count;
            }
        }

        return string.Join(", ", counts.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value} {pair.Key}")).Order(StringComparer.Ordinal));
    }

    private void EndRun()
    {
        if (_last is not null)
        {
            _byStatus[_last] = _byStatus.GetValueOrDefault(_last) + _run;
            (_last, _run) = (null, 0);
        }
    }
}
