using System.Globalization;
using ActorOrchestrator.Actors.NodeAgent.Containers;

namespace ActorOrchestrator.Host.NodeEndpoint;

/// <summary>A container's output from the engine, with the kubelet's query parameters: follow, previous, timestamps, tailLines, sinceSeconds, sinceTime, limitBytes.</summary>
internal sealed class ContainerLogs(IContainerEngine engine, PodContainers containers, TimeProvider time)
{
    public async Task ServeAsync(HttpContext http)
    {
        var (ns, pod, container) = (Route(http, "ns"), Route(http, "pod"), Route(http, "container"));
        var query = http.Request.Query;
        LogRequest request;
        long? limit;
        try
        {
            limit = Number(query, "limitBytes");
            request = new LogRequest(
                Flag(query, "follow"),
                Flag(query, "timestamps"),
                Number(query, "tailLines") is { } tail ? (int)Math.Min(tail, int.MaxValue) : null,
                Number(query, "sinceSeconds") is { } seconds ? time.GetUtcNow() - TimeSpan.FromSeconds(seconds)
                    : query["sinceTime"].FirstOrDefault() is { Length: > 0 } since ? DateTimeOffset.Parse(since, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)
                    : null);
        }
        catch (FormatException malformed)
        {
            await PlainAnswer.WriteAsync(http, StatusCodes.Status400BadRequest, malformed.Message);
            return;
        }

        var aborted = http.RequestAborted;
        try
        {
            if (await containers.FindAsync(ns, pod, container, Flag(query, "previous"), aborted) is not { } found)
            {
                var what = Flag(query, "previous") ? "previous terminated container" : "container";
                await PlainAnswer.WriteAsync(http, StatusCodes.Status404NotFound, $"{what} \"{container}\" in pod \"{pod}\" not found");
                return;
            }

            http.Response.ContentType = "text/plain";
            await http.Response.StartAsync(aborted);
            await using var body = new LimitedStream(http.Response.Body, limit ?? long.MaxValue);
            await engine.CopyLogsAsync(found.Id, request, body, aborted);
        }
        catch (LimitReachedException)
        {
            // As many bytes as were asked for have been sent.
        }
        catch (EngineException failed) when (!http.Response.HasStarted)
        {
            await PlainAnswer.WriteAsync(http, failed.Failure == EngineFailure.NotFound ? StatusCodes.Status404NotFound : StatusCodes.Status500InternalServerError, failed.Message);
        }
        catch (OperationCanceledException) when (aborted.IsCancellationRequested)
        {
            // The reader has gone.
        }
    }

    private static string Route(HttpContext http, string name) => (string?)http.Request.RouteValues[name] ?? "";

    private static bool Flag(IQueryCollection query, string name) => query[name].FirstOrDefault() is "true" or "1";

    private static long? Number(IQueryCollection query, string name) =>
        query[name].FirstOrDefault() is not { Length: > 0 } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new FormatException($"{name} must be a number, not \"{text}\"");

    private sealed class LimitReachedException : Exception;

    /// <summary>Passes so many bytes on and then says that it is enough.</summary>
    private sealed class LimitedStream(Stream inner, long limit) : Stream
    {
        private long _left = limit;

        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var part = buffer[..(int)Math.Min(buffer.Length, _left)];
            _left -= part.Length;
            await inner.WriteAsync(part, cancellationToken);
            if (_left == 0)
            {
                await inner.FlushAsync(cancellationToken);
                throw new LimitReachedException();
            }
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override void Flush() => throw new NotSupportedException("This stream is written asynchronously.");
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("This stream is written asynchronously.");
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
