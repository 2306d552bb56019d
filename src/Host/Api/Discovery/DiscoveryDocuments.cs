using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text.Json;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Documents;

namespace ActorOrchestrator.Host.Api.Discovery;

/// <summary>
/// What the server says that it serves, in both of upstream's forms: a document a path (<c>APIVersions</c>, <c>APIGroupList</c>, <c>APIGroup</c>,
/// <c>APIResourceList</c>) and, for clients that ask for it, everything at once (<c>APIGroupDiscoveryList</c>, KEP-3352).
/// </summary>
/// <param name="catalog">The kinds.</param>
/// <param name="serverAddress">Host and port by which clients reach this server, shown at <c>/api</c>.</param>
public sealed class DiscoveryDocuments(ResourceCatalog catalog, string serverAddress)
{
    private static readonly string[] Documents =
    [
        "/.well-known/openid-configuration", "/api", "/apis", "/healthz", "/healthz/ping", "/livez", "/livez/ping", "/metrics", "/openapi/v2", "/openapi/v3", "/openid/v1/jwks", "/readyz", "/readyz/ping", "/version",
    ];

    private readonly ConcurrentDictionary<(string Path, string? Aggregated), RenderedDocument> _rendered = new();

    /// <summary>The document at <c>/api</c>, <c>/apis</c>, <c>/api/v1</c>, <c>/apis/{group}</c>, <c>/apis/{group}/{version}</c>, <c>/version</c> or <c>/</c>.</summary>
    /// <param name="path">The path of the request, without a slash at its end.</param>
    /// <param name="accept">The Accept header; only <c>/api</c> and <c>/apis</c> have an aggregated form.</param>
    /// <returns>Null when there is no such group or version: 404.</returns>
    public RenderedDocument? Find(string path, string? accept)
    {
        var aggregated = path is "/api" or "/apis" ? AggregatedVersion(accept) : null;
        if (_rendered.TryGetValue((path, aggregated), out var known))
        {
            return known;
        }

        // Only what exists is kept: requests for anything else must not fill the memory.
        return Render(path, aggregated) is { } rendered ? _rendered.GetOrAdd((path, aggregated), rendered) : null;
    }

    /// <summary>The first version of the aggregated form in an Accept header that we speak; null when the client prefers the plain form.</summary>
    public static string? AggregatedVersion(string? accept)
    {
        foreach (var range in (accept ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            var parts = range.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0] is not ("application/json" or "*/*"))
            {
                continue;
            }

            if (!parts.Contains("as=APIGroupDiscoveryList"))
            {
                return null;
            }

            if (parts.Contains("g=apidiscovery.k8s.io") && parts.FirstOrDefault(part => part is "v=v2" or "v=v2beta1") is { } version)
            {
                return version[2..];
            }
        }

        return null;
    }

    private RenderedDocument? Render(string path, string? aggregated)
    {
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return segments switch
        {
            [] => RenderedDocument.Write(Paths),
            ["version"] => RenderedDocument.Write(VersionInfo),
            ["api"] when aggregated is not null => AggregatedDiscovery.Render(catalog, core: true, aggregated),
            ["apis"] when aggregated is not null => AggregatedDiscovery.Render(catalog, core: false, aggregated),
            ["api"] => RenderedDocument.Write(CoreVersions),
            ["apis"] => RenderedDocument.Write(Groups),
            ["apis", var group] when group.Length > 0 && VersionsOf(group).Any() => RenderedDocument.Write(writer => Group(writer, group, withKind: true)),
            ["api", var version] when VersionsOf("").Contains(version) => RenderedDocument.Write(writer => Resources(writer, "", version)),
            ["apis", var group, var version] when group.Length > 0 && VersionsOf(group).Contains(version) =>
                RenderedDocument.Write(writer => Resources(writer, group, version)),
            _ => null,
        };
    }

    /// <summary>What there is to be asked for, for people who look around at <c>/</c>.</summary>
    private void Paths(Utf8JsonWriter writer)
    {
        var groups = catalog.GroupVersions.SelectMany(pair => pair.Group.Length == 0 ? [$"/api/{pair.Version}"] : new[] { $"/apis/{pair.Group}", $"/apis/{pair.Group}/{pair.Version}" });
        writer.WriteStartObject();
        writer.WriteStartArray("paths");
        foreach (var path in Documents.Concat(groups).Distinct().Order(StringComparer.Ordinal))
        {
            writer.WriteStringValue(path);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private IEnumerable<string> VersionsOf(string group) => catalog.GroupVersions.Where(pair => pair.Group == group).Select(pair => pair.Version);

    private static void VersionInfo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("major", ServerVersion.Major);
        writer.WriteString("minor", ServerVersion.Minor);
        writer.WriteString("gitVersion", ServerVersion.Git);
        writer.WriteString("gitCommit", ServerVersion.Commit);
        writer.WriteString("gitTreeState", "clean");
        writer.WriteString("buildDate", "1970-01-01T00:00:00Z");
        writer.WriteString("goVersion", RuntimeInformation.FrameworkDescription);
        writer.WriteString("compiler", "roslyn");
        writer.WriteString("platform", ServerVersion.Platform);
        writer.WriteEndObject();
    }

    private void CoreVersions(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", "APIVersions");
        writer.WriteStartArray("versions");
        foreach (var version in VersionsOf(""))
        {
            writer.WriteStringValue(version);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("serverAddressByClientCIDRs");
        writer.WriteStartObject();
        writer.WriteString("clientCIDR", "0.0.0.0/0");
        writer.WriteString("serverAddress", serverAddress);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void Groups(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", "APIGroupList");
        writer.WriteString("apiVersion", "v1");
        writer.WriteStartArray("groups");
        foreach (var group in catalog.GroupVersions.Select(pair => pair.Group).Distinct().Where(group => group.Length > 0))
        {
            Group(writer, group, withKind: false);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void Group(Utf8JsonWriter writer, string group, bool withKind)
    {
        writer.WriteStartObject();
        if (withKind)
        {
            writer.WriteString("kind", "APIGroup");
            writer.WriteString("apiVersion", "v1");
        }

        writer.WriteString("name", group);
        writer.WriteStartArray("versions");
        foreach (var version in VersionsOf(group))
        {
            GroupVersion(writer, group, version);
        }

        writer.WriteEndArray();
        writer.WritePropertyName("preferredVersion");
        GroupVersion(writer, group, VersionsOf(group).First());
        writer.WriteEndObject();
    }

    private static void GroupVersion(Utf8JsonWriter writer, string group, string version)
    {
        writer.WriteStartObject();
        writer.WriteString("groupVersion", $"{group}/{version}");
        writer.WriteString("version", version);
        writer.WriteEndObject();
    }

    private void Resources(Utf8JsonWriter writer, string group, string version)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", "APIResourceList");
        if (group.Length > 0)
        {
            writer.WriteString("apiVersion", "v1");
        }

        writer.WriteString("groupVersion", group.Length == 0 ? version : $"{group}/{version}");
        writer.WriteStartArray("resources");
        foreach (var descriptor in catalog.In(group, version))
        {
            Resource(writer, descriptor);
            foreach (var subresource in descriptor.Subresources)
            {
                SubresourceEntry(writer, descriptor, subresource);
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Resource(Utf8JsonWriter writer, ResourceDescriptor descriptor)
    {
        writer.WriteStartObject();
        writer.WriteString("name", descriptor.Plural);
        writer.WriteString("singularName", descriptor.Singular);
        writer.WriteBoolean("namespaced", descriptor.Namespaced);
        writer.WriteString("kind", descriptor.Kind);
        Texts(writer, "verbs", descriptor.Verbs);
        Texts(writer, "shortNames", descriptor.ShortNames);
        Texts(writer, "categories", descriptor.Categories);
        writer.WriteEndObject();
    }

    private static void SubresourceEntry(Utf8JsonWriter writer, ResourceDescriptor descriptor, Subresource subresource)
    {
        writer.WriteStartObject();
        writer.WriteString("name", $"{descriptor.Plural}/{subresource.Name}");
        writer.WriteString("singularName", "");
        writer.WriteBoolean("namespaced", descriptor.Namespaced);
        if (subresource.Group is not null)
        {
            writer.WriteString("group", subresource.Group);
            writer.WriteString("version", subresource.Version);
        }

        writer.WriteString("kind", subresource.Kind);
        Texts(writer, "verbs", subresource.Verbs);
        writer.WriteEndObject();
    }

    internal static void Texts(Utf8JsonWriter writer, string name, IReadOnlyCollection<string> values)
    {
        if (values.Count == 0)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}
