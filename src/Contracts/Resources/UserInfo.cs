using System.Collections.Immutable;

namespace ActorOrchestrator.Contracts.Resources;

/// <summary>Who does something, as authentication found out or as impersonation asks for (<c>authentication.k8s.io/v1 UserInfo</c>).</summary>
/// <param name="Name">The user name, such as <c>system:serviceaccount:shop:default</c>.</param>
/// <param name="Groups">The groups, in the order in which the credentials name them.</param>
public sealed record UserInfo(string Name, ImmutableArray<string> Groups)
{
    public const string Masters = "system:masters";
    public const string Nodes = "system:nodes";
    public const string Authenticated = "system:authenticated";
    public const string Unauthenticated = "system:unauthenticated";
    private const string NodePrefix = "system:node:";

    /// <summary>Empty when the credentials have none.</summary>
    public string Uid { get; init; } = "";

    /// <summary>What else the authenticator knows, such as the pod that a token is bound to.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> Extra { get; init; } = ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>The node that this user is; null when it is none.</summary>
    public string? NodeName { get; } =
        Groups.Contains(Nodes) && Name.StartsWith(NodePrefix, StringComparison.Ordinal) ? Name[NodePrefix.Length..] : null;

    public bool IsMaster { get; } = Groups.Contains(Masters);

    /// <summary>A part of this program that writes under its own name.</summary>
    public static UserInfo Component(string name) => new(name, [Masters, Authenticated]);
}
