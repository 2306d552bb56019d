using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources.Webhooks;
using ActorOrchestrator.Contracts.CustomResources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.CustomResources;

/// <summary>
/// The kinds that this program brings and those that established definitions add. The catalog is a function of the committed state: whoever sees a
/// definition established sees its kinds, on every host, with nothing in between that could be late. It is computed again only when a definition has
/// changed, which a look at one reference tells (nothing else of a state is held on to); and then only the changed definition is read again.
/// </summary>
public sealed class DynamicCatalog(IClusterReader reader, ResourceCatalog builtIn, WebhookClient webhooks) : ICatalogSource
{
    private readonly ConditionalWeakTable<StoredObject, CustomResourceDefinition> _read = [];
    private Served _served = new(null, builtIn, ImmutableDictionary<string, Offer>.Empty);

    public DynamicCatalog(IClusterReader reader)
        : this(reader, ResourceCatalog.BuiltIn, new WebhookClient(reader))
    {
    }

    public ResourceCatalog Current => At(reader.Current);

    /// <summary>The catalog at a state of the cluster.</summary>
    public ResourceCatalog At(ClusterSnapshot snapshot)
    {
        var served = Volatile.Read(ref _served);
        var identity = snapshot.IdentityOf(ResourceTypes.CustomResourceDefinitions);
        if (ReferenceEquals(served.Identity, identity))
        {
            return served.Catalog;
        }

        // Two threads may both compute it; they come to the same result, and the one that is kept is shared from then on.
        served = Compute(snapshot, identity, served);
        Volatile.Write(ref _served, served);
        return served.Catalog;
    }

    /// <summary>A definition as the program reads it, shared by everybody who asks.</summary>
    public CustomResourceDefinition Read(StoredObject definition) => _read.GetValue(definition, static stored => CustomResourceDefinition.Read(stored.ToJson()));

    private Served Compute(ClusterSnapshot snapshot, object identity, Served before)
    {
        // What a definition offers is kept as long as nothing that matters to it has changed, which most changes of a status do not.
        var offers = ImmutableDictionary.CreateBuilder<string, Offer>(StringComparer.Ordinal);
        foreach (var obj in snapshot.All(ResourceTypes.CustomResourceDefinitions))
        {
            var definition = Read(obj);
            var version = new OfferVersion(
                obj.Uid, obj.Metadata.Generation, definition.IsEstablished, definition.IsTerminating, TextOf(definition.AcceptedNames), string.Join(' ', definition.StoredVersions));
            var offer = before.Offers.TryGetValue(obj.Key.Name, out var known) && known.Version == version ? known : Read(version, definition);
            offers.Add(obj.Key.Name, offer);
        }

        var kinds = offers.Values.SelectMany(offer => offer.Kinds)
            .Where(kind => builtIn.Find(kind.Group, kind.Version, kind.Plural) is null)
            .OrderBy(kind => kind.Group, StringComparer.Ordinal)
            .ThenBy(kind => kind.Version, KubeVersion.PreferredFirst)
            .ThenBy(kind => kind.Plural, StringComparer.Ordinal);
        ImmutableArray<ResourceDescriptor> all = [.. builtIn.All, .. kinds];
        var same = all.Length == before.Catalog.All.Length && all.Zip(before.Catalog.All).All(pair => ReferenceEquals(pair.First, pair.Second));
        var catalog = same ? before.Catalog : new ResourceCatalog(all, offers.Values.Select(offer => offer.Stored).OfType<ResourceDescriptor>());
        return new Served(identity, catalog, offers.ToImmutable());
    }

    private Offer Read(OfferVersion version, CustomResourceDefinition definition)
    {
        // The stored form needs a conversion only as long as there may be objects that were stored in another one.
        var isUniform = definition.StoredVersions.All(name => name == definition.StorageVersion);
        var converter = new CustomConverter(definition, webhooks);
        var kinds = CustomKinds.Of(definition).Select(kind => kind.Custom!.IsStorage && isUniform ? kind : kind with { Converter = converter }).ToImmutableArray();
        var stored = kinds.FirstOrDefault(kind => kind.Custom!.IsStorage) ?? CustomKinds.Stored(definition);
        return new Offer(version, kinds, stored is null || isUniform ? stored : stored with { Converter = converter });
    }

    private static string TextOf(CustomNames names) =>
        string.Join(' ', [names.Plural, names.Singular, names.Kind, names.ListKind, string.Join(',', names.ShortNames), string.Join(',', names.Categories)]);

    private sealed record OfferVersion(string Uid, long Generation, bool Established, bool Terminating, string Names, string StoredVersions);

    private sealed record Offer(OfferVersion Version, ImmutableArray<ResourceDescriptor> Kinds, ResourceDescriptor? Stored);

    private sealed record Served(object? Identity, ResourceCatalog Catalog, ImmutableDictionary<string, Offer> Offers);
}
