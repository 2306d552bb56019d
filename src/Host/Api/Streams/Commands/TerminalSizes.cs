using System.Text.Json;
using ActorOrchestrator.Host.NodeEndpoint.Sessions;

namespace ActorOrchestrator.Host.Api.Streams.Commands;

/// <summary>Sizes of a terminal as clients send them: <c>{"Width":80,"Height":24}</c> one after the other, cut anywhere. After the first that is none, nothing is read any more, as upstream.</summary>
internal sealed class TerminalSizes
{
    private const int Longest = 1024;
    private readonly byte[] _pending = new byte[Longest];
    private int _length;
    private bool _broken;

    public IEnumerable<TerminalSize> Push(ReadOnlyMemory<byte> bytes)
    {
        for (var i = 0; i < bytes.Length && !_broken; i++)
        {
            if (_length == Longest)
            {
                _broken = true;
                yield break;
            }

            var next = bytes.Span[i];
            _pending[_length++] = next;
            if (next != '}')
            {
                continue;
            }

            var size = Read(_pending.AsSpan(0, _length));
            _length = 0;
            if (size is { } read)
            {
                yield return read;
            }
            else
            {
                _broken = true;
            }
        }
    }

    private static TerminalSize? Read(ReadOnlySpan<byte> text)
    {
        try
        {
            var reader = new Utf8JsonReader(text);
            using var read = JsonDocument.ParseValue(ref reader);
            if (read.RootElement.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            ushort width = 0, height = 0;
            foreach (var member in read.RootElement.EnumerateObject())
            {
                // Go's reader takes any case.
                if (member.Name.Equals("Width", StringComparison.OrdinalIgnoreCase))
                {
                    width = member.Value.GetUInt16();
                }
                else if (member.Name.Equals("Height", StringComparison.OrdinalIgnoreCase))
                {
                    height = member.Value.GetUInt16();
                }
            }

            return new TerminalSize(width, height);
        }
        catch (Exception malformed) when (malformed is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }
}
