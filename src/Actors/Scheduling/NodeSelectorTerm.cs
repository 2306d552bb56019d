using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace ActorOrchestrator.Actors.Scheduling;

/// <summary>One requirement of a node selector term. Upstream's <c>NodeSelectorRequirement</c>.</summary>
public sealed record NodeRequirement(string Key, string Operator, ImmutableArray<string> Values)
{
    /// <param name="present">Whether the node has the label (or field).</param>
    /// <param name="value">Its value when it has.</param>
    public bool Matches(bool present, string? value) => Operator switch
    {
        "In" => present && Values.Contains(value!),
        "NotIn" => !present || !Values.Contains(value!),
        "Exists" => present,
        "DoesNotExist" => !present,
        "Gt" => present && Compare(value) is > 0,
        "Lt" => present && Compare(value) is < 0,
        _ => false,
    };

    private int? Compare(string? value) =>
        Values.Length == 1
        && long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var mine)
        && long.TryParse(Values[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var other)
            ? mine.CompareTo(other)
            : null;
}

/// <summary>Requirements on labels and fields that hold together. A term without any matches no node.</summary>
public sealed record NodeSelectorTerm(ImmutableArray<NodeRequirement> Labels, ImmutableArray<NodeRequirement> Fields)
{
    public bool Matches(NodeInfo node)
    {
        if (Labels.IsEmpty && Fields.IsEmpty)
        {
            return false;
        }

        foreach (var requirement in Labels)
        {
            if (!requirement.Matches(node.Labels.TryGetValue(requirement.Key, out var value), value))
            {
                return false;
            }
        }

        foreach (var requirement in Fields)
        {
            if (!requirement.Matches(requirement.Key == "metadata.name", node.Name))
            {
                return false;
            }
        }

        return true;
    }

    internal static NodeSelectorTerm Read(JsonElement term) => new(Requirements(term, "matchExpressions"), Requirements(term, "matchFields"));

    private static ImmutableArray<NodeRequirement> Requirements(JsonElement term, string name) =>
    [
        .. PodRequests.Items(term, name).Select(item => new NodeRequirement(
            PodInfo.Text(item, "key"), PodInfo.Text(item, "operator"), [.. PodRequests.Items(item, "values").Select(value => value.GetString() ?? "")])),
    ];
}

/// <summary>A term that a pod would like its node to match, and how much (1 to 100).</summary>
public sealed record PreferredTerm(int Weight, NodeSelectorTerm Term);
