using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Actors.Resources.Apply;

/// <summary>
/// The versions in which a kind is served. Between versions that only a webhook can convert the object is taken as it is: what two such versions call the
/// same is the same field.
/// </summary>
internal sealed class CatalogVersions(ResourceCatalog catalog, ResourceType type) : IObjectVersions
{
    public VersionedObject? Convert(VersionedObject obj, string apiVersion)
    {
        if (obj.ApiVersion == apiVersion)
        {
            return obj;
        }

        if (catalog.FindView(type, apiVersion) is not { } wanted)
        {
            return null;
        }

        var tree = (JsonObject)obj.Tree.DeepClone();
        if (catalog.FindView(type, obj.ApiVersion)?.Converter is PureVersionConverter from)
        {
            tree = from.Stored(tree);
        }

        if (wanted.Converter is PureVersionConverter to)
        {
            tree = to.Served(tree);
        }

        tree["apiVersion"] = apiVersion;
        return new VersionedObject(tree, ObjectSchema.Of(wanted), apiVersion);
    }
}
