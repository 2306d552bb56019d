using System.Collections.Immutable;
using System.Net.Sockets;
using static ActorOrchestrator.Host.Console.Cmd.CmdProtocol;

namespace ActorOrchestrator.Host.Console.Client;

/// <summary>A console's connection to a host.</summary>
internal sealed class PbmConnection : IDisposable
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(5);
    private readonly TcpClient _client;
    private readonly NetworkStream _stream;

    private PbmConnection(TcpClient client, ImmutableArray<CommandPalette> palettes)
    {
        _client = client;
        _stream = client.GetStream();
        Palettes = palettes;
    }

    /// <summary>What the host can do, downloaded when the connection was made.</summary>
    public ImmutableArray<CommandPalette> Palettes { get; }

    /// <exception cref="PbmException">Nobody listens there, or it is not a host of ours, or the token is wrong; the message is for the user.</exception>
    public static async Task<PbmConnection> OpenAsync(string host, int port, string? token, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(ConnectPatience);
        var client = new TcpClient();
        try
        {
            await client.ConnectAsync(host, port, patience.Token).ConfigureAwait(false);
            var stream = client.GetStream();
            if (await ReadAsync(stream, patience.Token).ConfigureAwait(false) is not Welcome welcome)
            {
                throw new PbmException($"What listens on {host}:{port} is not an orchestrator's console.");
            }

            if (welcome.NeedsToken && token is null)
            {
                throw new PbmException($"{host}:{port} asks for a token: give its file with --token-file, or the token in PBM_TOKEN.");
            }

            await WriteAsync(stream, new Hello(CmdProtocol.Version, token is null ? "" : Prove(token, welcome.Nonce)), patience.Token).ConfigureAwait(false);
            return await ReadAsync(stream, patience.Token).ConfigureAwait(false) is Offer offer
                ? new PbmConnection(client, [.. offer.Palettes.Select(palette => new CommandPalette(palette.Name, palette.Commands))])
                : throw new PbmException($"{host}:{port} refused the token, or is of another version than this pbm ({welcome.Version} there, {CmdProtocol.Version} here).");
        }
        catch (Exception exception) when (exception is SocketException or IOException or InvalidDataException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            client.Dispose();
            throw new PbmException(exception switch
            {
                OperationCanceledException => $"{host}:{port} did not answer within {ConnectPatience.TotalSeconds:0} s.",
                SocketException { SocketErrorCode: SocketError.ConnectionRefused } => $"Nothing listens on {host}:{port}. Is the orchestrator up? (./up)",
                _ => $"{host}:{port}: {exception.Message}",
            });
        }
        catch (PbmException)
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Runs a command and prints its answers as they come; <paramref name="interrupt"/> ends a stream.</summary>
    /// <returns>0, 1 after an error, 130 when it was interrupted.</returns>
    public async Task<int> RunAsync(Command command, TextWriter output, TextWriter errors, CancellationToken interrupt)
    {
        await WriteAsync(_stream, new Run(command.Palette, command.Name, [.. command.Arguments.Select(argument => new ArgumentDto(argument.Name, argument.Value))]), CancellationToken.None).ConfigureAwait(false);
        await using var cancelling = interrupt.Register(() => _ = WriteAsync(_stream, new Cancel(), CancellationToken.None));
        while (await ReadAsync(_stream, CancellationToken.None).ConfigureAwait(false) is Response response)
        {
            var target = response.Error ? errors : output;
            if (response.Text.Length > 0)
            {
                await target.WriteLineAsync(response.Text).ConfigureAwait(false);
                await target.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            }

            if (response.Final)
            {
                return interrupt.IsCancellationRequested ? 130 : response.Error ? 1 : 0;
            }
        }

        throw new PbmException("The host closed the connection.");
    }

    public void Dispose()
    {
        _stream.Dispose();
        _client.Dispose();
    }
}

/// <summary>What went wrong, in words for the user.</summary>
internal sealed class PbmException(string message) : Exception(message);
