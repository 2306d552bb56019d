using System.IO.Pipelines;

namespace ActorOrchestrator.Host.Tests.Api.Streams;

/// <summary>Two ends of one connection in memory, with room for as much as a socket would hold.</summary>
internal static class PipePair
{
    public static (IDuplexPipe Here, IDuplexPipe There) Create()
    {
        var options = new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024, useSynchronizationContext: false);
        var (up, down) = (new Pipe(options), new Pipe(options));
        return (new End(down.Reader, up.Writer), new End(up.Reader, down.Writer));
    }

    private sealed record End(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
