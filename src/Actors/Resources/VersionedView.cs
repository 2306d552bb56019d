using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Apply;
using ActorOrchestrator.Contracts.Defaults;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Validation;

namespace ActorOrchestrator.Actors.Resources;

/// <summary>
/// A write of a built-in kind in another version than the stored one: what the author wrote is decoded, defaulted and judged as the version that it was
/// written in, then converted, and goes on as the stored form.
/// </summary>
internal readonly struct VersionedView(ResourceCatalog catalog, ResourceDescriptor view, VersionConverter converter)
{
    /// <summary>Null for a write in the stored form, and of custom kinds, which are written in their author's version to the end (<see cref="CustomResources.CustomForm"/>).</summary>
    /// <param name="catalog">The kinds of the moment.</param>
    /// <param name="options">Whose view is meant.</param>
    public static VersionedView? Of(ResourceCatalog catalog, WriteOptions options) =>
        options.View is { Custom: null, Converter: { } converter } view ? new VersionedView(catalog, view, converter) : null;

    public async ValueTask<JsonObject> FromStorageAsync(JsonObject obj, CancellationToken cancellation) =>
        (await converter.FromStorageAsync([obj], view.ApiVersion, cancellation).ConfigureAwait(false))[0];

    /// <param name="key">The object, its name empty while it is still to be generated.</param>
    /// <param name="obj">What the author wrote.</param>
    /// <param name="old">What it replaces, in the author's version; null for a creation.</param>
    /// <param name="options">Where unknown fields are told, and who owns what is written.</param>
    /// <param name="now">When it is written.</param>
    /// <param name="cancellation">Ends the waiting for a converter.</param>
    public async ValueTask<ChangeResult> ToStorageAsync(ObjectKey key, JsonObject obj, JsonObject? old, WriteOptions options, DateTimeOffset now, CancellationToken cancellation)
    {
        var report = StructuralDecoder.Decode(view, obj);
        if (report.TypeFailure(view) is { } mistyped)
        {
            return mistyped;
        }

        if (options.Fields is { } audit)
        {
            audit.Findings.Clear();
            audit.Findings.AddRange(report.Warnings);
            if (audit.Strict && report.StrictFailure(view) is { } strict)
            {
                return strict;
            }
        }

        obj["apiVersion"] = view.ApiVersion;
        obj["kind"] = view.Kind;
        ObjectDefaults.Apply(view, obj);
        SettleOwnership(obj, old, options, now);
        var causes = ObjectValidation.ValidateKind(view, obj, old, options.Subresource);
        return causes.IsEmpty
            ? (await converter.ToStorageAsync([obj], view.ApiVersion, cancellation).ConfigureAwait(false))[0]
            : ApiStatus.Invalid(new ObjectKey(key.Type with { Group = view.Group }, key.Namespace, obj.Object("metadata").Text("name")), view.Kind, causes);
    }

    /// <summary>What is owned is owned in the version in which it was written.</summary>
    private void SettleOwnership(JsonObject obj, JsonObject? old, WriteOptions options, DateTimeOffset now)
    {
        if (options.OwnershipSettled)
        {
            return;
        }

        var fields = FieldManager.For(catalog, view, options, now);
        if (old is null)
        {
            fields.Create(obj);
        }
        else
        {
            fields.Update(old, obj);
        }
    }
}
