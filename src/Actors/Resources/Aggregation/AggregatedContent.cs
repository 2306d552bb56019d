using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Aggregation;

/// <summary>What servers behind APIServices keep in a namespace, emptied for the namespace's end.</summary>
/// <param name="transport">The connections.</param>
/// <param name="patience">For each answer.</param>
public sealed class AggregatedContent(ApiServiceTransport transport, TimeSpan patience)
{
    private const string User = "system:serviceaccount:kube-system:namespace-controller";

    /// <summary>Deletes everything that the server lists for the namespace and can delete.</summary>
    /// <returns>Null when nothing is left; otherwise what is, or why it is not known.</returns>
    public async Task<ApiStatus?> EmptyAsync(RemoteApiService service, string @namespace, CancellationToken cancellation)
    {
        using var patient = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patient.CancelAfter(patience);
        try
        {
            foreach (var resource in await DiscoverAsync(service, patient.Token).ConfigureAwait(false))
            {
                if (await EmptyAsync(service, @namespace, resource, patient.Token).ConfigureAwait(false) is { } left)
                {
                    return left;
                }
            }

            return null;
        }
        catch (HttpRequestException failed)
        {
            return ApiStatus.Unavailable($"{service.Group}/{service.Version}: {failed.GetBaseException().Message}");
        }
        catch (JsonException odd)
        {
            return ApiStatus.Unavailable($"{service.Group}/{service.Version}: {odd.Message}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ApiStatus.Unavailable($"{service.Group}/{service.Version}: context deadline exceeded");
        }
    }

    private async Task<List<(string Name, List<string> Verbs)>> DiscoverAsync(RemoteApiService service, CancellationToken cancellation)
    {
        var (_, list) = await AskAsync(service, HttpMethod.Get, service.Root, cancellation).ConfigureAwait(false);
        return
        [
            .. (list.Array("resources") ?? []).Where(resource => resource.Flag("namespaced") && !resource.Text("name").Contains('/'))
                .Select(resource => (resource.Text("name"), JsonNodes.Strings(resource, "verbs"))).Where(resource => resource.Item2.Contains("delete")),
        ];
    }

    private async Task<ApiStatus?> EmptyAsync(RemoteApiService service, string @namespace, (string Name, List<string> Verbs) resource, CancellationToken cancellation)
    {
        var path = $"{service.Root}/namespaces/{@namespace}/{resource.Name}";
        var lists = resource.Verbs.Contains("list");
        if (resource.Verbs.Contains("deletecollection"))
        {
            await AskAsync(service, HttpMethod.Delete, path, cancellation).ConfigureAwait(false);
        }
        else if (lists)
        {
            foreach (var item in Items(await AskAsync(service, HttpMethod.Get, path, cancellation).ConfigureAwait(false)))
            {
                await AskAsync(service, HttpMethod.Delete, $"{path}/{Uri.EscapeDataString(item.Object("metadata").Text("name"))}", cancellation).ConfigureAwait(false);
            }
        }

        return lists && Items(await AskAsync(service, HttpMethod.Get, path, cancellation).ConfigureAwait(false)).Count > 0
            ? ApiStatus.Unavailable($"unexpected items still remain in namespace: {@namespace} for gvr: {service.Group}/{service.Version}, Resource={resource.Name}")
            : null;
    }

    private static JsonArray Items((HttpStatusCode Code, JsonObject? Body) answer) => answer.Body.Array("items") ?? [];

    /// <summary>What is not there, or cannot be done to the whole of it, is no failure: upstream goes on as well.</summary>
    private async Task<(HttpStatusCode Code, JsonObject? Body)> AskAsync(RemoteApiService service, HttpMethod method, string path, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, $"https://{service.Host}:{service.Port}{path}");
        request.Headers.Add("X-Remote-User", User);
        request.Headers.Add("X-Remote-Group", "system:masters");
        request.Headers.Accept.ParseAdd("application/json");
        if (method == HttpMethod.Delete)
        {
            request.Content = new StringContent("""{"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background"}""", Encoding.UTF8, "application/json");
        }

        using var response = await transport.For(service).SendAsync(request, cancellation).ConfigureAwait(false);
        var text = await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode && response.StatusCode is not (HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed))
        {
            throw new HttpRequestException($"{method} {path}: {(int)response.StatusCode}");
        }

        return (response.StatusCode, response.IsSuccessStatusCode ? JsonNode.Parse(text) as JsonObject : null);
    }
}
