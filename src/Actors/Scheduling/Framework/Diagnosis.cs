namespace ActorOrchestrator.Actors.Scheduling.Framework;

/// <summary>Why a pod fits nowhere: the status of every node that was looked at, and the sentence that says it in upstream's words
/// (scheduler framework's <c>FitError</c>).</summary>
/// <param name="allNodes">How many nodes there are.</param>
/// <param name="statuses">To write into; what a decision is explained by is true until the next decision.</param>
public sealed class Diagnosis(int allNodes, List<(NodeInfo Node, PluginStatus Status)>? statuses = null)
{
    public const string NoNodes = "no nodes available to schedule pods";
    private const string ExcludedByPreFilter = "node(s) didn't satisfy plugin(s) [NodeAffinity]";

    private readonly List<(NodeInfo Node, PluginStatus Status)> _statuses = statuses ?? [];
    private Dictionary<string, PluginStatus>? _byNode;

    public int AllNodes { get; } = allNodes;

    /// <summary>The place of the first of <see cref="Statuses"/> in the snapshot, which the others follow round; -1 when only some nodes were looked at.</summary>
    public int Start { get; init; } = -1;

    /// <summary>Nodes that might do if somebody left them.</summary>
    public int Resolvable { get; private set; }

    /// <summary>Why no node was looked at; empty when some were.</summary>
    public string PreFilterMessage { get; set; } = "";

    /// <summary>What the attempt to make room found, beginning with <c>preemption: </c>.</summary>
    public string PostFilterMessage { get; set; } = "";

    /// <summary>The nodes that were looked at, in the order of the search.</summary>
    internal List<(NodeInfo Node, PluginStatus Status)> Statuses => _statuses;

    public IReadOnlyDictionary<string, PluginStatus> ByNode =>
        _byNode ??= _statuses.ToDictionary(pair => pair.Node.Name, pair => pair.Status, StringComparer.Ordinal);

    public void Add(NodeInfo node, PluginStatus status)
    {
        _byNode = null;
        Resolvable += status.Code == StatusCode.Unschedulable ? 1 : 0;
        _statuses.Add((node, status));
    }

    /// <summary>The message of the condition and of the event.</summary>
    public string Message
    {
        get
        {
            if (AllNodes == 0)
            {
                return NoNodes;
            }

            var message = $"0/{AllNodes} nodes are available:";
            if (PreFilterMessage.Length > 0)
            {
                message += $" {PreFilterMessage}.";
            }
            else if (Histogram() is { Length: > 0 } histogram)
            {
                message += $" {histogram}.";
            }

            return PostFilterMessage.Length == 0 ? message : $"{message} {PostFilterMessage}";
        }
    }

    private string Histogram()
    {
        var counts = new ReasonCounts();
        foreach (var (_, status) in _statuses)
        {
            counts.Add(status);
        }

        if (AllNodes > _statuses.Count)
        {
            counts.Add(ExcludedByPreFilter, AllNodes - _statuses.Count);
        }

        return counts.ToString();
    }
}
