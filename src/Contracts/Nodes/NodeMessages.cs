namespace ActorOrchestrator.Contracts.Nodes;

/// <summary>What a node agent tells the leader besides writing objects. Never journaled.</summary>
public static class NodeMessages
{
    /// <summary>The node agent of this node is alive. Sent every <c>orchestrator.node.heartbeat-interval</c> to the node life-cycle controller.</summary>
    public sealed record Heartbeat(string NodeName);
}
