using System.Threading.Channels;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Host.NodeEndpoint.Sessions;

namespace ActorOrchestrator.Host.Tests.Api.Streams;

/// <summary>
/// A container in which every command says its own words on stderr, then repeats its input on stdout until that ends, and exits with the code that its first word names, if it names one.
/// A terminal's size is said as a line.
/// </summary>
internal sealed class EchoSessions : IContainerSessions
{
    public int Abandoned { get; private set; }

    public Task<IContainerSession> ExecAsync(string id, CommandSpec command, CancellationToken cancellation) =>
        command.Words.Count == 0 ? throw new EngineException(EngineFailure.Refused, "No exec command specified") : Task.FromResult<IContainerSession>(new Session(this, command));

    public Task<IContainerSession> AttachAsync(string id, StreamSpec streams, CancellationToken cancellation) =>
        Task.FromResult<IContainerSession>(new Session(this, new CommandSpec([], streams)));

    private sealed class Session : IContainerSession
    {
        private readonly EchoSessions _owner;
        private readonly CommandSpec _command;
        private readonly Channel<(byte[] Bytes, bool IsError)> _said = Channel.CreateBounded<(byte[], bool)>(2);

        public Session(EchoSessions owner, CommandSpec command)
        {
            (_owner, _command) = (owner, command);
            if (command.Streams.Stderr && command.Words.Count > 0)
            {
                _said.Writer.TryWrite((System.Text.Encoding.UTF8.GetBytes(string.Join(' ', command.Words)), true));
            }

            if (!command.Streams.Stdin)
            {
                CloseInput();
            }
        }

        public async ValueTask<SessionOutput> ReadAsync(ArraySegment<byte> buffer, CancellationToken cancellation)
        {
            if (!await _said.Reader.WaitToReadAsync(cancellation) || !_said.Reader.TryRead(out var said))
            {
                return default;
            }

            said.Bytes.CopyTo(buffer.AsSpan());
            return new SessionOutput(said.Bytes.Length, said.IsError);
        }

        public async ValueTask WriteAsync(ArraySegment<byte> input, CancellationToken cancellation)
        {
            foreach (var piece in input.Chunk(16 * 1024))
            {
                await _said.Writer.WriteAsync((piece, false), cancellation);
            }
        }

        public void CloseInput() => _said.Writer.TryComplete();

        public async Task ResizeAsync(TerminalSize size, CancellationToken cancellation) =>
            await _said.Writer.WriteAsync((System.Text.Encoding.UTF8.GetBytes($"{size.Width}x{size.Height}\n"), false), cancellation);

        public Task<int?> ExitCodeAsync(CancellationToken cancellation) =>
            Task.FromResult<int?>(_command.Words.Count == 0 ? null : int.TryParse(_command.Words[0], out var code) ? code : 0);

        public Task AbandonAsync()
        {
            _owner.Abandoned++;
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
