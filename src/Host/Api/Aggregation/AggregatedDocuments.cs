using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Aggregation;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Discovery;
using ActorOrchestrator.Host.Api.Documents;
using ActorOrchestrator.Host.Api.OpenApi;

namespace ActorOrchestrator.Host.Api.Aggregation;

/// <summary>
/// Discovery of what is served here and elsewhere together. What another server serves is asked of it and kept for a short while; a server that does
/// not answer is listed as stale.
/// </summary>
internal sealed class AggregatedDocuments(RemoteApiServices services, ApiServiceTransport transport, CatalogDocuments own, RemoteSchemas schemas, TimeProvider time) : IApiDocuments
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, Answer> _answers = new(StringComparer.Ordinal);

    public Task? Serve(HttpContext context, string path)
    {
        if (services.Current.IsEmpty)
        {
            return null;
        }

        var plain = path.TrimEnd('/');
        var accept = context.Request.Headers.Accept.ToString();
        return plain switch
        {
            "/apis" when DiscoveryDocuments.AggregatedVersion(accept) is not null => AllAsync(context, accept),
            "/apis" => WriteAsync(context, plain, accept, AddGroups),
            "/openapi/v2" => SchemasAsync(context, accept),
            "/openapi/v3" => WriteAsync(context, plain, accept, AddSchemas),
            _ when plain.StartsWith("/apis/", StringComparison.Ordinal) && services.Current.Any(service => service.Group == plain[6..]) => GroupAsync(context, plain),
            _ => null,
        };
    }

    private Task WriteAsync(HttpContext context, string path, string accept, Action<JsonObject> add)
    {
        var document = own.Find(path, accept)!;
        var tree = JsonNode.Parse(document.Body)!.AsObject();
        add(tree);
        return Write(context, tree, document.ContentType);
    }

    private static Task Write(HttpContext context, JsonObject tree, string contentType) =>
        CatalogDocuments.WriteAsync(context, RenderedDocument.Of(JsonSerializer.SerializeToUtf8Bytes(tree), contentType));

    private Task GroupAsync(HttpContext context, string path)
    {
        var group = path[6..];
        var tree = own.Find(path, "") is { } document ? JsonNode.Parse(document.Body)!.AsObject() : new JsonObject { ["kind"] = "APIGroup", ["apiVersion"] = "v1" };
        foreach (var service in Ordered().Where(service => service.Group == group))
        {
            AddVersion(tree, service);
        }

        return Write(context, tree, RenderedDocument.Json);
    }

    private IEnumerable<RemoteApiService> Ordered() =>
        services.Current.OrderByDescending(service => service.GroupPriority).ThenBy(service => service.Group, StringComparer.Ordinal).ThenByDescending(service => service.VersionPriority);

    private void AddGroups(JsonObject list)
    {
        var groups = list.Array("groups") ?? [];
        list["groups"] ??= groups;
        foreach (var service in Ordered())
        {
            var group = groups.OfType<JsonObject>().FirstOrDefault(item => JsonNodes.Text(item, "name") == service.Group);
            if (group is null)
            {
                group = [];
                groups.Add((JsonNode)group);
            }

            AddVersion(group, service);
        }
    }

    private static void AddVersion(JsonObject group, RemoteApiService service)
    {
        group["name"] = service.Group;
        var versions = group.Array("versions") ?? [];
        group["versions"] ??= versions;
        if (versions.All(version => JsonNodes.Text(version, "version") != service.Version))
        {
            versions.Add((JsonNode)Version(service));
        }

        group["preferredVersion"] ??= Version(service);
    }

    private static JsonObject Version(RemoteApiService service) => new() { ["groupVersion"] = $"{service.Group}/{service.Version}", ["version"] = service.Version };

    private void AddSchemas(JsonObject index)
    {
        var paths = index.Ensure("paths");
        foreach (var service in services.Current.Where(service => service.IsAvailable))
        {
            paths[service.Root[1..]] = new JsonObject { ["serverRelativeURL"] = "/openapi/v3" + service.Root };
        }
    }

    private async Task SchemasAsync(HttpContext context, string accept)
    {
        // Without a word of theirs our own document goes out as it is.
        var document = await schemas.MergeAsync(own.Find("/openapi/v2", "")!, services.Current, OpenApiDocuments.WantsProtobuf(accept), context.RequestAborted).ConfigureAwait(false)
            ?? own.Find("/openapi/v2", accept)!;
        await CatalogDocuments.WriteAsync(context, document).ConfigureAwait(false);
    }

    private async Task AllAsync(HttpContext context, string accept)
    {
        var document = own.Find("/apis", accept)!;
        var tree = JsonNode.Parse(document.Body)!.AsObject();
        var items = tree.Array("items")!;
        foreach (var service in Ordered())
        {
            var group = items.OfType<JsonObject>().FirstOrDefault(item => JsonNodes.Text(item.Object("metadata"), "name") == service.Group);
            if (group is null)
            {
                group = new JsonObject { ["metadata"] = new JsonObject { ["name"] = service.Group, ["creationTimestamp"] = null }, ["versions"] = new JsonArray() };
                items.Add((JsonNode)group);
            }

            var list = await AskAsync(service, context.RequestAborted).ConfigureAwait(false);
            var version = new JsonObject { ["version"] = service.Version, ["resources"] = Resources(service, list), ["freshness"] = list is null ? "Stale" : "Current" };
            var versions = group.Array("versions")!;
            if (versions.FirstOrDefault(item => JsonNodes.Text(item, "version") == service.Version) is { } local)
            {
                versions[versions.IndexOf(local)] = version;
            }
            else
            {
                versions.Add((JsonNode)version);
            }
        }

        await Write(context, tree, document.ContentType).ConfigureAwait(false);
    }

    /// <summary>A plain list of resources in the form of the aggregated one.</summary>
    private static JsonArray Resources(RemoteApiService service, JsonObject? list)
    {
        var resources = new JsonArray();
        var byName = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var item in (list.Array("resources") ?? []).OfType<JsonObject>().OrderBy(item => JsonNodes.Text(item, "name"), StringComparer.Ordinal))
        {
            var name = JsonNodes.Text(item, "name");
            var kind = new JsonObject
            {
                ["group"] = JsonNodes.Text(item, "group") is { Length: > 0 } group ? group : service.Group,
                ["version"] = JsonNodes.Text(item, "version") is { Length: > 0 } version ? version : service.Version,
                ["kind"] = JsonNodes.Text(item, "kind"),
            };
            if (name.Split('/') is [var parent, var sub])
            {
                if (byName.TryGetValue(parent, out var holder))
                {
                    var below = holder.Array("subresources") ?? [];
                    holder["subresources"] ??= below;
                    below.Add((JsonNode)Entry(item, new JsonObject { ["subresource"] = sub, ["responseKind"] = kind }, "verbs"));
                }

                continue;
            }

            var resource = Entry(item, new JsonObject
            {
                ["resource"] = name,
                ["responseKind"] = kind,
                ["scope"] = item.Flag("namespaced") ? "Namespaced" : "Cluster",
                ["singularResource"] = JsonNodes.Text(item, "singularName"),
            }, "verbs", "shortNames", "categories");
            byName[name] = resource;
            resources.Add((JsonNode)resource);
        }

        return resources;
    }

    private static JsonObject Entry(JsonObject item, JsonObject entry, params ReadOnlySpan<string> lists)
    {
        foreach (var list in lists)
        {
            if (item[list] is JsonArray values)
            {
                entry[list] = values.DeepClone();
            }
        }

        return entry;
    }

    private async Task<JsonObject?> AskAsync(RemoteApiService service, CancellationToken aborted)
    {
        var now = time.GetUtcNow();
        if (_answers.TryGetValue(service.Root, out var known) && known.Until > now && ReferenceEquals(known.Of, service.Object))
        {
            return known.List;
        }

        var list = service.IsAvailable ? await FetchAsync(service, aborted).ConfigureAwait(false) : null;
        _answers[service.Root] = new Answer(service.Object, list, now + Fresh);
        return list;
    }

    private async Task<JsonObject?> FetchAsync(RemoteApiService service, CancellationToken aborted)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        patience.CancelAfter(Patience);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{service.Host}:{service.Port}{service.Root}");
            request.Headers.Add("Accept", "application/json");
            request.Headers.Add("X-Remote-User", "system:kube-aggregator");
            request.Headers.Add("X-Remote-Group", UserInfo.Masters);
            using var response = await transport.For(service).SendAsync(request, patience.Token).ConfigureAwait(false);
            var body = await response.Content.ReadAsByteArrayAsync(patience.Token).ConfigureAwait(false);
            return response.IsSuccessStatusCode ? JsonNode.Parse(body) as JsonObject : null;
        }
        catch (Exception failed) when (failed is HttpRequestException or JsonException || (failed is OperationCanceledException && !aborted.IsCancellationRequested))
        {
            // The document says itself that this server's part is stale.
            return null;
        }
    }

    private sealed record Answer(StoredObject Of, JsonObject? List, DateTimeOffset Until);
}
