namespace ActorOrchestrator.Host.Api.Documents;

/// <summary>What the server says about itself: discovery, schema, version. Several sources stand in a row.</summary>
public interface IApiDocuments
{
    /// <summary>Answers a GET; null when the path is not one of this source's.</summary>
    Task? Serve(HttpContext context, string path);
}
