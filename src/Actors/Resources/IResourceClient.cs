using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Admission;
using ActorOrchestrator.Actors.Resources.Admission.Metrics;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources;

/// <summary>
/// The one way to change objects, for the HTTP API, the controllers, the scheduler and the node agents alike: defaulting,
/// validation, admission, generation and deletion rules, then a compare-and-set at the ledger.
/// </summary>
public interface IResourceClient
{
    /// <summary>What admission has counted on this host.</summary>
    AdmissionMetrics AdmissionMetrics { get; }

    /// <summary>Creates from a full object (apiVersion, kind, metadata …). The tree is taken over by the call.</summary>
    Task<ResourceResult> CreateAsync(ResourceType type, string @namespace, JsonObject obj, WriteOptions options, CancellationToken cancellation = default);

    /// <summary>
    /// Reads, changes and writes with compare-and-set; a lost race calls <paramref name="change"/> again on the newer object.
    /// The change gets a fresh tree it may edit and returns it, or null for "nothing to do" (the result is then the object as it is).
    /// With <see cref="WriteOptions.Subresource"/> <c>status</c> only the status is taken from what it returns; without, everything but the status
    /// (as upstream's strategies do).
    /// </summary>
    Task<ResourceResult> UpdateAsync(ObjectKey key, Func<StoredObject, JsonObject, ChangeResult> change, WriteOptions options, CancellationToken cancellation = default);

    /// <summary>The same for a change that compares with what is stored: it gets what the tree was parsed from as well, where that is at hand.</summary>
    Task<ResourceResult> UpdateAsync(ObjectKey key, Func<StoredObject, JsonElement?, JsonObject, ChangeResult> change, WriteOptions options, CancellationToken cancellation = default) =>
        UpdateAsync(key, (current, tree) => change(current, null, tree), options, cancellation);

    /// <summary>Deletes by upstream's rules: preconditions, finalizers, a pod's grace period (deletionTimestamp first, gone when the node agent confirms with grace 0).</summary>
    Task<ResourceResult> DeleteAsync(ObjectKey key, DeleteRequest request, WriteOptions options, CancellationToken cancellation = default);

    /// <summary>Asks admission whether somebody may connect to an object, which need not exist.</summary>
    /// <param name="key">The object.</param>
    /// <param name="kind">Of the options: <c>PodExecOptions</c>.</param>
    /// <param name="connection">The options, which admission may change.</param>
    /// <param name="options">By whom and through which subresource.</param>
    /// <param name="cancellation">The caller's own request has ended.</param>
    /// <returns>A refusal, or null.</returns>
    Task<ApiStatus?> ConnectAsync(ObjectKey key, string kind, JsonObject connection, WriteOptions options, CancellationToken cancellation = default);
}

/// <summary>What a change function answers.</summary>
public readonly record struct ChangeResult(JsonObject? Object, ApiStatus? Refusal)
{
    public static ChangeResult Nothing => default;
    public static implicit operator ChangeResult(JsonObject? obj) => new(obj, null);
    public static implicit operator ChangeResult(ApiStatus refusal) => new(null, refusal);
}

/// <param name="User">The author, whose name is recorded.</param>
/// <param name="Act">What is being done, in few words (see Provenance).</param>
public sealed record WriteOptions(UserInfo User, string Act)
{
    /// <summary>For a part of this program.</summary>
    public WriteOptions(string component, string act)
        : this(UserInfo.Component(component), act)
    {
        FieldManager = component switch
        {
            _ when component.StartsWith("system:node:", StringComparison.Ordinal) => "kubelet",
            "system:kube-scheduler" => "kube-scheduler",
            _ => "kube-controller-manager",
        };
    }

    /// <summary>The revision that made the author act.</summary>
    public Revision Cause { get; init; } = Revision.None;

    /// <summary>Empty, <c>status</c>, <c>scale</c>, <c>binding</c> …</summary>
    public string Subresource { get; init; } = "";

    /// <summary>
    /// The name under which the written fields are kept in <c>metadata.managedFields</c>: what the client says or its user agent; for parts of this program
    /// the name that upstream's have.
    /// </summary>
    public string FieldManager { get; init; } = "";

    /// <summary>The object that is handed in has its final <c>managedFields</c> already, because it was applied or changed through another kind.</summary>
    public bool OwnershipSettled { get; init; }

    /// <summary>A server-side apply: what it owns is kept whatever it costs.</summary>
    public bool Applies { get; init; }

    /// <summary>The API version in which the author speaks; null for the stored form. Where the two differ, objects are converted on their way in and out.</summary>
    public ResourceDescriptor? View { get; init; }

    /// <summary>Everything but the commit happens; the result is what would have been stored.</summary>
    public bool DryRun { get; init; }

    /// <summary>For a client's own compare-and-set: refuse with 409 unless the object is at this revision.</summary>
    public Revision? Expected { get; init; }

    /// <summary>Refuse with 409 unless the object has this uid.</summary>
    public string? ExpectedUid { get; init; }

    /// <summary>What to do about fields that the kind does not have; null drops them silently.</summary>
    public FieldAudit? Fields { get; init; }

    /// <summary>Where admission's warnings and audit annotations go; null drops them.</summary>
    public IAdmissionObserver? Observer { get; init; }

    /// <summary>How many times a lost race is tried again before it is a 409.</summary>
    public int Retries { get; init; } = 8;
}

/// <summary>What was found in a request that the kind does not know, for <c>fieldValidation=Warn|Strict</c>.</summary>
/// <param name="strict">Refuse with 400 instead of warning.</param>
public sealed class FieldAudit(bool strict)
{
    public bool Strict { get; } = strict;

    /// <summary><c>unknown field "spec.foo"</c>, <c>duplicate field "spec.foo"</c>.</summary>
    public List<string> Findings { get; } = [];
}

/// <param name="GracePeriodSeconds">Null: the object's own (a pod's terminationGracePeriodSeconds, otherwise 0).</param>
/// <param name="PropagationPolicy"><c>Background</c>, <c>Foreground</c>, <c>Orphan</c>; null: the kind's default.</param>
public sealed record DeleteRequest(long? GracePeriodSeconds = null, string? PropagationPolicy = null)
{
    public string? PreconditionUid { get; init; }
    public Revision? PreconditionRevision { get; init; }

    /// <summary>Also when nobody serves the object's kind any more: it then goes at once, without its kind's rules, which are gone too.</summary>
    public bool EvenUnserved { get; init; }
}

/// <summary>Either an object or a failure in the API's words.</summary>
/// <param name="Object">As stored (or as it would be, in a dry run); for a completed deletion its last state.</param>
/// <param name="Failure">Null when all went well.</param>
public sealed record ResourceResult(StoredObject? Object, ApiStatus? Failure)
{
    public bool Ok => Failure is null;

    /// <summary>For a deletion: the object is gone, not merely marked.</summary>
    public bool Gone { get; init; }

    public static ResourceResult Done(StoredObject obj) => new(obj, null);
    public static ResourceResult Failed(ApiStatus failure) => new(null, failure);
}
