using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ActorOrchestrator.Host.Console.Cmd;

/// <summary>
/// The wire between <c>pbm</c> and the host: frames of a four-byte big-endian length and that many bytes of JSON.
///
///   server: Welcome(nonce, needs token)      client: Hello(proof)         server: Offer
///   client: Run(palette, command, arguments) server: Response* (the last is final)
///   client: Cancel                           ends the running command; the server answers a final Response
///
/// With a token the proof is HMAC-SHA256(token, nonce): the token itself never crosses the wire.
/// </summary>
public static class CmdProtocol
{
    public const int Version = 1;

    /// <summary>The largest frame either side accepts; longer answers are split by the host.</summary>
    public const int MaxFrame = 1 << 20;

    private static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };

    [JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
    [JsonDerivedType(typeof(Welcome), "welcome")]
    [JsonDerivedType(typeof(Hello), "hello")]
    [JsonDerivedType(typeof(Offer), "offer")]
    [JsonDerivedType(typeof(Run), "run")]
    [JsonDerivedType(typeof(Cancel), "cancel")]
    [JsonDerivedType(typeof(Response), "response")]
    public abstract record Message;

    public sealed record Welcome(int Version, string Nonce, bool NeedsToken) : Message;

    public sealed record Hello(int Version, string Proof) : Message;

    public sealed record Offer(ImmutableArray<PaletteDto> Palettes) : Message;

    public sealed record PaletteDto(string Name, ImmutableArray<CommandDefinition> Commands);

    public sealed record Run(string Palette, string Command, ImmutableArray<ArgumentDto> Arguments) : Message;

    public sealed record ArgumentDto(string Name, string Value);

    public sealed record Cancel : Message;

    public sealed record Response(string Text, bool Final, bool Error) : Message;

    public static string Prove(string token, string nonce) =>
        Convert.ToHexString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(nonce)));

    public static async Task WriteAsync(Stream stream, Message message, CancellationToken cancellation)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(message, Json);
        var frame = new byte[4 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, body.Length);
        body.CopyTo(frame, 4);
        await stream.WriteAsync(frame, cancellation).ConfigureAwait(false);
        await stream.FlushAsync(cancellation).ConfigureAwait(false);
    }

    /// <returns>Null when the other side closed the connection.</returns>
    /// <exception cref="InvalidDataException">The bytes are not this protocol's.</exception>
    public static async Task<Message?> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var head = new byte[4];
        var read = await stream.ReadAtLeastAsync(head, 4, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        if (read == 0)
        {
            return null;
        }

        var length = read == 4 ? BinaryPrimitives.ReadInt32BigEndian(head) : -1;
        if (length is <= 0 or > MaxFrame)
        {
            throw new InvalidDataException($"A frame of {length} bytes is not of the pbm protocol (1 to {MaxFrame}).");
        }

        var body = new byte[length];
        await stream.ReadExactlyAsync(body, cancellation).ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize<Message>(body, Json);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"A frame is not a message of the pbm protocol: {exception.Message}", exception);
        }
    }
}
