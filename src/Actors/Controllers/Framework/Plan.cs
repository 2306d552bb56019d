using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Framework;

/// <summary>
/// What a reconciler wants done, as data. Steps run in order and the first one that fails ends them; the actions of one step run together.
/// </summary>
public sealed record Plan
{
    public static readonly Plan Nothing = new();

    public ImmutableArray<PlanStep> Steps { get; init; } = [];

    /// <summary>Asked once the steps are through, or have failed, with the world as it is then: the usual place to compute a status.</summary>
    public Func<PlanOutcome, Observed, DateTimeOffset, Plan>? Then { get; init; }

    /// <summary>Look again at this time even if nothing happens.</summary>
    public DateTimeOffset? RequeueAt { get; init; }

    /// <summary>There is nothing to apply; a <see cref="RequeueAt"/> may still be set.</summary>
    public bool IsNothing => Steps.IsEmpty && Then is null;

    public static Plan Do(params ReadOnlySpan<PlanAction> actions) => new() { Steps = [.. actions.ToArray().Select(action => new PlanStep([action]))] };

    public static Plan Together(IEnumerable<PlanAction> actions) => Nothing.And(actions);

    /// <summary>One more step after those there are. No actions, no step.</summary>
    public Plan And(IEnumerable<PlanAction> actions)
    {
        ImmutableArray<PlanAction> step = [.. actions];
        return step.IsEmpty ? this : this with { Steps = Steps.Add(new PlanStep(step)) };
    }

    public Plan And(PlanAction action) => this with { Steps = Steps.Add(new PlanStep([action])) };

    /// <summary>A step whose actions begin with one and double while all goes well: a thousand creations that would all be refused cost one refusal.</summary>
    public Plan AndSlowly(IEnumerable<PlanAction> actions)
    {
        ImmutableArray<PlanAction> step = [.. actions];
        return step.IsEmpty ? this : this with { Steps = Steps.Add(new PlanStep(step) { SlowStart = true }) };
    }

    /// <summary>The earlier of the two times.</summary>
    public Plan NotLaterThan(DateTimeOffset? time) =>
        time is null || RequeueAt <= time ? this : this with { RequeueAt = time };
}

public sealed record PlanStep(ImmutableArray<PlanAction> Actions)
{
    /// <summary>Run 1, then 2, then 4 … of the actions at a time; after a failure the rest is left out.</summary>
    public bool SlowStart { get; init; }
}

/// <summary>One thing to do.</summary>
public abstract record PlanAction
{
    /// <summary>An event to record about the result, a refusal included; null for none.</summary>
    public Func<ResourceResult, RecordEvent?>? Report { get; init; }

    /// <summary>What is done, for the fact's provenance.</summary>
    public string Act { get; init; } = "reconcile";
}

/// <param name="Type">What to create.</param>
/// <param name="Namespace">Where; empty for cluster-scoped kinds.</param>
/// <param name="Object">Builds the whole object; called once per attempt because the write path takes the tree over.</param>
public sealed record CreateObject(ResourceType Type, string Namespace, Func<JsonObject> Object) : PlanAction
{
    public static CreateObject Of(ResourceType type, string @namespace, JsonObject obj, string act) =>
        new(type, @namespace, () => obj.DeepClone().AsObject()) { Act = act };
}

/// <param name="Key">What to change.</param>
/// <param name="Uid">The object that was meant: one of the same name that came later is left alone.</param>
/// <param name="Change">Edits a fresh tree; see <see cref="IResourceClient"/>.</param>
public sealed record ChangeObject(ObjectKey Key, string Uid, Func<StoredObject, JsonObject, ChangeResult> Change) : PlanAction
{
    public string Subresource { get; init; } = "";

    /// <summary>Only if the object still is what the plan was made from; otherwise the reconciler is asked again.</summary>
    public Revision? Expected { get; init; }

    public static ChangeObject Of(StoredObject observed, Func<StoredObject, JsonObject, ChangeResult> change) =>
        new(observed.Key, observed.Uid, change) { Expected = observed.Revision };

    public static ChangeObject StatusOf(StoredObject observed, Func<StoredObject, JsonObject, ChangeResult> change) =>
        Of(observed, change) with { Subresource = "status", Act = "reconcile status" };

    /// <param name="observed">The object that is meant, whatever its revision.</param>
    /// <param name="act">For the fact's provenance.</param>
    /// <param name="change">Decides again on the object as it is when it is written; null for "nothing to do any more".</param>
    /// <param name="subresource">Empty for the object itself.</param>
    public static ChangeObject AsItIs(StoredObject observed, string act, Func<JsonObject, JsonObject?> change, string subresource = "") =>
        new(observed.Key, observed.Uid, (_, obj) => change(obj)) { Act = act, Subresource = subresource };
}

public sealed record DeleteObject(ObjectKey Key, DeleteRequest Request) : PlanAction
{
    public static DeleteObject Of(StoredObject observed, string? propagationPolicy = "Background") =>
        new(observed.Key, new DeleteRequest(PropagationPolicy: propagationPolicy) { PreconditionUid = observed.Uid });

    /// <summary>As the kind's own rules say, but only this very object.</summary>
    public static DeleteObject Of(StoredObject observed, string act, DeleteRequest request) =>
        new(observed.Key, request with { PreconditionUid = observed.Uid }) { Act = act };
}

/// <summary>Something that is done at another server and is no write of ours.</summary>
/// <param name="Call">Answers why it is not done, or null when it is; asked again it finds what there is then.</param>
public sealed record CallServer(Func<CancellationToken, Task<ApiStatus?>> Call) : PlanAction;

/// <summary>Tells the user; see <see cref="Events.IEventRecorder.Record"/>.</summary>
public sealed record RecordEvent(StoredObject About, bool Warning, string Reason, string Message) : PlanAction
{
    /// <summary>
    /// A name of which there is one event only. What comes after it in the plan is not done before the event is written, so that the next write may say that it is:
    /// news that must not be lost. Null for the usual event, which is told and forgotten.
    /// </summary>
    public string? Once { get; init; }

    public static RecordEvent Normal(StoredObject about, string reason, string message) => new(about, false, reason, message);

    public static RecordEvent Warn(StoredObject about, string reason, string message) => new(about, true, reason, message);
}

/// <param name="Failures">What was refused, in order; empty when all went well. A lost race is a failure with reason <c>Conflict</c>.</param>
public sealed record PlanOutcome(ImmutableArray<PlanFailure> Failures)
{
    public static readonly PlanOutcome Success = new([]);

    public bool Ok => Failures.IsEmpty;
}

public sealed record PlanFailure(PlanAction Action, ApiStatus Status)
{
    /// <summary>The world has moved on: look again, now.</summary>
    public bool IsConflict => Status.Reason == "Conflict";
}
