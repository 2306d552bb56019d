using System.Collections.Immutable;

namespace ActorOrchestrator.Host.Api.Authentication;

/// <summary>Who makes a request.</summary>
public sealed record ApiUser(string Name, ImmutableArray<string> Groups)
{
    public const string Masters = "system:masters";
    public const string Nodes = "system:nodes";
    private const string NodePrefix = "system:node:";

    /// <summary>The node that this user is; null when it is none.</summary>
    public string? NodeName { get; } =
        Groups.Contains(Nodes) && Name.StartsWith(NodePrefix, StringComparison.Ordinal) ? Name[NodePrefix.Length..] : null;

    public bool IsMaster { get; } = Groups.Contains(Masters);
}
