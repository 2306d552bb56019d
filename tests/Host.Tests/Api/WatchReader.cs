using System.Text.Json.Nodes;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>A watch as a client follows it, event by event.</summary>
internal sealed class WatchReader(HttpResponseMessage response, StreamReader lines) : IAsyncDisposable
{
    public static async Task<WatchReader> OpenAsync(ApiHost api, string path)
    {
        var response = await api.Client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        Assert.True(response.IsSuccessStatusCode);
        return new WatchReader(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    public async Task<JsonObject> NextEventAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var line = await lines.ReadLineAsync(patience.Token);
        return JsonNode.Parse(line ?? throw new EndOfStreamException("the watch has ended"))!.AsObject();
    }

    public ValueTask DisposeAsync()
    {
        lines.Dispose();
        response.Dispose();
        return ValueTask.CompletedTask;
    }
}
