using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Resources;
using ActorOrchestrator.Host.Api.WebSockets;
using k8s.Models;
using Microsoft.AspNetCore.Http.Features;

namespace ActorOrchestrator.Host.Api.Streams;

/// <summary><c>pods/log</c>: chooses the container, says why there is no log when there is none, and passes the node's stream through.</summary>
internal sealed class LogEndpoint(RevisionReads reads, INodeStreams nodes)
{
    public async Task GetAsync(ApiRequest request)
    {
        var options = LogOptions.Read(request);
        var snapshot = await reads.ForGetAsync(request).ConfigureAwait(false);
        if (snapshot.Find(request.Path.Key) is not { } stored)
        {
            await StatusWriter.WriteAsync(request.Http, ApiStatus.NotFound(request.Path.Key)).ConfigureAwait(false);
            return;
        }

        var pod = stored.As<V1Pod>();
        var container = PodTarget.ContainerOf(pod, options.Container);
        if (string.IsNullOrEmpty(pod.Spec.NodeName))
        {
            // Not bound yet: there is nothing that could have a log.
            request.Http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        if (WhyNoLog(pod, container, options.Previous) is { } why)
        {
            await StatusWriter.WriteAsync(request.Http, ApiStatus.BadRequest(why)).ConfigureAwait(false);
            return;
        }

        if (snapshot.Find(new ObjectKey(ResourceTypes.Nodes, "", pod.Spec.NodeName)) is not { } node)
        {
            await StatusWriter.WriteAsync(request.Http, ApiStatus.NotFound(new ObjectKey(ResourceTypes.Nodes, "", pod.Spec.NodeName))).ConfigureAwait(false);
            return;
        }

        var path = $"/containerLogs/{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}/{container}{options.Query}";
        await PassAsync(request, node, path).ConfigureAwait(false);
    }

    private async Task PassAsync(ApiRequest request, StoredObject node, string path)
    {
        var aborted = request.Http.RequestAborted;
        HttpResponseMessage answer;
        try
        {
            answer = await nodes.OpenAsync(node, path, aborted).ConfigureAwait(false);
        }
        catch (HttpRequestException failure)
        {
            var unreachable = new ApiStatus(503, "ServiceUnavailable", $"the log endpoint of node {node.Key.Name} cannot be reached: {failure.Message}");
            await StatusWriter.WriteAsync(request.Http, unreachable).ConfigureAwait(false);
            return;
        }

        using (answer)
        {
            if (!answer.IsSuccessStatusCode)
            {
                var text = (await answer.Content.ReadAsStringAsync(aborted).ConfigureAwait(false)).Trim();
                var status = (int)answer.StatusCode is 400 or 404
                    ? new ApiStatus((int)answer.StatusCode, (int)answer.StatusCode == 400 ? "BadRequest" : "NotFound", text)
                    : ApiStatus.InternalError(text);
                await StatusWriter.WriteAsync(request.Http, status).ConfigureAwait(false);
                return;
            }

            await using var stream = await answer.Content.ReadAsStreamAsync(aborted).ConfigureAwait(false);
            if (WebSocketUpgrade.IsAsked(request.Http))
            {
                await StreamSocket.ServeAsync(request.Http, stream).ConfigureAwait(false);
                return;
            }

            request.Http.Response.ContentType = "text/plain";
            request.Http.Response.Headers.Remove("Content-Length");
            request.Http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await request.Http.Response.StartAsync(aborted).ConfigureAwait(false);
            var buffer = new byte[32 * 1024];
            int read;
            while ((read = await stream.ReadAsync(buffer, aborted).ConfigureAwait(false)) > 0)
            {
                await request.Http.Response.Body.WriteAsync(buffer.AsMemory(0, read), aborted).ConfigureAwait(false);
                await request.Http.Response.Body.FlushAsync(aborted).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The kubelet's reasons (its <c>validateContainerLogStatus</c>).</summary>
    private static string? WhyNoLog(V1Pod pod, string container, bool previous)
    {
        var name = pod.Metadata.Name;
        var status = (pod.Status?.ContainerStatuses ?? [])
            .Concat(pod.Status?.InitContainerStatuses ?? [])
            .Concat(pod.Status?.EphemeralContainerStatuses ?? [])
            .FirstOrDefault(candidate => candidate.Name == container);
        if (status is null)
        {
            return $"container \"{container}\" in pod \"{name}\" is not available";
        }

        if (previous)
        {
            return status.LastState?.Terminated?.ContainerID is { Length: > 0 } ? null : $"previous terminated container \"{container}\" in pod \"{name}\" not found";
        }

        if (status.State?.Running is not null || status.State?.Terminated is not null || status.LastState?.Terminated is not null)
        {
            return null;
        }

        return status.State?.Waiting?.Reason switch
        {
            null => $"container \"{container}\" in pod \"{name}\" is waiting to start: no logs yet",
            "ErrImagePull" => $"container \"{container}\" in pod \"{name}\" is waiting to start: image can't be pulled",
            "ImagePullBackOff" => $"container \"{container}\" in pod \"{name}\" is waiting to start: trying and failing to pull image",
            var reason => $"container \"{container}\" in pod \"{name}\" is waiting to start: {reason}",
        };
    }
}
