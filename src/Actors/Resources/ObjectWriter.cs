using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources.Admission;
using ActorOrchestrator.Actors.Resources.CustomResources;
using ActorOrchestrator.Actors.Resources.Apply;
using ActorOrchestrator.Actors.Resources.Strategies;
using ActorOrchestrator.Contracts.Defaults;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Validation;

namespace ActorOrchestrator.Actors.Resources;

/// <summary>The steps of the write path on one object of one kind. Each step changes the tree and answers a refusal, or null to go on.</summary>
internal readonly struct ObjectWriter(ResourceCatalog catalog, ResourceDescriptor descriptor, ResourceStrategy strategy, AdmissionChain admission)
{
    internal static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public ResourceStrategy Strategy => strategy;
    public ResourceDescriptor Descriptor => descriptor;

    public ObjectKey KeyOf(JsonObject obj, string @namespace) =>
        new(descriptor.Type, descriptor.Namespaced ? @namespace : "", obj.Object("metadata").Text("name"));

    public ApiStatus Invalid(ObjectKey key, ImmutableArray<StatusCause> causes) => ApiStatus.Invalid(key, descriptor.Kind, causes);

    /// <summary>Brings a request's object into the kind's shape: unknown fields go, wrong types are refused, the namespace is the URL's.</summary>
    public ApiStatus? Decode(JsonObject obj, string @namespace, FieldAudit? audit)
    {
        if (DecodeFields(obj, audit) is { } malformed)
        {
            return malformed;
        }

        obj["apiVersion"] = descriptor.ApiVersion;
        obj["kind"] = descriptor.Kind;
        var metadata = obj.Ensure("metadata");
        var given = metadata.Text("namespace");
        if (!descriptor.Namespaced)
        {
            // Taken away without a word (apiserver's EnsureObjectNamespaceMatchesRequestNamespace).
            metadata.Remove("namespace");
        }
        else if (given.Length > 0 && given != @namespace)
        {
            return ApiStatus.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        if (descriptor.Namespaced)
        {
            metadata["namespace"] = @namespace;
        }

        return metadata.Text("resourceVersion") is "" or "0" ? null : ApiStatus.BadRequest("resourceVersion should not be set on objects to be created");
    }

    /// <summary>Everything between a decoded new object with its name and the ledger.</summary>
    public async ValueTask<ApiStatus?> PrepareCreateAsync(
        JsonObject obj, string @namespace, WriteOptions options, ClusterSnapshot snapshot, DateTimeOffset now, CancellationToken cancellation)
    {
        if (descriptor.Custom is { Definition.IsTerminating: true })
        {
            return ApiStatus.Forbidden(KeyOf(obj, @namespace), "create not allowed while custom resource definition is terminating");
        }

        var metadata = obj.Ensure("metadata");
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = JsonNodes.Time(now);
        foreach (var serverSet in (string[])["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "generation"])
        {
            metadata.Remove(serverSet);
        }

        if (descriptor.HasGeneration)
        {
            metadata["generation"] = 1;
        }

        ObjectDefaults.Apply(descriptor, obj);
        if (!options.OwnershipSettled)
        {
            FieldManager.For(catalog, descriptor, options, now).Create(obj);
        }

        var key = KeyOf(obj, @namespace);
        var request = new AdmissionRequest(AdmissionOperation.Create, descriptor, key, obj, null, options, snapshot);
        var (uid, created) = (metadata["uid"], metadata["creationTimestamp"]);
        if (await admission.MutateAsync(request, cancellation).ConfigureAwait(false) is { } refused)
        {
            return refused;
        }

        if (SettleCreated(obj, @namespace, uid, created) is { } strayed)
        {
            return strayed;
        }

        strategy.PrepareForCreate(obj, descriptor, now);
        var errors = new FieldErrors();
        Judge(obj, null, options, errors);
        strategy.Validate(obj, errors);
        strategy.ValidateCreate(obj, errors);
        if (errors.Any)
        {
            return Invalid(key, errors.Causes);
        }

        Warn(obj, null, options);
        return await admission.ValidateAsync(request, cancellation).ConfigureAwait(false);
    }

    /// <summary>Everything between what a change function made of an object and the ledger.</summary>
    /// <param name="obj">What it made.</param>
    /// <param name="old">What it was made of.</param>
    /// <param name="stored">What the old object's tree is a tree of, unless it was converted: comparing with it needs no tree.</param>
    /// <param name="current">The stored object.</param>
    /// <param name="options">Of the write.</param>
    /// <param name="snapshot">The state that is decided on.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellation">The request has ended.</param>
    public async ValueTask<ApiStatus?> PrepareUpdateAsync(
        JsonObject obj, JsonObject old, JsonElement? stored, StoredObject current, WriteOptions options, ClusterSnapshot snapshot, DateTimeOffset now, CancellationToken cancellation)
    {
        // Through the status endpoint of a built-in kind nothing else changes, whatever was sent: it is put back at once, and then not looked at.
        var statusOnly = IsStatusOnly(options, stored);
        if ((statusOnly && options.Fields is null ? StructuralDecoder.DecodeStatus(descriptor, obj).TypeFailure(descriptor) : DecodeFields(obj, options.Fields)) is { } malformed)
        {
            return malformed;
        }

        if (statusOnly)
        {
            KeepAllButStatus(obj, stored.GetValueOrDefault());
        }

        obj["apiVersion"] = descriptor.Custom is null ? old["apiVersion"]?.DeepClone() : descriptor.ApiVersion;
        obj["kind"] = old["kind"]?.DeepClone();
        if (RestoreMetadata(obj, old, current) is { } wrong)
        {
            return wrong;
        }

        // Who binds a pod changes nothing that anybody could have got wrong: as upstream, only the binding itself is looked at.
        var binds = options.Subresource == "binding";
        if (statusOnly)
        {
            ObjectDefaults.ApplyToStatus(descriptor, obj);
        }
        else if (!binds)
        {
            ObjectDefaults.Apply(descriptor, obj);
        }

        SettleOwnership(obj, old, stored, options, now);
        var request = new AdmissionRequest(AdmissionOperation.Update, descriptor, current.Key, obj, old, options, snapshot);
        if (await admission.MutateAsync(request, cancellation).ConfigureAwait(false) is { } refused)
        {
            return refused;
        }

        if (SettleUpdated(obj, old, current) is { } strayed)
        {
            return strayed;
        }

        strategy.PrepareForUpdate(obj, stored is null ? (JsonObject)old.DeepClone() : JsonObject.Create(stored.Value)!, descriptor, options.Subresource);
        RaiseGeneration(obj, old, stored, options.Subresource);
        if (!binds)
        {
            var errors = new FieldErrors();
            Judge(obj, old, options, errors);
            strategy.Validate(obj, errors);
            strategy.ValidateUpdate(obj, old, options.Subresource, errors);
            if (errors.Any)
            {
                return Invalid(current.Key, errors.Causes);
            }

            Warn(obj, old, options);
        }

        return await admission.ValidateAsync(request, cancellation).ConfigureAwait(false);
    }

    /// <summary>What is the server's own stays so whatever a webhook says: it neither moves an object, nor makes it another kind, nor gives it a life that is over.</summary>
    private ApiStatus? SettleCreated(JsonObject obj, string @namespace, JsonNode? uid, JsonNode? created)
    {
        if (StrayedKind(obj) is { } strayed)
        {
            return strayed;
        }

        var metadata = obj.Ensure("metadata");
        if (descriptor.Namespaced)
        {
            if (metadata.Text("namespace") is { Length: > 0 } given && given != @namespace)
            {
                return ApiStatus.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
            }

            metadata["namespace"] ??= @namespace;
        }
        else
        {
            metadata.Remove("namespace");
        }

        Keep("uid", uid);
        Keep("creationTimestamp", created);
        Keep("generation", descriptor.HasGeneration ? JsonValue.Create(1) : null);
        Keep("deletionTimestamp", null);
        Keep("deletionGracePeriodSeconds", null);
        return null;

        void Keep(string field, JsonNode? value)
        {
            if (value is null)
            {
                metadata.Remove(field);
            }
            else if (metadata[field] is var now && !ReferenceEquals(now, value) && !JsonNode.DeepEquals(now, value))
            {
                metadata[field] = value.DeepClone();
            }
        }
    }

    private ApiStatus? SettleUpdated(JsonObject obj, JsonObject old, StoredObject current)
    {
        if (StrayedKind(obj) is { } strayed)
        {
            return strayed;
        }

        var metadata = obj.Ensure("metadata");
        var before = old.Ensure("metadata");
        var errors = new FieldErrors();
        foreach (var field in (ReadOnlySpan<string>)["deletionTimestamp", "deletionGracePeriodSeconds"])
        {
            if (metadata[field] is { } begun && before[field] is null)
            {
                errors.InvalidValue($"metadata.{field}", begun.ToJsonString(), "field is immutable");
            }

            metadata.CopyFrom(before, field);
        }

        metadata.CopyFrom(before, "generation");
        return errors.Any ? Invalid(current.Key, errors.Causes) : null;
    }

    private ApiStatus? StrayedKind(JsonObject obj) => descriptor.Custom is not null || obj.Text("kind") is { Length: 0 } || obj.Text("kind") == descriptor.Kind
        ? null
        : ApiStatus.InternalError($"admission made an object of kind {obj.Text("kind")} of a {descriptor.Kind}");

    private void Warn(JsonObject obj, JsonObject? old, WriteOptions options)
    {
        if (options.Observer is not { } observer)
        {
            return;
        }

        foreach (var warning in options.Subresource.Length == 0 ? ObjectWarnings.Of(descriptor, obj, old) : [])
        {
            observer.Warn(warning);
        }

        foreach (var warning in strategy.Warnings(obj, old, options.Subresource))
        {
            observer.Warn(warning);
        }
    }

    private void Judge(JsonObject obj, JsonObject? old, WriteOptions options, FieldErrors errors)
    {
        if (descriptor.Custom is not { } custom)
        {
            errors.Add(ObjectValidation.Validate(descriptor, obj, old, options.Subresource));
        }
        else
        {
            var causes = ObjectValidation.Validate(descriptor, obj, old, options.Subresource);
            errors.Add(causes);
            errors.Add(RuleEvaluation.Judge(custom.Schema, obj, old, causes, options.Observer is { } observer ? observer.Warn : null));
        }
    }

    /// <summary>A write that changes nothing, or nothing but the time at which managers did so, makes no revision, as upstream's store has it.</summary>
    public bool IsUnchanged(JsonObject obj, JsonObject old, JsonElement? stored, WriteOptions options)
    {
        if (stored is { } element && Differs(element, obj, IsStatusOnly(options, stored)))
        {
            return false;
        }

        return KeepTimes(obj, old);
    }

    /// <summary>Whether something beside the metadata differs, which nothing makes up for.</summary>
    private static bool Differs(JsonElement stored, JsonObject obj, bool statusOnly)
    {
        foreach (var (name, value) in obj)
        {
            if (name != "metadata" && (!statusOnly || name == "status") && !(stored.TryGetProperty(name, out var had) && StoredElement.Same(had, value)))
            {
                return true;
            }
        }

        return stored.GetPropertyCount() != obj.Count;
    }

    /// <summary>Neither the revision nor the times of managers, when they are all that differs, make a change: they are put back.</summary>
    /// <returns>Whether the objects are the same now.</returns>
    public bool KeepTimes(JsonObject obj, JsonObject old)
    {
        var (metadata, before) = (obj.Ensure("metadata"), old.Object("metadata"));
        metadata.CopyFrom(before, "resourceVersion");
        var written = metadata["managedFields"];
        if (!ManagedFields.DifferOnlyInTime(written, before?["managedFields"]))
        {
            return JsonNode.DeepEquals(obj, old);
        }

        metadata.CopyFrom(before, "managedFields");
        if (JsonNode.DeepEquals(obj, old))
        {
            return true;
        }

        metadata["managedFields"] = written;
        return false;
    }

    private void SettleOwnership(JsonObject obj, JsonObject old, JsonElement? stored, WriteOptions options, DateTimeOffset now)
    {
        if (options.OwnershipSettled)
        {
            return;
        }

        // A binding is no write of the pod in upstream's terms: it leaves no owner.
        if (options.Subresource == "binding")
        {
            obj.Ensure("metadata").CopyFrom(old.Object("metadata"), "managedFields");
            return;
        }

        FieldManager.For(catalog, descriptor, options, now).Update(old, obj, stored);
    }

    private bool IsStatusOnly(WriteOptions options, JsonElement? stored) =>
        options.Subresource == "status" && stored is not null && descriptor is { Custom: null, HasStatus: true };

    private static void KeepAllButStatus(JsonObject obj, JsonElement stored)
    {
        for (var i = obj.Count - 1; i >= 0; i--)
        {
            if (obj.GetAt(i).Key is not ("metadata" or "status") and var name && !stored.TryGetProperty(name, out _))
            {
                obj.RemoveAt(i);
            }
        }

        foreach (var property in stored.EnumerateObject())
        {
            if (property.Name is not ("metadata" or "status"))
            {
                obj[property.Name] = StoredElement.ToNode(property.Value);
            }
        }
    }

    private ApiStatus? DecodeFields(JsonObject obj, FieldAudit? audit)
    {
        var report = StructuralDecoder.Decode(descriptor, obj);
        if (report.TypeFailure(descriptor) is { } mistyped)
        {
            return mistyped;
        }

        if (audit is null)
        {
            return null;
        }

        audit.Findings.Clear();
        audit.Findings.AddRange(report.Warnings);
        return audit.Strict ? report.StrictFailure(descriptor) : null;
    }

    private ApiStatus? RestoreMetadata(JsonObject obj, JsonObject old, StoredObject current)
    {
        var metadata = obj.Ensure("metadata");
        var before = old.Ensure("metadata");
        var uid = metadata.Text("uid");
        var revision = metadata.Text("resourceVersion");
        if (!Revision.TryParse(revision, out var stated))
        {
            return Invalid(current.Key, [new StatusCause("FieldValueInvalid", $"Invalid value: \"{revision}\": must be a decimal number", "metadata.resourceVersion")]);
        }

        var assumed = stated == Revision.None ? (Revision?)null : stated;
        if (Preconditions.Check(current, uid, assumed) is { } refused)
        {
            return refused;
        }

        var errors = new FieldErrors();
        foreach (var field in (ReadOnlySpan<string>)["name", "namespace"])
        {
            var given = metadata.Text(field);
            if (given.Length > 0 && given != before.Text(field) && (descriptor.Namespaced || field != "namespace"))
            {
                errors.Invalid($"metadata.{field}", given, "field is immutable");
            }
        }

        foreach (var field in (ReadOnlySpan<string>)["deletionTimestamp", "deletionGracePeriodSeconds"])
        {
            // Of an object that is being deleted a time that is left out, or another one, is not looked at.
            if (metadata[field] is { } begun && before[field] is null)
            {
                errors.InvalidValue($"metadata.{field}", begun.ToJsonString(), "field is immutable");
            }
        }

        foreach (var field in (ReadOnlySpan<string>)
            ["name", "namespace", "uid", "creationTimestamp", "generation", "generateName", "deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion"])
        {
            metadata.CopyFrom(before, field);
        }

        metadata.Remove("selfLink");
        return errors.Any ? Invalid(current.Key, errors.Causes) : null;
    }

    private void RaiseGeneration(JsonObject obj, JsonObject old, JsonElement? stored, string subresource)
    {
        if (subresource == "status")
        {
            // Annotations may be written with it, as controllers do; they are nothing that the author asks for.
            return;
        }

        if (descriptor.Custom is not null)
        {
            // A custom object has one generation for all that its author writes, and that is everything that the status endpoint does not.
            if (CustomResourceStrategy.IsChanged(obj, old))
            {
                Raise(obj);
            }

            return;
        }

        foreach (var field in descriptor.GenerationFields)
        {
            var dot = field.IndexOf('.', StringComparison.Ordinal);
            var changed = dot < 0 ? !(stored is { } element ? StoredElement.SameProperty(element, obj, field) : JsonNode.DeepEquals(obj[field], old[field])) : !JsonNode.DeepEquals(obj[field[..dot]]?[field[(dot + 1)..]], old[field[..dot]]?[field[(dot + 1)..]]);
            if (changed)
            {
                Raise(obj);
                return;
            }
        }
    }

    private static void Raise(JsonObject obj)
    {
        var metadata = obj.Ensure("metadata");
        metadata["generation"] = (metadata.Number("generation") ?? 0) + 1;
    }
}
