using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Schema.Fields;

namespace ActorOrchestrator.Actors.Resources.Apply;

/// <summary>A field that another manager owns with another value.</summary>
public readonly record struct FieldConflict(FieldManagerId Manager, ImmutableArray<PathElement> Path);

/// <summary>
/// Who owns what after a write: the rules of structured-merge-diff's updater. Whoever changes a field owns it; whoever applies a configuration owns exactly
/// its fields, shares those on whose value it agrees, must not take others without force, and drops what it does not name any more and nobody else owns.
/// </summary>
/// <param name="versions">For managers that wrote in another version than the present one.</param>
/// <param name="tracked">The fields that this endpoint can set at all; the others never become anybody's.</param>
public sealed class FieldOwnership(IObjectVersions versions, Func<FieldSet, FieldSet> tracked)
{
    /// <summary>The long way, to hold the short one against.</summary>
    internal bool AlwaysPrunes { get; init; }

    /// <summary>After an update: what changed is the manager's, and what is gone is nobody's.</summary>
    /// <param name="live">Before it.</param>
    /// <param name="now">After it.</param>
    /// <param name="managers">The owners; changed.</param>
    /// <param name="manager">Who did it.</param>
    /// <param name="stored">What the live object was parsed from, where that is at hand: it is cheaper to compare with.</param>
    /// <param name="part">The only part beside the metadata that can have changed; null where it can be any.</param>
    /// <returns>What the manager set, which may be nothing; null when nothing that is tracked changed.</returns>
    public FieldSet? Update(VersionedObject live, VersionedObject now, ManagedFields managers, FieldManagerId manager, JsonElement? stored = null, string? part = null)
    {
        ForgetMissing(live, managers);
        if (live.Schema.Custom is not null)
        {
            // Only a user's own schema changes while the program runs.
            Reconcile(live, managers);
        }

        var change = Compare(live, now, stored, part);
        if (change.IsSame && managers.Managers.All(other => managers[other]!.ApiVersion == live.ApiVersion))
        {
            return null;
        }

        Release(live, now, change, managers, manager);
        var taken = change.Modified.Union(change.Added);
        managers.Set(manager, managers[manager]?.Without(change.Removed).With(taken) ?? new OwnedFields(taken, now.ApiVersion, null));
        return taken;
    }

    /// <summary>Merges an applied configuration and settles its ownership.</summary>
    /// <param name="live">The object as it is.</param>
    /// <param name="config">What is applied.</param>
    /// <param name="managers">The owners; changed, unless there are conflicts.</param>
    /// <param name="manager">The applier.</param>
    /// <param name="force">Take what others own.</param>
    /// <param name="conflicts">What others own with other values; empty when it was applied.</param>
    /// <param name="stored">What the live object was parsed from, where that is at hand.</param>
    /// <returns>The merged object; meaningless when there are conflicts.</returns>
    /// <exception cref="FieldMergeException">The live object's lists cannot be merged.</exception>
    public JsonObject Apply(
        VersionedObject live, JsonObject config, ManagedFields managers, FieldManagerId manager, bool force, out ImmutableArray<FieldConflict> conflicts, JsonElement? stored = null)
    {
        ForgetMissing(live, managers);
        if (live.Schema.Custom is not null || AlwaysPrunes)
        {
            Reconcile(live, managers);
        }

        var merged = live with { Tree = FieldMerge.Merge(live.Tree, config, live.Schema) };
        var last = managers[manager];
        var applied = tracked(FieldExtraction.FieldsOf(config, live.Schema));
        managers.Set(manager, new OwnedFields(applied, live.ApiVersion, last?.Time));

        // Who applies the same fields again has dropped none.
        var drops = last is not null && (AlwaysPrunes || last.ApiVersion != live.ApiVersion || !last.Fields.Equals(applied));
        merged = drops ? Prune(merged, managers, manager, last!) : merged;
        var change = Compare(live, merged, stored);
        conflicts = force ? [] : Conflicts(live, merged, change, managers, manager);
        if (conflicts.IsEmpty)
        {
            Release(live, merged, change, managers, manager);
        }

        return merged.Tree;
    }

    private FieldComparison Compare(VersionedObject live, VersionedObject now, JsonElement? stored, string? part = null) => (stored is { } element
        ? FieldComparison.Compare(live.Tree, element, now.Tree, live.Schema, part)
        : FieldComparison.Compare(live.Tree, now.Tree, live.Schema)).Select(tracked);

    /// <summary>Sets that were written under an earlier schema are brought in line with the present one.</summary>
    private void Reconcile(VersionedObject live, ManagedFields managers)
    {
        foreach (var manager in managers.Managers.ToArray())
        {
            var owned = managers[manager]!;
            var fields = Owned(owned, live);
            if (!ReferenceEquals(fields, owned.Fields))
            {
                managers.Set(manager, new OwnedFields(fields, owned.ApiVersion, owned.Time));
            }
        }
    }

    /// <summary>Managers whose version is gone are forgotten.</summary>
    private void ForgetMissing(VersionedObject live, ManagedFields managers)
    {
        foreach (var manager in managers.Managers.ToArray())
        {
            var owned = managers[manager]!;
            if (owned.ApiVersion != live.ApiVersion && versions.Convert(live, owned.ApiVersion) is null)
            {
                managers.Remove(manager);
            }
        }
    }

    private ImmutableArray<FieldConflict> Conflicts(
        VersionedObject live, VersionedObject now, FieldComparison change, ManagedFields managers, FieldManagerId mine)
    {
        var conflicts = ImmutableArray.CreateBuilder<FieldConflict>();
        var changes = new Changes(this, live, now, change);
        foreach (var manager in managers.Managers.Where(manager => manager != mine).Order())
        {
            var owned = managers[manager]!;
            if (changes.In(owned.ApiVersion) is { IsSame: false } theirs)
            {
                var taken = Owned(owned, live).Intersection(theirs.Modified.Union(theirs.Added));
                conflicts.AddRange(taken.Paths().Select(path => new FieldConflict(manager, path)));
            }
        }

        return conflicts.ToImmutable();
    }

    /// <summary>Takes from all other managers what was changed or removed.</summary>
    private void Release(VersionedObject live, VersionedObject now, FieldComparison change, ManagedFields managers, FieldManagerId mine)
    {
        var changes = new Changes(this, live, now, change);
        foreach (var manager in managers.Managers.Where(manager => manager != mine).ToArray())
        {
            var owned = managers[manager]!;
            if (changes.In(owned.ApiVersion) is not { } theirs)
            {
                managers.Remove(manager);
                continue;
            }

            if (!theirs.IsSame)
            {
                managers.Set(manager, owned.Without(theirs.Modified.Union(theirs.Added)).Without(theirs.Removed));
            }
        }
    }

    /// <summary>
    /// Removes what the manager applied last time and does not apply now, unless somebody else owns it. What nobody owned before is left alone.
    /// </summary>
    private VersionedObject Prune(VersionedObject merged, ManagedFields managers, FieldManagerId manager, OwnedFields last)
    {
        var fields = Owned(last, merged);
        if (fields.IsEmpty || versions.Convert(merged, last.ApiVersion) is not { } whole)
        {
            return merged;
        }

        var schema = whole.Schema;
        var pruned = whole with { Tree = FieldRemoval.Without(whole.Tree, FieldRemoval.WithNamedFields(fields, schema), schema) };
        pruned = AddBackOwned(whole, pruned, managers);
        pruned = versions.Convert(pruned, last.ApiVersion) ?? pruned;

        // What was removed although this manager did not own it comes back: others' updates, and what belongs to nobody.
        var had = Named(FieldExtraction.FieldsOf(whole.Tree, schema), schema);
        var left = Named(FieldExtraction.FieldsOf(pruned.Tree, schema), schema);
        var gone = had.Difference(left).Intersection(Named(fields, schema));
        pruned = whole with { Tree = FieldRemoval.Without(whole.Tree, gone, schema) };
        return versions.Convert(pruned, merged.ApiVersion) ?? merged;
    }

    private VersionedObject AddBackOwned(VersionedObject whole, VersionedObject pruned, ManagedFields managers)
    {
        var byVersion = managers.Managers.GroupBy(manager => managers[manager]!.ApiVersion, StringComparer.Ordinal)
            .OrderBy(group => group.Key == whole.ApiVersion ? 0 : 1).ThenBy(group => group.Key, StringComparer.Ordinal);
        foreach (var group in byVersion)
        {
            if (versions.Convert(whole, group.Key) is not { } all || versions.Convert(pruned, group.Key) is not { } rest)
            {
                continue;
            }

            var owned = group.Aggregate(FieldSet.Empty, (set, manager) => set.Union(Owned(managers[manager]!, all)));
            var had = Named(FieldExtraction.FieldsOf(all.Tree, all.Schema), all.Schema);
            var left = Named(FieldExtraction.FieldsOf(rest.Tree, all.Schema), all.Schema);
            var gone = had.Difference(left.Union(Named(owned, all.Schema)));
            whole = all;
            pruned = all with { Tree = FieldRemoval.Without(all.Tree, gone, all.Schema) };
        }

        return pruned;
    }

    private FieldSet Owned(OwnedFields owned, VersionedObject obj)
    {
        var schema = owned.ApiVersion == obj.ApiVersion ? obj.Schema : versions.Convert(obj, owned.ApiVersion)?.Schema;
        return schema is null ? owned.Fields : FieldReconciliation.Reconcile(owned.Fields, schema);
    }

    private static FieldSet Named(FieldSet fields, Contracts.Schema.ObjectSchema schema) => FieldRemoval.WithNamedFields(fields, schema);

    /// <summary>The same change in every version that a manager wrote in, compared once each.</summary>
    private sealed class Changes(FieldOwnership rules, VersionedObject live, VersionedObject now, FieldComparison change)
    {
        private readonly Dictionary<string, FieldComparison?> _known = new(StringComparer.Ordinal) { [live.ApiVersion] = change };

        /// <summary>Null when the version is gone.</summary>
        public FieldComparison? In(string apiVersion)
        {
            if (_known.TryGetValue(apiVersion, out var known))
            {
                return known;
            }

            var compared = rules.Compare(live, now, apiVersion);
            _known.Add(apiVersion, compared);
            return compared;
        }
    }

    private FieldComparison? Compare(VersionedObject live, VersionedObject now, string apiVersion) =>
        versions.Convert(live, apiVersion) is { } before && versions.Convert(now, apiVersion) is { } after
            ? FieldComparison.Compare(before.Tree, after.Tree, before.Schema).Select(tracked)
            : null;
}
