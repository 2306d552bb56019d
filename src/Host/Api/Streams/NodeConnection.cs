namespace ActorOrchestrator.Host.Api.Streams;

/// <summary>Both directions of one conversation with a node, each with an end of its own. Disposing it ends what it was about on the node too.</summary>
/// <param name="status">What the node answered; unless it is 200 the output says why in words, and there is no conversation.</param>
/// <param name="input">To the node; flush what it is to see.</param>
/// <param name="output">From the node.</param>
/// <param name="endInput">Nothing more is said to the node, which may go on.</param>
/// <param name="close">What is given back at the end.</param>
public sealed class NodeConnection(int status, Stream input, Stream output, Action endInput, Action close) : IAsyncDisposable
{
    private const int LongestReason = 4096;

    public int Status => status;

    public bool IsOpen => status == StatusCodes.Status200OK;

    public Stream Input => input;

    public Stream Output => output;

    public void EndInput() => endInput();

    /// <summary>Why there is no conversation.</summary>
    public async Task<string> ReasonAsync(CancellationToken cancellation)
    {
        var text = new byte[LongestReason];
        var read = await output.ReadAtLeastAsync(text, text.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        return System.Text.Encoding.UTF8.GetString(text, 0, read).Trim();
    }

    public ValueTask DisposeAsync()
    {
        endInput();
        close();
        return ValueTask.CompletedTask;
    }
}
