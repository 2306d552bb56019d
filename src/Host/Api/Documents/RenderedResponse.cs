using Microsoft.Net.Http.Headers;

namespace ActorOrchestrator.Host.Api.Documents;

/// <summary>Sends a rendered document, or 304 to a client that has it.</summary>
internal static class RenderedResponse
{
    public static Task WriteAsync(HttpContext context, RenderedDocument document, bool forEver = false)
    {
        var response = context.Response;
        response.Headers[HeaderNames.ETag] = document.ETag;
        response.Headers[HeaderNames.Vary] = "Accept";
        response.Headers[HeaderNames.CacheControl] = forEver ? "public, immutable" : "no-cache, private";
        if (document.Matches(context.Request.Headers[HeaderNames.IfNoneMatch].ToString()))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentType = document.ContentType;
        response.ContentLength = document.Body.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(document.Body, context.RequestAborted).AsTask();
    }
}
