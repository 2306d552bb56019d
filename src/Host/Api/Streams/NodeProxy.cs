using System.Globalization;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;
using k8s.Models;

namespace ActorOrchestrator.Host.Api.Streams;

/// <summary>
/// <c>nodes/NAME/proxy</c>: hands a reading request to the node's own endpoint, over the connection that only the control plane has. Another port of the node
/// than its endpoint's is reached without it, as upstream has it.
/// </summary>
internal sealed class NodeProxy(INodeStreams nodes, ProxyForwarder forwarder)
{
    private const string Kubelet = "10250";

    /// <param name="http">The request; it has been authorized.</param>
    /// <param name="node">The Node object.</param>
    /// <param name="aim">Which port of it.</param>
    /// <param name="rest">What of the path is the node's own.</param>
    public Task ServeAsync(HttpContext http, StoredObject node, ProxyTarget aim, string rest)
    {
        var status = node.As<V1Node>().Status;
        var own = status?.DaemonEndpoints?.KubeletEndpoint?.Port.ToString(CultureInfo.InvariantCulture) ?? Kubelet;
        if (aim.Port.Length == 0 || aim.Port == own)
        {
            return HttpMethods.IsGet(http.Request.Method)
                ? PassAsync(http, node, (rest.Length == 0 ? "/" : rest) + http.Request.QueryString.Value)
                : StatusWriter.WriteAsync(http, RequestStatuses.MethodNotAllowed);
        }

        var address = status?.Addresses?.FirstOrDefault(candidate => candidate.Type == "InternalIP")?.Address;
        return address is not null && Uri.TryCreate($"{aim.Scheme}://{address}:{aim.Port}", UriKind.Absolute, out var location)
            ? forwarder.ForwardAsync(http, location, rest)
            : StatusWriter.WriteAsync(http, ApiStatus.BadRequest($"node {node.Key.Name} has no address with the port \"{aim.Port}\""));
    }

    private async Task PassAsync(HttpContext http, StoredObject node, string pathAndQuery)
    {
        HttpResponseMessage answer;
        try
        {
            answer = await nodes.OpenAsync(node, pathAndQuery, http.RequestAborted).ConfigureAwait(false);
        }
        catch (HttpRequestException failure)
        {
            await StatusWriter.WriteAsync(http, ApiStatus.Unavailable($"error trying to reach service: {failure.Message}")).ConfigureAwait(false);
            return;
        }

        using (answer)
        {
            http.Response.StatusCode = (int)answer.StatusCode;
            http.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
            http.Response.ContentLength = answer.Content.Headers.ContentLength;
            await answer.Content.CopyToAsync(http.Response.Body, http.RequestAborted).ConfigureAwait(false);
        }
    }
}
