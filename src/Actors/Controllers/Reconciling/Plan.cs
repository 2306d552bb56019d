using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Reconciling;

/// <summary>One write that a reconciler wants. Writes of one step do not depend on each other.</summary>
public abstract record PlannedWrite(string Act)
{
    public sealed record Create(ResourceType Type, string Namespace, JsonObject Object, string Act) : PlannedWrite(Act);

    /// <param name="Change">Decides again on the object as it is when it is written; null for "nothing to do any more".</param>
    public sealed record Update(ObjectKey Key, string Uid, string Subresource, Func<JsonObject, JsonObject?> Change, string Act) : PlannedWrite(Act);

    public sealed record Delete(ObjectKey Key, DeleteRequest Request, string Act) : PlannedWrite(Act);
}

public sealed record PlannedEvent(StoredObject About, bool Warning, string Reason, string Message);

/// <summary>What is to be done, as data. Steps follow each other; a failed step ends the plan, and the next reconciliation begins from what is.</summary>
/// <param name="Steps">Each is a set of independent writes.</param>
/// <param name="Events">Told when every step is done.</param>
/// <param name="Again">When to look again though nothing has changed; null for never.</param>
public sealed record Plan(ImmutableArray<ImmutableArray<PlannedWrite>> Steps, ImmutableArray<PlannedEvent> Events, DateTimeOffset? Again)
{
    public static readonly Plan Nothing = new([], [], null);

    public bool IsEmpty => Steps.All(step => step.IsEmpty) && Events.IsEmpty && Again is null;

    public static Plan Of(IEnumerable<PlannedWrite> writes, DateTimeOffset? again = null) => new([[.. writes]], [], again);
}
