using System.Text.Json;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Documents;

namespace ActorOrchestrator.Host.Api.Discovery;

/// <summary>Everything that is served in one document (<c>apidiscovery.k8s.io</c>, KEP-3352).</summary>
internal static class AggregatedDiscovery
{
    /// <param name="catalog">The kinds.</param>
    /// <param name="core">The core group, for <c>/api</c>; or all others, for <c>/apis</c>.</param>
    /// <param name="version">Of the document: v2 or v2beta1, which differ in their name only.</param>
    public static RenderedDocument Render(ResourceCatalog catalog, bool core, string version) => RenderedDocument.Write(
        writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("kind", "APIGroupDiscoveryList");
            writer.WriteString("apiVersion", $"apidiscovery.k8s.io/{version}");
            writer.WriteStartObject("metadata");
            writer.WriteEndObject();
            writer.WriteStartArray("items");
            foreach (var group in catalog.GroupVersions.Select(pair => pair.Group).Distinct().Where(group => group.Length == 0 == core))
            {
                Group(writer, catalog, group);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        },
        $"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList");

    private static void Group(Utf8JsonWriter writer, ResourceCatalog catalog, string group)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("metadata");
        if (group.Length > 0)
        {
            writer.WriteString("name", group);
        }

        writer.WriteNull("creationTimestamp");
        writer.WriteEndObject();
        writer.WriteStartArray("versions");
        foreach (var (_, version) in catalog.GroupVersions.Where(pair => pair.Group == group))
        {
            writer.WriteStartObject();
            writer.WriteString("version", version);
            writer.WriteStartArray("resources");
            foreach (var descriptor in catalog.In(group, version))
            {
                Resource(writer, descriptor);
            }

            writer.WriteEndArray();
            writer.WriteString("freshness", "Current");
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Resource(Utf8JsonWriter writer, ResourceDescriptor descriptor)
    {
        writer.WriteStartObject();
        writer.WriteString("resource", descriptor.Plural);
        Kind(writer, descriptor.Group, descriptor.Version, descriptor.Kind);
        writer.WriteString("scope", descriptor.Namespaced ? "Namespaced" : "Cluster");
        writer.WriteString("singularResource", descriptor.Singular);
        DiscoveryDocuments.Texts(writer, "verbs", descriptor.Verbs);
        DiscoveryDocuments.Texts(writer, "shortNames", descriptor.ShortNames);
        DiscoveryDocuments.Texts(writer, "categories", descriptor.Categories);
        if (!descriptor.Subresources.IsEmpty)
        {
            writer.WriteStartArray("subresources");
            foreach (var subresource in descriptor.Subresources)
            {
                writer.WriteStartObject();
                writer.WriteString("subresource", subresource.Name);
                Kind(writer, subresource.Group ?? descriptor.Group, subresource.Version ?? descriptor.Version, subresource.Kind);
                DiscoveryDocuments.Texts(writer, "verbs", subresource.Verbs);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void Kind(Utf8JsonWriter writer, string group, string version, string kind)
    {
        writer.WriteStartObject("responseKind");
        writer.WriteString("group", group);
        writer.WriteString("version", version);
        writer.WriteString("kind", kind);
        writer.WriteEndObject();
    }
}
