using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ActorOrchestrator.Host.NodeEndpoint.Sessions;

/// <summary>What a node is to do: the content of the first frame.</summary>
/// <param name="Command">Null to attach.</param>
public sealed partial record SessionStart(string[]? Command, bool Stdin, bool Stdout, bool Stderr, bool Tty)
{
    [JsonIgnore]
    public StreamSpec Streams => new(Stdin, Stdout, Stderr, Tty);

    public byte[] ToFrame() => SessionFrames.Frame(SessionChannel.Start, JsonSerializer.SerializeToUtf8Bytes(this, Format.Default.SessionStart));

    /// <exception cref="InvalidDataException">Not a start.</exception>
    public static SessionStart Read(in ReadOnlySequence<byte> content)
    {
        var reader = new Utf8JsonReader(content);
        try
        {
            return JsonSerializer.Deserialize(ref reader, Format.Default.SessionStart) ?? throw new InvalidDataException("a session must say what it wants");
        }
        catch (JsonException malformed)
        {
            throw new InvalidDataException("a session must say what it wants", malformed);
        }
    }

    [JsonSerializable(typeof(SessionStart))]
    private sealed partial class Format : JsonSerializerContext;
}
