using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Schema.Fields;

namespace ActorOrchestrator.Actors.Resources.Apply;

/// <summary>Keeps <c>metadata.managedFields</c> for one write of one object, and merges what is applied (KEP-555).</summary>
public sealed class FieldManager
{
    private const string Unknown = "unknown";
    private const string BeforeFirstApply = "before-first-apply";

    private readonly ObjectSchema _schema;
    private readonly string _apiVersion;
    private readonly string _kind;
    private readonly string _subresource;
    private readonly string _manager;
    private readonly string _now;
    private readonly FieldOwnership _ownership;
    private readonly Func<FieldSet, FieldSet> _tracked;

    /// <param name="schema">The schema of the version that is written.</param>
    /// <param name="apiVersion">That version, with its group.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="subresource">Empty for the object itself.</param>
    /// <param name="manager">Who writes; empty when nobody said so.</param>
    /// <param name="now">When.</param>
    /// <param name="tracked">See <see cref="TrackedFields"/>.</param>
    /// <param name="versions">The other versions of the kind.</param>
    public FieldManager(
        ObjectSchema schema, string apiVersion, string kind, string subresource, string manager, DateTimeOffset now,
        Func<FieldSet, FieldSet> tracked, IObjectVersions? versions = null)
    {
        _schema = schema;
        _apiVersion = apiVersion;
        _kind = kind;
        _subresource = subresource;
        _manager = manager.Length == 0 ? Unknown : manager;
        _now = JsonNodes.Time(now);
        _tracked = tracked;
        _ownership = new FieldOwnership(versions ?? OneVersion.Instance, tracked);
    }

    public static FieldManager For(ResourceCatalog catalog, ResourceDescriptor descriptor, WriteOptions options, DateTimeOffset now) => new(
        ObjectSchema.Of(descriptor), descriptor.ApiVersion, descriptor.Kind, options.Subresource, options.FieldManager, now,
        TrackedFields.Of(descriptor, options.Subresource), new CatalogVersions(catalog, descriptor.Type));

    /// <summary>Everything in a new object is its creator's.</summary>
    /// <param name="obj">Defaulted; its managedFields are set.</param>
    public void Create(JsonObject obj)
    {
        var metadata = obj.Ensure("metadata");
        metadata.Remove("managedFields", out var sent);
        if (sent is null && _schema.Custom is null)
        {
            Put(metadata, Claim(obj));
            return;
        }

        var managed = ManagedFields.IsReset(sent) ? new ManagedFields() : ManagedFields.Sent(sent) ?? new ManagedFields();
        Track(new JsonObject(), obj, managed);
        Put(metadata, managed.Write());
    }

    /// <summary>The only entry of a new object, by its shape where that is known.</summary>
    private JsonArray? Claim(JsonObject obj)
    {
        var shape = CreatedFields.Of(obj, _schema, _tracked);
        var managed = new ManagedFields();
        if (CreatedFields.Find(shape) is JsonObject known)
        {
            managed.Set(FieldManagerId.Updater(_manager, _apiVersion, _subresource), OwnedFields.Trust(known, _apiVersion, _now));
            return managed.Write();
        }

        Track(new JsonObject(), obj, managed);
        var written = managed.Write();
        if (written is [JsonObject only] && only["fieldsV1"] is { } fields)
        {
            CreatedFields.Remember(shape, fields);
        }

        return written;
    }

    /// <summary>What the write changes becomes the writer's.</summary>
    /// <param name="old">As stored; left as it is.</param>
    /// <param name="obj">As it will be, defaulted, with the managedFields that the client sent; they are set.</param>
    /// <param name="stored">What <paramref name="old"/> was parsed from, where that is at hand.</param>
    public void Update(JsonObject old, JsonObject obj, JsonElement? stored = null)
    {
        var (before, metadata) = (old.Ensure("metadata"), obj.Ensure("metadata"));
        before.Remove("managedFields", out var live);
        metadata.Remove("managedFields", out var sent);
        try
        {
            // Through a subresource nobody sets them by hand. A client that does not know them must not delete them by leaving them out.
            var entries = Entries(stored);
            var own = _subresource.Length > 0 || sent is null || (entries is { } same && StoredElement.WritesSame(same, sent)) || JsonNode.DeepEquals(sent, live);
            var managed = own ? entries is { } kept ? ManagedFields.Stored(kept) : ManagedFields.Stored(live)
                : ManagedFields.IsReset(sent) ? new ManagedFields()
                : ManagedFields.Sent(sent) is { Count: > 0 } stated ? stated
                : ManagedFields.Stored(live);

            // What is not tracked stays untracked until it is applied.
            var changed = managed.Count > 0 && Track(old, obj, managed, stored: stored);
            Put(metadata, changed || !own ? managed.Write() : entries is { } unchanged ? StoredElement.ToNode(unchanged) : live?.DeepClone());
        }
        finally
        {
            Put(before, live);
        }
    }

    /// <summary>Merges a configuration into an object.</summary>
    /// <param name="live">As stored; left as it is. Null when there is none yet.</param>
    /// <param name="config">What is applied; its quantities are brought to their canonical form.</param>
    /// <param name="force">Take what others own.</param>
    /// <param name="stored">What <paramref name="live"/> was parsed from, where that is at hand.</param>
    /// <returns>The merged object with its managedFields, or why it was refused.</returns>
    public ChangeResult Apply(JsonObject? live, JsonObject config, bool force, JsonElement? stored = null)
    {
        if (Check(config) is { } wrong)
        {
            return wrong;
        }

        var current = (JsonObject?)live?.DeepClone() ?? new JsonObject { ["apiVersion"] = _apiVersion, ["kind"] = _kind };
        JsonNode? entries = null;
        current.Object("metadata")?.Remove("managedFields", out entries);
        var managed = ManagedFields.Stored(entries);
        var versioned = new VersionedObject(current, _schema, _apiVersion);
        if (managed.Count == 0 && live is not null)
        {
            // Whoever wrote before the first apply is nobody in particular.
            Track(new JsonObject(), current, managed, BeforeFirstApply);
        }

        JsonObject merged;
        try
        {
            if (Merge(versioned, config, managed, force, stored, out merged) is { } conflict)
            {
                return conflict;
            }
        }
        catch (FieldMergeException impossible)
        {
            return ApiStatus.BadRequest($"failed to merge config: {impossible.Message}");
        }

        var applier = FieldManagerId.Applier(_manager, _subresource);
        if (managed[applier] is { } mine && (mine.Time is null || !JsonNode.DeepEquals(merged, current)))
        {
            managed.Set(applier, mine.At(_now));
        }

        LastApplied.Follow(_manager, merged, config);
        Put(merged.Ensure("metadata"), managed.Write());
        return merged;
    }

    private ApiStatus? Merge(VersionedObject live, JsonObject config, ManagedFields managed, bool force, JsonElement? stored, out JsonObject merged)
    {
        var applier = FieldManagerId.Applier(_manager, _subresource);
        var before = managed.Copy();
        merged = _ownership.Apply(live, config, managed, applier, force, out var conflicts, stored);
        if (conflicts.IsEmpty)
        {
            return null;
        }

        // An object that kubectl applied on the client's side is taken over: what its annotation says is this very applier's.
        if (LastApplied.Allowed(_manager, live) is not { } allowed)
        {
            return ApplyConflict.Status(conflicts);
        }

        var left = conflicts.Where(conflict => !allowed.Contains(conflict.Path.AsSpan())).ToImmutableArray();
        if (!left.IsEmpty)
        {
            return ApplyConflict.Status(left);
        }

        foreach (var manager in managed.Managers.ToArray())
        {
            managed.Remove(manager);
        }

        foreach (var manager in before.Managers)
        {
            managed.Set(manager, before[manager]!);
        }

        merged = _ownership.Apply(live, config, managed, applier, force: true, out _);
        return null;
    }

    private bool Track(JsonObject old, JsonObject obj, ManagedFields managed, string? name = null, JsonElement? stored = null)
    {
        var manager = FieldManagerId.Updater(name ?? _manager, _apiVersion, _subresource);
        var before = new VersionedObject(old, _schema, _apiVersion);
        var part = _subresource == "status" && _schema.Custom is null ? "status" : null;
        if (_ownership.Update(before, before with { Tree = obj }, managed, manager, stored, part) is not { } taken)
        {
            return false;
        }

        if (!taken.IsEmpty && managed[manager] is { } mine)
        {
            managed.Set(manager, mine.At(_now));
        }

        managed.CapUpdaters();
        return true;
    }

    private static JsonElement? Entries(JsonElement? stored) =>
        stored is { } obj && obj.TryGetProperty("metadata", out var metadata) && metadata.TryGetProperty("managedFields", out var entries) ? entries : null;

    private ApiStatus? Check(JsonObject config)
    {
        var (apiVersion, kind) = (config.Text("apiVersion"), config.Text("kind"));
        if (apiVersion != _apiVersion || kind != _kind)
        {
            return ApiStatus.BadRequest($"invalid object type: {GoName(apiVersion, kind)}");
        }

        if (config.Object("metadata") is { } metadata && metadata["managedFields"] is not null)
        {
            return ApiStatus.BadRequest("metadata.managedFields must be nil");
        }

        var problems = AppliedConfiguration.Check(config, _schema);
        if (problems.Count == 0)
        {
            return null;
        }

        var list = problems.Count == 1 ? problems[0] : "errors:\n" + string.Join("\n", problems.Select(problem => "  " + problem));
        var named = config.Object("metadata");
        return ApiStatus.BadRequest(
            $"failed to create typed patch object ({named.Text("namespace")}/{named.Text("name")}; {GoName(_apiVersion, _kind)}): {list}");
    }

    /// <summary>As Go prints a GroupVersionKind: the core group has no name before the slash.</summary>
    private static string GoName(string apiVersion, string kind) => $"{(apiVersion.Contains('/', StringComparison.Ordinal) ? "" : "/")}{apiVersion}, Kind={kind}";

    private static void Put(JsonObject metadata, JsonNode? entries)
    {
        if (entries is null)
        {
            metadata.Remove("managedFields");
        }
        else
        {
            metadata["managedFields"] = entries;
        }
    }
}
