namespace ActorOrchestrator.Contracts.Resources.Catalog;

public enum BehaviourState : byte
{
    /// <summary>Served, and what it is for happens.</summary>
    Works,

    /// <summary>Served, and some of what it is for happens.</summary>
    Partly,

    /// <summary>Served, and nothing here acts on it yet.</summary>
    StoredOnly,
}

/// <summary>What is behind a kind, told honestly.</summary>
/// <param name="State">How much of it.</param>
/// <param name="Note">In few words what works or is missing; may be empty.</param>
public sealed record Behaviour(BehaviourState State, string Note)
{
    public static Behaviour Works(string note = "") => new(BehaviourState.Works, note);

    public static Behaviour Partly(string note) => new(BehaviourState.Partly, note);

    public static Behaviour StoredOnly(string note) => new(BehaviourState.StoredOnly, note);
}
