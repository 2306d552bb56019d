using System.Globalization;

namespace ActorOrchestrator.Actors.Scheduling.Framework;

/// <summary>Why a pod fits nowhere: the status of every node that was looked at, and the sentence that says it in upstream's words
/// (scheduler framework's <c>FitError</c>).</summary>
public sealed class Diagnosis(int allNodes)
{
    public const string NoNodes = "no nodes available to schedule pods";
    private const string ExcludedByPreFilter = "node(s) didn't satisfy plugin(s) [NodeAffinity]";

    private readonly Dictionary<string, PluginStatus> _byNode = new(StringComparer.Ordinal);

    public int AllNodes { get; } = allNodes;

    /// <summary>Why no node was looked at; empty when some were.</summary>
    public string PreFilterMessage { get; set; } = "";

    /// <summary>What the attempt to make room found, beginning with <c>preemption: </c>.</summary>
    public string PostFilterMessage { get; set; } = "";

    public IReadOnlyDictionary<string, PluginStatus> ByNode => _byNode;

    public void Add(string node, PluginStatus status) => _byNode[node] = status;

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
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var reason in _byNode.Values.SelectMany(status => status.Reasons))
        {
            counts[reason] = counts.GetValueOrDefault(reason) + 1;
        }

        if (AllNodes > _byNode.Count)
        {
            counts[ExcludedByPreFilter] = AllNodes - _byNode.Count;
        }

        return Join(counts);
    }

    /// <summary>"2 of this, 3 of that", in the order of the text as upstream sorts it.</summary>
    internal static string Join(IReadOnlyDictionary<string, int> counts) =>
        string.Join(", ", counts.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value} {pair.Key}")).Order(StringComparer.Ordinal));
}
