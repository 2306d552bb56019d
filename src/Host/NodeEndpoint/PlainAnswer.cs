namespace ActorOrchestrator.Host.NodeEndpoint;

/// <summary>Why not, as a line of text.</summary>
internal static class PlainAnswer
{
    public static async Task WriteAsync(HttpContext http, int status, string text)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain";
        await http.Response.WriteAsync(text + "\n", http.RequestAborted);
    }
}
