using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;

namespace ActorOrchestrator.Actors.Resources.Webhooks;

/// <summary>A webhook could not be asked, or its answer not be read.</summary>
public sealed class WebhookException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Asks webhooks that a configuration names (<c>clientConfig</c>), with the state of this host to find services in.</summary>
public sealed class WebhookClient(IClusterReader reader)
{
    private readonly WebhookCaller _caller = new();

    /// <summary>Sends a JSON document and reads the answer as one.</summary>
    /// <param name="config">A <c>clientConfig</c>: <c>url</c> or <c>service</c>, and <c>caBundle</c>.</param>
    /// <param name="body">What is sent.</param>
    /// <param name="timeout">For the whole of it.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="WebhookException">It did not answer, or not with a JSON object.</exception>
    public async Task<JsonObject> CallAsync(JsonObject config, JsonObject body, TimeSpan timeout, CancellationToken cancellation)
    {
        var target = WebhookTarget.From(config) ?? throw new WebhookException($"\"{config.Text("url")}\" is no https URL");
        try
        {
            return await _caller.PostAsync(target, body, timeout, reader.Current, cancellation).ConfigureAwait(false);
        }
        catch (WebhookCallException failed)
        {
            throw new WebhookException(failed.Message, failed);
        }
    }
}
