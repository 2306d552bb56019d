using System.Buffers;
using System.Collections.Immutable;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using ActorOrchestrator.Host.Api.Streams.Spdy;

namespace ActorOrchestrator.Host.Tests.Api.Streams;

/// <summary>A client of SPDY, frame by frame: what it gets is kept by stream until somebody asks.</summary>
internal sealed class SpdyPeer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly Stream _wire;
    private readonly PipeReader _input;
    private readonly SpdyEncoder _encoder = new();
    private readonly SpdyDecoder _decoder = new();
    private readonly Dictionary<uint, MemoryStream> _said = [];
    private readonly HashSet<uint> _ended = [];
    private readonly HashSet<uint> _reset = [];
    private readonly HashSet<uint> _answered = [];
    private uint _next = 1;

    public SpdyPeer(Stream wire, string answer)
    {
        (_wire, Answer) = (wire, answer);
        _input = PipeReader.Create(_wire);
    }

    /// <summary>The head of what was answered to the request.</summary>
    public string Answer { get; }

    public bool IsClosed { get; private set; }

    public static async Task<SpdyPeer> ConnectAsync(Uri server, string path, params string[] protocols)
    {
        var socket = new TcpClient { NoDelay = true };
        await socket.ConnectAsync(server.Host, server.Port);
        var head = $"POST {path} HTTP/1.1\r\nHost: {server.Authority}\r\nX-User: admin,system:masters\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n"
            + string.Concat(protocols.Select(protocol => $"X-Stream-Protocol-Version: {protocol}\r\n")) + "\r\n";
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
        var answer = new StringBuilder();
        var one = new byte[1];
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await socket.GetStream().ReadAsync(one) > 0)
        {
            answer.Append((char)one[0]);
        }

        return new SpdyPeer(socket.GetStream(), answer.ToString());
    }

    public async Task<uint> OpenAsync(params (string Name, string Value)[] headers)
    {
        var id = _next;
        _next += 2;
        await SendAsync(new SynStream(id, 0, 0, false, false, headers.ToImmutableSortedDictionary(header => header.Name, header => header.Value, StringComparer.Ordinal)));
        await UntilAsync(() => _answered.Contains(id) || _reset.Contains(id), "the stream is answered");
        return id;
    }

    public Task SendAsync(SpdyFrame frame) => _wire.WriteAsync(_encoder.Encode(frame)).AsTask();

    public Task SendAsync(uint stream, byte[] bytes, bool fin = false) => SendAsync(new Data(stream, new ReadOnlySequence<byte>(bytes), fin));

    public async Task<byte[]> ReadToEndAsync(uint stream)
    {
        await UntilAsync(() => _ended.Contains(stream), $"stream {stream} ends");
        return Said(stream);
    }

    public async Task<string> TextAsync(uint stream) => Encoding.UTF8.GetString(await ReadToEndAsync(stream));

    public byte[] Said(uint stream) => _said.TryGetValue(stream, out var said) ? said.ToArray() : [];

    public bool WasReset(uint stream) => _reset.Contains(stream);

    public Task<bool> ClosedAsync() => UntilAsync(() => IsClosed, "the connection is closed");

    public async Task<bool> UntilAsync(Func<bool> holds, string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!holds())
        {
            if (IsClosed)
            {
                throw new EndOfStreamException($"the server closed the connection before {what}");
            }

            var read = await _input.ReadAsync(patience.Token);
            var buffer = read.Buffer;
            while (_decoder.Read(ref buffer) is { } frame)
            {
                Keep(frame);
            }

            _input.AdvanceTo(buffer.Start, buffer.End);
            IsClosed = read.IsCompleted;
        }

        return true;
    }

    public void Dispose()
    {
        _decoder.Dispose();
        _wire.Dispose();
    }

    private void Keep(SpdyFrame frame)
    {
        switch (frame)
        {
            case SynReply reply:
                _answered.Add(reply.Stream);
                break;
            case RstStream reset:
                _reset.Add(reset.Stream);
                break;
            case Data data:
                var said = _said.TryGetValue(data.Stream, out var known) ? known : _said[data.Stream] = new MemoryStream();
                foreach (var part in data.Bytes)
                {
                    said.Write(part.Span);
                }

                if (data.Fin)
                {
                    _ended.Add(data.Stream);
                }

                break;
        }
    }
}
