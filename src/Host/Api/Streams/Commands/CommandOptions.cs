using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.NodeEndpoint.Sessions;

namespace ActorOrchestrator.Host.Api.Streams.Commands;

/// <summary>The query of exec and attach as what a node is to do.</summary>
internal static class CommandOptions
{
    /// <exception cref="ApiException">400: not one stream is wanted.</exception>
    public static SessionStart Read(IQueryCollection query, bool attaches)
    {
        var tty = ConnectOptions.Flag(query, "tty");
        var (stdin, stdout) = (ConnectOptions.Flag(query, "stdin"), ConnectOptions.Flag(query, "stdout"));

        // A terminal has one output; who asks for both gets what there is.
        var stderr = ConnectOptions.Flag(query, "stderr") && !tty;
        if (!stdin && !stdout && !stderr)
        {
            throw ApiException.BadRequest("you must specify at least 1 of stdin, stdout, stderr");
        }

        return new SessionStart(attaches ? null : [.. query["command"].Select(word => word ?? "")], stdin, stdout, stderr, tty);
    }
}
