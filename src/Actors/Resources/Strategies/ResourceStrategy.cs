using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Strategies;

/// <summary>
/// What one kind does differently from every other when it is written, upstream's registry strategies. The base is the
/// rule for a kind without peculiarities. Strategies are stateless and change only the object they are handed.
/// </summary>
public class ResourceStrategy
{
    /// <summary>For kinds that have no rules of their own.</summary>
    public static readonly ResourceStrategy Default = new();

    /// <summary>The answer to a completed deletion is the object rather than a Status.</summary>
    public virtual bool ReturnsDeletedObject => false;

    /// <summary>What becomes of dependents when a deletion does not say; null is the garbage collector's own default.</summary>
    public virtual string? DefaultPropagation => null;

    /// <summary>Sets what the server decides in a new object, after defaulting and before validation.</summary>
    public virtual void PrepareForCreate(JsonObject obj, ResourceDescriptor descriptor, DateTimeOffset now)
    {
        if (descriptor.HasStatus)
        {
            obj.Remove("status");
        }
    }

    /// <summary>Puts back what this endpoint may not change. <paramref name="old"/> is a copy that may be taken apart.</summary>
    public virtual void PrepareForUpdate(JsonObject obj, JsonObject old, ResourceDescriptor descriptor, string subresource)
    {
        if (subresource == "status")
        {
            TakeStatusOnly(obj, old);
        }
        else if (descriptor.HasStatus)
        {
            obj.CopyFrom(old, "status");
        }
    }

    /// <summary>Rules for one object beyond the schema's.</summary>
    public virtual void Validate(JsonObject obj, FieldErrors errors)
    {
    }

    /// <summary>Rules for a new object alone, beside <see cref="Validate"/>.</summary>
    public virtual void ValidateCreate(JsonObject obj, FieldErrors errors)
    {
    }

    /// <summary>Rules between an object and its successor.</summary>
    public virtual void ValidateUpdate(JsonObject obj, JsonObject old, string subresource, FieldErrors errors)
    {
    }

    /// <summary>What the author should know although nothing is wrong with it.</summary>
    public virtual IEnumerable<string> Warnings(JsonObject obj, JsonObject? old, string subresource) => [];

    /// <summary>Fills in cluster-wide unique values, such as addresses, from what is free in the snapshot. Called again, after
    /// <see cref="GiveUp"/>, when another writer was faster.</summary>
    /// <param name="obj">The object to be written.</param>
    /// <param name="old">Its predecessor, null on creation.</param>
    /// <param name="snapshot">What is taken.</param>
    /// <param name="lost">Claims that are known to be taken although the snapshot may not show it yet.</param>
    /// <param name="errors">Where a value that cannot be had is reported.</param>
    public virtual void Allocate(JsonObject obj, JsonObject? old, ClusterSnapshot snapshot, IReadOnlySet<string> lost, FieldErrors errors)
    {
    }

    /// <summary>Takes back an automatic allocation of a claim.</summary>
    public virtual void GiveUp(JsonObject obj, string claim)
    {
    }

    /// <summary>What is said when a claim that the user asked for is taken.</summary>
    public virtual void ExplainTaken(JsonObject obj, string claim, FieldErrors errors) =>
        errors.Invalid("", claim, "is already in use");

    /// <summary>The names that this object alone may hold in the cluster.</summary>
    public virtual ImmutableArray<string> Claims(JsonObject obj) => [];

    /// <summary>The grace that a deletion grants, in seconds; 0 removes at once.</summary>
    public virtual long GracePeriod(JsonObject obj, DeleteRequest request) => 0;

    /// <summary>Whether something beside <c>metadata.finalizers</c> holds a deleted object back.</summary>
    public virtual bool IsHeld(JsonObject obj) => false;

    /// <summary>Before it is decided how the object leaves: may add what holds it back.</summary>
    public virtual void OnDeletionRequested(JsonObject obj)
    {
    }

    /// <summary>Marks the kind's own status when deletion begins.</summary>
    public virtual void OnDeletionMarked(JsonObject obj)
    {
    }

    /// <summary>
    /// Everything but the status becomes what it was. A user's part of the metadata is written with the status, as upstream has it for most kinds,
    /// but for the fields that are <paramref name="kept"/>.
    /// </summary>
    protected static void TakeStatusOnly(JsonObject obj, JsonObject old, params ReadOnlySpan<string> kept)
    {
        var metadata = obj.Ensure("metadata");
        var before = old.Object("metadata");
        foreach (var field in kept)
        {
            metadata.CopyFrom(before, field);
        }

        foreach (var name in obj.Select(property => property.Key).Concat(old.Select(property => property.Key)).Distinct().ToArray())
        {
            if (name is not ("metadata" or "status"))
            {
                obj.CopyFrom(old, name);
            }
        }
    }

    /// <summary>What of the metadata users write, for the kinds whose status endpoint leaves all of it alone.</summary>
    protected static readonly string[] OfUsers = ["labels", "annotations", "finalizers", "ownerReferences"];

    /// <summary>Refuses a change of a field that is fixed for life.</summary>
    protected static void Immutable(JsonObject obj, JsonObject old, string parent, string field, FieldErrors errors)
    {
        var mine = obj.Object(parent)?[field];
        if (!JsonNode.DeepEquals(mine, old.Object(parent)?[field]))
        {
            errors.InvalidValue($"{parent}.{field}", mine?.ToJsonString() ?? "null", "field is immutable");
        }
    }
}
