using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources.Admission;
using ActorOrchestrator.Actors.Resources.Admission.Metrics;
using ActorOrchestrator.Actors.Resources.CustomResources;
using ActorOrchestrator.Actors.Resources.Quotas;
using ActorOrchestrator.Actors.Resources.Strategies;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources;

/// <summary>
/// The write path: decode, default, admit, prepare, validate, allocate, compare-and-set. Everything but the last runs on the caller's
/// thread against an immutable snapshot; a lost race runs it again on the newer object.
/// </summary>
public sealed class ResourceStore : IResourceClient
{
    private const int AllocationAttempts = 16;
    private const int NameAttempts = 8;
    private const int QuotaAttempts = 64;
    private static readonly TimeSpan CatchUp = TimeSpan.FromSeconds(5);

    private readonly ILedger _ledger;
    private readonly IClusterReader _reader;
    private readonly ICatalogSource _catalog;
    private readonly StrategyCatalog _strategies;
    private readonly AdmissionChain _admission;
    private readonly TimeProvider _time;
    private readonly QuotaTurns _quotaTurns = new();

    public ResourceStore(
        ILedger ledger, IClusterReader reader, ICatalogSource catalog, StrategyCatalog strategies, AdmissionChain admission, TimeProvider time)
    {
        _ledger = ledger;
        _reader = reader;
        _catalog = catalog;
        _strategies = strategies;
        _admission = admission;
        _time = time;
    }

    /// <summary>The largest object that is kept, bytes of its JSON: what etcd takes of a request by default.</summary>
    public int MaxObjectBytes { get; init; } = 1536 * 1024;

    /// <summary>With the built-in strategies and admission.</summary>
    public ResourceStore(ILedger ledger, IClusterReader reader, ICatalogSource catalog, TimeProvider time)
        : this(ledger, reader, catalog, StrategyCatalog.BuiltIn(ServiceRanges.Default), AdmissionChain.BuiltIn(catalog), time)
    {
    }

    public AdmissionMetrics AdmissionMetrics => _admission.Metrics;

    public async Task<ResourceResult> CreateAsync(
        ResourceType type, string @namespace, JsonObject obj, WriteOptions options, CancellationToken cancellation = default)
    {
        if (_catalog.Current.Find(type) is not { } descriptor)
        {
            return ResourceResult.Failed(ApiStatus.NotFound(new ObjectKey(type, @namespace, "")));
        }

        if (descriptor.Virtual)
        {
            return ResourceResult.Failed(new ApiStatus(405, "MethodNotAllowed", $"{type} are answered and never stored"));
        }

        var form = CustomForm.Of(options, descriptor);
        if (VersionedView.Of(_catalog.Current, options) is { } view)
        {
            var converted = await ConvertAsync(view, new ObjectKey(type, @namespace, ""), obj, null, options, cancellation).ConfigureAwait(false);
            if (converted.Refusal is { } refusal)
            {
                return ResourceResult.Failed(refusal);
            }

            (obj, options) = (converted.Object!, options with { Fields = null, OwnershipSettled = true });
        }

        descriptor = form?.Descriptor ?? descriptor;
        var writer = new ObjectWriter(_catalog.Current, descriptor, _strategies.Of(descriptor), _admission);
        if (writer.Decode(obj, @namespace, options.Fields) is { } malformed)
        {
            return ResourceResult.Failed(malformed);
        }

        var generated = obj.Object("metadata").Text("name").Length == 0 && obj.Object("metadata").Text("generateName").Length > 0;
        for (var attempt = 1; ; attempt++)
        {
            var tree = obj;
            if (!generated)
            {
                // There is no second attempt that would need it.
                obj = null!;
            }
            else
            {
                tree = (JsonObject)obj.DeepClone();
                tree.Ensure("metadata")["name"] = NameGenerator.Generate(tree.Object("metadata").Text("generateName"));
            }

            var result = await CreateOnceAsync(writer, form, tree, @namespace, options, cancellation).ConfigureAwait(false);
            var taken = result.Failure?.Reason == "AlreadyExists";
            if (!taken || !generated)
            {
                return result;
            }

            if (attempt == NameAttempts)
            {
                return ResourceResult.Failed(result.Failure! with
                {
                    Message = $"{result.Failure!.Message}, the server was not able to generate a unique name for the object",
                    RetryAfterSeconds = 1,
                });
            }
        }
    }

    public Task<ResourceResult> UpdateAsync(
        ObjectKey key, Func<StoredObject, JsonObject, ChangeResult> change, WriteOptions options, CancellationToken cancellation = default) =>
        UpdateAsync(key, (current, _, tree) => change(current, tree), options, cancellation);

    public async Task<ResourceResult> UpdateAsync(
        ObjectKey key, Func<StoredObject, JsonElement?, JsonObject, ChangeResult> change, WriteOptions options, CancellationToken cancellation = default)
    {
        if (_catalog.Current.Find(key.Type) is not { } descriptor)
        {
            return ResourceResult.Failed(ApiStatus.NotFound(key));
        }

        var form = CustomForm.Of(options, descriptor);
        descriptor = form?.Descriptor ?? descriptor;
        var writer = new ObjectWriter(_catalog.Current, descriptor, _strategies.Of(descriptor), _admission);
        var view = VersionedView.Of(_catalog.Current, options);
        if (options.Expected is { } expected && _reader.Current.Revision < expected)
        {
            await CatchUpAsync(expected, cancellation).ConfigureAwait(false);
        }

        for (var attempt = 0; ; attempt++)
        {
            var snapshot = _reader.Current;
            if (snapshot.Find(key) is not { } current)
            {
                return ResourceResult.Failed(ApiStatus.NotFound(key));
            }

            if (Preconditions.Check(current, options.ExpectedUid, options.Expected) is { } refused)
            {
                return ResourceResult.Failed(refused);
            }

            JsonElement? stored = form is null && view is null ? current.ToElement() : null;
            var (answer, seen) = stored is { } element
                ? (change(current, element, JsonObject.Create(element)!), JsonObject.Create(element))
                : await ChangeAsync(current, change, options, view, form, cancellation).ConfigureAwait(false);
            if (answer.Refusal is not null)
            {
                return ResourceResult.Failed(answer.Refusal);
            }

            if (answer.Object is not { } updated)
            {
                return ResourceResult.Done(current);
            }

            var (result, raced) = await ReplaceOnceAsync(
                writer, form, current, seen, stored, updated, view is null ? options : options with { Fields = null, OwnershipSettled = true }, snapshot, cancellation).ConfigureAwait(false);
            if (!raced || attempt >= options.Retries)
            {
                return result;
            }
        }
    }

    public async Task<ResourceResult> DeleteAsync(
        ObjectKey key, DeleteRequest request, WriteOptions options, CancellationToken cancellation = default)
    {
        if (_catalog.Current.Find(key.Type) is not { } descriptor)
        {
            return request.EvenUnserved ? await RemoveUnservedAsync(key, request, options, cancellation).ConfigureAwait(false) : ResourceResult.Failed(ApiStatus.NotFound(key));
        }

        var strategy = _strategies.Of(descriptor);
        for (var attempt = 0; ; attempt++)
        {
            var snapshot = _reader.Current;
            if (snapshot.Find(key) is not { } current)
            {
                return ResourceResult.Failed(ApiStatus.NotFound(key));
            }

            var tree = current.ToJson();
            ApiStatus? refused;
            try
            {
                // What its author cannot see in his version he cannot delete through it.
                var seen = options.View is not null && CustomForm.Of(options, descriptor) is { Differs: true } form ? await form.ReadAsync(current, cancellation).ConfigureAwait(false) : tree;
                refused = Preconditions.CheckDeletion(current, descriptor.Kind, request.PreconditionUid ?? options.ExpectedUid, request.PreconditionRevision ?? options.Expected)
                    ?? await _admission.ReviewAsync(
                        new AdmissionRequest(AdmissionOperation.Delete, options.View is { Custom: not null } view ? view : descriptor, key, seen, seen, options, snapshot), cancellation).ConfigureAwait(false);
            }
            catch (VersionConversionException failed)
            {
                refused = failed.Status;
            }

            if (refused is not null)
            {
                return ResourceResult.Failed(refused);
            }

            var step = Deletion.Next(tree, strategy, request, _time.GetUtcNow());
            if (step == DeletionStep.AlreadyUnderWay)
            {
                return ResourceResult.Done(current);
            }

            var write = step == DeletionStep.Remove
                ? (LedgerCommands.Write)new LedgerCommands.Remove(key, current.Revision, null)
                : new LedgerCommands.Replace(key, ObjectBody.From(tree), current.Revision, current.Claims);
            if (options.DryRun)
            {
                return new ResourceResult(step == DeletionStep.Remove ? current : Unsaved(current, tree), null) { Gone = step == DeletionStep.Remove };
            }

            var (outcome, overdrawn) = await CommitAsync(write, tree, step == DeletionStep.Remove ? null : tree, options, cancellation).ConfigureAwait(false);
            switch (outcome?.Outcome)
            {
                case null:
                    return ResourceResult.Failed(overdrawn!);
                case WriteOutcome.Committed:
                    return new ResourceResult(outcome.Object, null) { Gone = step == DeletionStep.Remove };
                case WriteOutcome.NotFound:
                    return ResourceResult.Failed(ApiStatus.NotFound(key));
                case var _ when attempt >= options.Retries:
                    return ResourceResult.Failed(ApiStatus.StaleRevision(key));
                default:
                    await CatchUpAsync(outcome!.Object?.Revision, cancellation).ConfigureAwait(false);
                    break;
            }
        }
    }

    public async Task<ApiStatus?> ConnectAsync(ObjectKey key, string kind, JsonObject connection, WriteOptions options, CancellationToken cancellation = default)
    {
        if (_catalog.Current.Find(key.Type) is not { } descriptor)
        {
            return ApiStatus.NotFound(key);
        }

        var review = new AdmissionRequest(AdmissionOperation.Connect, descriptor, key, connection, null, options, _reader.Current) { OptionsKind = kind };
        return await _admission.ReviewAsync(review, cancellation).ConfigureAwait(false);
    }

    private async Task<ResourceResult> RemoveUnservedAsync(ObjectKey key, DeleteRequest request, WriteOptions options, CancellationToken cancellation)
    {
        if (_reader.Current.Find(key) is not { } current)
        {
            return ResourceResult.Failed(ApiStatus.NotFound(key));
        }

        if (Preconditions.Check(current, request.PreconditionUid, request.PreconditionRevision) is { } refused)
        {
            return ResourceResult.Failed(refused);
        }

        var (outcome, overdrawn) = await CommitAsync(new LedgerCommands.Remove(key, current.Revision, null), current.ToJson(), null, options, cancellation).ConfigureAwait(false);
        return outcome switch
        {
            null => ResourceResult.Failed(overdrawn!),
            { IsCommitted: true } => new ResourceResult(outcome.Object, null) { Gone = true },
            { Outcome: WriteOutcome.NotFound } => ResourceResult.Failed(ApiStatus.NotFound(key)),
            _ => ResourceResult.Failed(ApiStatus.StaleRevision(key)),
        };
    }

    /// <summary>What the author makes of an object: of a custom one in his own version, of others in the stored form again; and what a custom one was before, in his version.</summary>
    private async ValueTask<(ChangeResult Answer, JsonObject? Seen)> ChangeAsync(
        StoredObject current, Func<StoredObject, JsonElement?, JsonObject, ChangeResult> change, WriteOptions options, VersionedView? versioned, CustomForm? custom, CancellationToken cancellation)
    {
        try
        {
            if (custom is { } form)
            {
                var seen = await form.ReadAsync(current, cancellation).ConfigureAwait(false);
                return (change(current, null, (JsonObject)seen.DeepClone()), seen);
            }

            var view = versioned!.Value;
            var old = await view.FromStorageAsync(current.ToJson(), cancellation).ConfigureAwait(false);
            var answer = change(current, null, (JsonObject)old.DeepClone());
            return answer.Object is { } changed
                ? (await view.ToStorageAsync(current.Key, changed, old, options, _time.GetUtcNow(), cancellation).ConfigureAwait(false), null)
                : (answer, null);
        }
        catch (VersionConversionException failed)
        {
            return (failed.Status, null);
        }
    }

    private async ValueTask<ChangeResult> ConvertAsync(
        VersionedView view, ObjectKey key, JsonObject obj, JsonObject? old, WriteOptions options, CancellationToken cancellation)
    {
        try
        {
            return await view.ToStorageAsync(key, obj, old, options, _time.GetUtcNow(), cancellation).ConfigureAwait(false);
        }
        catch (VersionConversionException failed)
        {
            return failed.Status;
        }
    }

    private async Task<ResourceResult> CreateOnceAsync(
        ObjectWriter writer, CustomForm? form, JsonObject tree, string @namespace, WriteOptions options, CancellationToken cancellation)
    {
        var snapshot = _reader.Current;
        if (await writer.PrepareCreateAsync(tree, @namespace, options, snapshot, _time.GetUtcNow(), cancellation).ConfigureAwait(false) is { } refused)
        {
            return ResourceResult.Failed(refused);
        }

        if (form is { Differs: true } custom)
        {
            try
            {
                tree = await custom.StoreAsync(tree, cancellation).ConfigureAwait(false);
            }
            catch (VersionConversionException failed)
            {
                return ResourceResult.Failed(failed.Status);
            }
        }

        var key = writer.KeyOf(tree, @namespace);
        var uid = tree.Object("metadata").Text("uid");
        var allocation = new Allocation(writer.Strategy, tree, null);
        for (var attempt = 1; ; attempt++)
        {
            if (allocation.TryOn(_reader.Current) is { } impossible)
            {
                return ResourceResult.Failed(writer.Invalid(key, impossible));
            }

            if (options.DryRun)
            {
                if (QuotaAccounts.Apply(snapshot, key) && QuotaAccounts.Charge(snapshot, key, null, tree).Refusal is { } overdraft)
                {
                    return ResourceResult.Failed(overdraft);
                }

                return snapshot.Find(key) is null
                    ? ResourceResult.Done(Unsaved(key, uid, tree))
                    : ResourceResult.Failed(ApiStatus.AlreadyExists(key));
            }

            var body = Body(tree, options);
            if (body.Utf8.Length > MaxObjectBytes)
            {
                return ResourceResult.Failed(TooLarge());
            }

            var write = new LedgerCommands.Create(key, uid, body, allocation.Claims);
            var commit = CommitAsync(write, null, tree, options, cancellation);
            if (write.Claims.IsEmpty)
            {
                // Nothing can be taken by somebody else, and nothing is chosen again: thousands of trees would wait for the disk and go through collections.
                (tree, allocation) = (null!, null!);
            }

            var (outcome, overdrawn) = await commit.ConfigureAwait(false);
            switch (outcome?.Outcome)
            {
                case null:
                    return ResourceResult.Failed(overdrawn!);
                case WriteOutcome.Committed:
                    return ResourceResult.Done(outcome.Object!);
                case WriteOutcome.ClaimTaken when allocation.GaveUp(outcome!.Claim!) && attempt < AllocationAttempts:
                    continue;
                case WriteOutcome.ClaimTaken:
                    return ResourceResult.Failed(writer.Invalid(key, allocation.Explain(outcome!.Claim!)));
                default:
                    return ResourceResult.Failed(ApiStatus.AlreadyExists(key));
            }
        }
    }

    private async Task<(ResourceResult Result, bool Raced)> ReplaceOnceAsync(
        ObjectWriter writer, CustomForm? form, StoredObject current, JsonObject? seen, JsonElement? stored, JsonObject updated, WriteOptions options, ClusterSnapshot snapshot, CancellationToken cancellation)
    {
        var key = current.Key;
        var old = seen ?? current.ToJson();
        if (await writer.PrepareUpdateAsync(updated, old, stored, current, options, snapshot, _time.GetUtcNow(), cancellation).ConfigureAwait(false) is { } refused)
        {
            return (ResourceResult.Failed(refused), false);
        }

        if (form is { Differs: true } custom)
        {
            try
            {
                writer.KeepTimes(updated, old);
                (updated, old) = (await custom.StoreAsync(updated, cancellation).ConfigureAwait(false), current.ToJson());
            }
            catch (VersionConversionException failed)
            {
                return (ResourceResult.Failed(failed.Status), false);
            }
        }

        var allocation = new Allocation(writer.Strategy, updated, old);
        for (var attempt = 1; ; attempt++)
        {
            if (allocation.TryOn(_reader.Current) is { } impossible)
            {
                return (ResourceResult.Failed(writer.Invalid(key, impossible)), false);
            }

            if (writer.IsUnchanged(updated, old, stored, options))
            {
                return (ResourceResult.Done(current), false);
            }

            var completes = Deletion.IsComplete(updated, writer.Strategy);
            var body = Body(updated, options);
            if (body.Utf8.Length > MaxObjectBytes)
            {
                return (ResourceResult.Failed(TooLarge()), false);
            }

            if (options.DryRun)
            {
                return (ResourceResult.Done(Unsaved(current, updated)), false);
            }

            var write = completes
                ? (LedgerCommands.Write)new LedgerCommands.Remove(key, current.Revision, body)
                : new LedgerCommands.Replace(key, body, current.Revision, allocation.Claims);
            var commit = CommitAsync(write, old, completes ? null : updated, options, cancellation);
            if (completes || write is LedgerCommands.Replace { Claims.IsEmpty: true })
            {
                // As for a creation.
                (updated, old, seen, stored, allocation) = (null!, null!, null, null, null!);
            }

            var (outcome, overdrawn) = await commit.ConfigureAwait(false);
            switch (outcome?.Outcome)
            {
                case null:
                    return (ResourceResult.Failed(overdrawn!), false);
                case WriteOutcome.Committed:
                    return (new ResourceResult(outcome.Object, null) { Gone = completes }, false);
                case WriteOutcome.NotFound:
                    return (ResourceResult.Failed(ApiStatus.NotFound(key)), false);
                case WriteOutcome.ClaimTaken when allocation.GaveUp(outcome!.Claim!) && attempt < AllocationAttempts:
                    continue;
                case WriteOutcome.ClaimTaken:
                    return (ResourceResult.Failed(writer.Invalid(key, allocation.Explain(outcome!.Claim!))), false);
                default:
                    await CatchUpAsync(outcome!.Object?.Revision, cancellation).ConfigureAwait(false);
                    return (ResourceResult.Failed(ApiStatus.StaleRevision(key)), options.Expected is null);
            }
        }
    }

    private Task<(WriteResult? Outcome, ApiStatus? Refusal)> CommitAsync(
        LedgerCommands.Write write, JsonObject? before, JsonObject? after, WriteOptions options, CancellationToken cancellation)
    {
        var provenance = new Provenance(options.User.Name, _time.GetUtcNow(), options.Act, options.Cause);
        return QuotaAccounts.Apply(_reader.Current, write.Key)
            ? CommitWithQuotasAsync(write, before, after, provenance, cancellation)
            : CommitAloneAsync(write, provenance, cancellation);
    }

    private async Task<(WriteResult? Outcome, ApiStatus? Refusal)> CommitAloneAsync(LedgerCommands.Write write, Provenance provenance, CancellationToken cancellation)
    {
        var committed = await _ledger.CommitAsync(new LedgerCommands.Commit([write], provenance), cancellation).ConfigureAwait(false);
        return (committed.Results[0], null);
    }

    /// <summary>The object and the accounts of the quotas that count it are one commit; when only an account has moved on it is charged again.</summary>
    private async Task<(WriteResult? Outcome, ApiStatus? Refusal)> CommitWithQuotasAsync(
        LedgerCommands.Write write, JsonObject? before, JsonObject? after, Provenance provenance, CancellationToken cancellation)
    {
        using var turn = await _quotaTurns.TakeAsync(write.Key.Namespace, cancellation).ConfigureAwait(false);
        for (var attempt = 1; ; attempt++)
        {
            var charge = QuotaAccounts.Charge(_reader.Current, write.Key, before, after);
            if (charge.Refusal is not null)
            {
                return (null, charge.Refusal);
            }

            var commit = new LedgerCommands.Commit([write, .. charge.Entries], provenance) { Together = true };
            var results = (await _ledger.CommitAsync(commit, cancellation).ConfigureAwait(false)).Results;
            if (results[0].Outcome != WriteOutcome.Withdrawn)
            {
                return (results[0], null);
            }

            if (attempt == QuotaAttempts)
            {
                return (null, ApiStatus.Conflict(write.Key, "the quotas of the namespace are changing too fast; please try again"));
            }

            foreach (var result in results)
            {
                await CatchUpAsync(result.Object?.Revision, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>On a replica the refusal may be about a state that has not arrived yet; deciding again on the old one would lose again.</summary>
    private async Task CatchUpAsync(Revision? revision, CancellationToken cancellation)
    {
        if (revision is not { } wanted || _reader.Current.Revision >= wanted)
        {
            return;
        }

        using var patience = new CancellationTokenSource(CatchUp, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            await _reader.AtLeastAsync(wanted, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new LedgerUnavailableException($"this host has not caught up with revision {wanted} within {CatchUp.TotalSeconds:0} s");
        }
    }

    /// <summary>Who owns which field is given up before an object is refused for its size; an apply, which is about nothing else, is refused.</summary>
    private ObjectBody Body(JsonObject tree, WriteOptions options)
    {
        var body = ObjectBody.From(tree);
        return body.Utf8.Length > MaxObjectBytes && !options.Applies && tree.Object("metadata")?.Remove("managedFields") == true ? ObjectBody.From(tree) : body;
    }

    private ApiStatus TooLarge() => new(413, "RequestEntityTooLarge", $"Request entity too large: limit is {MaxObjectBytes}");

    private static StoredObject Unsaved(StoredObject current, JsonObject tree) =>
        new(current.Key, current.Uid, current.Revision, ObjectBody.From(tree).At(current.Revision), current.Claims);

    /// <summary>The answer to a dry-run creation: no revision, because it has none.</summary>
    private static StoredObject Unsaved(ObjectKey key, string uid, JsonObject tree)
    {
        tree.Object("metadata")?.Remove("resourceVersion");
        return new StoredObject(key, uid, Revision.None, JsonSerializer.SerializeToUtf8Bytes(tree, ObjectWriter.Relaxed), []);
    }
}
