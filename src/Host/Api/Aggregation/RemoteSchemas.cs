using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Aggregation;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Documents;
using ActorOrchestrator.Host.Api.OpenApi;

namespace ActorOrchestrator.Host.Api.Aggregation;

/// <summary>
/// <c>/openapi/v2</c> of what is served here and elsewhere together. The other servers' documents are asked for now and then; the merged one is made anew only when one of them, or our own,
/// has changed. A server that does not answer keeps the part that it had.
/// </summary>
internal sealed class RemoteSchemas(ApiServiceTransport transport, TimeProvider time)
{
    private const int MaxBytes = 32 * 1024 * 1024;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FreshFailure = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, Part> _parts = new(StringComparer.Ordinal);
    private volatile Merged? _merged;

    /// <summary>Null when no other server says anything.</summary>
    public async Task<RenderedDocument?> MergeAsync(RenderedDocument own, IReadOnlyCollection<RemoteApiService> services, bool protobuf, CancellationToken aborted)
    {
        var parts = new List<(RemoteApiService Service, Part Part)>(services.Count);
        foreach (var service in services.Where(service => service.IsAvailable).OrderBy(service => service.Root, StringComparer.Ordinal))
        {
            if (await AskAsync(service, aborted).ConfigureAwait(false) is { Document: not null } part)
            {
                parts.Add((service, part));
            }
        }

        if (parts.Count == 0)
        {
            return null;
        }

        ImmutableArray<object> sources = [own, .. parts.Select(entry => (object)entry.Part.Document!)];
        var merged = _merged;
        if (merged is null || !merged.Sources.SequenceEqual(sources, ReferenceEqualityComparer.Instance))
        {
            merged = new Merged(sources, new Lazy<JsonObject>(() => Merge(own, parts)));
            _merged = merged;
        }

        return protobuf ? merged.Protobuf.Value : merged.Json.Value;
    }

    private static JsonObject Merge(RenderedDocument own, List<(RemoteApiService Service, Part Part)> parts)
    {
        var document = JsonNode.Parse(own.Body)!.AsObject();
        foreach (var (service, part) in parts)
        {
            SchemaMerge.Add(document, part.Document!, service.Group, service.Version);
        }

        return document;
    }

    private async Task<Part> AskAsync(RemoteApiService service, CancellationToken aborted)
    {
        var now = time.GetUtcNow();
        if (_parts.TryGetValue(service.Root, out var known) && known.Until > now && ReferenceEquals(known.Of, service.Object))
        {
            return known;
        }

        var (answered, body, document) = await FetchAsync(service, aborted).ConfigureAwait(false);
        var part = answered
            ? known is not null && body.AsSpan().SequenceEqual(known.Body) ? known with { Of = service.Object, Until = now + Fresh } : new Part(service.Object, body, document, now + Fresh)
            : new Part(service.Object, known?.Body ?? [], known?.Document, now + FreshFailure);
        _parts[service.Root] = part;
        return part;
    }

    private async Task<(bool Answered, byte[] Body, JsonObject? Document)> FetchAsync(RemoteApiService service, CancellationToken aborted)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        patience.CancelAfter(Patience);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{service.Host}:{service.Port}/openapi/v2");
            request.Headers.Add("Accept", "application/json");
            request.Headers.Add("X-Remote-User", "system:aggregator");
            request.Headers.Add("X-Remote-Group", UserInfo.Masters);
            using var response = await transport.For(service).SendAsync(request, patience.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode || response.Content.Headers.ContentLength > MaxBytes)
            {
                return (false, [], null);
            }

            await response.Content.LoadIntoBufferAsync(MaxBytes, patience.Token).ConfigureAwait(false);
            var body = await response.Content.ReadAsByteArrayAsync(patience.Token).ConfigureAwait(false);
            return (true, body, JsonNode.Parse(body) as JsonObject);
        }
        catch (Exception failed) when (failed is HttpRequestException or JsonException || (failed is OperationCanceledException && !aborted.IsCancellationRequested))
        {
            // The APIService's condition tells that it is away.
            return (false, [], null);
        }
    }

    private sealed record Part(StoredObject Of, byte[] Body, JsonObject? Document, DateTimeOffset Until);

    private sealed class Merged(ImmutableArray<object> sources, Lazy<JsonObject> tree)
    {
        public ImmutableArray<object> Sources => sources;
        public Lazy<RenderedDocument> Json { get; } = new(() => RenderedDocument.Write(writer => tree.Value.WriteTo(writer, JsonSerializerOptions.Default)));
        public Lazy<RenderedDocument> Protobuf { get; } = new(() => RenderedDocument.Of(GnosticV2.Write(tree.Value), OpenApiDocuments.ProtobufV2));
    }
}
