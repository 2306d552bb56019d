using System.Buffers;
using ActorOrchestrator.Host.NodeEndpoint.Sessions;

namespace ActorOrchestrator.Host.Api.Streams.Commands;

/// <summary>Who runs a command or is attached, whatever protocol it speaks.</summary>
internal interface ICommandClient
{
    /// <summary>Hands on what the client sends, until it has gone.</summary>
    Task ReadAsync(CommandInput input, CancellationToken cancellation);

    /// <summary>Hands the client a piece of stdout or stderr; waits for as long as it takes no more.</summary>
    /// <exception cref="IOException">It has gone.</exception>
    ValueTask WriteAsync(SessionChannel channel, ReadOnlySequence<byte> output, CancellationToken cancellation);

    /// <summary>Tells the client how it ended, and that there is no more.</summary>
    Task EndAsync(ReadOnlyMemory<byte> status, CancellationToken cancellation);
}
