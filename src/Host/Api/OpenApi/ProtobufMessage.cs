using System.Text;

namespace ActorOrchestrator.Host.Api.OpenApi;

/// <summary>A message in the protobuf wire format, written field by field. Enough for documents that are rendered once.</summary>
internal sealed class ProtobufMessage
{
    private const int Varint = 0;
    private const int LengthDelimited = 2;
    private readonly MemoryStream _bytes = new();

    public byte[] ToArray() => _bytes.ToArray();

    public ProtobufMessage Text(int field, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            Bytes(field, Encoding.UTF8.GetBytes(value));
        }

        return this;
    }

    public ProtobufMessage Texts(int field, IEnumerable<string> values)
    {
        foreach (var value in values)
        {
            Bytes(field, Encoding.UTF8.GetBytes(value));
        }

        return this;
    }

    public ProtobufMessage Flag(int field, bool value)
    {
        if (value)
        {
            Number(((ulong)field << 3) | Varint);
            Number(1);
        }

        return this;
    }

    /// <summary>A message that is there, even when it is empty.</summary>
    public ProtobufMessage Message(int field, ProtobufMessage? value)
    {
        if (value is not null)
        {
            Bytes(field, value._bytes.GetBuffer().AsSpan(0, (int)value._bytes.Length));
        }

        return this;
    }

    private void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Number(((ulong)field << 3) | LengthDelimited);
        Number((ulong)value.Length);
        _bytes.Write(value);
    }

    private void Number(ulong value)
    {
        while (value >= 0x80)
        {
            _bytes.WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        _bytes.WriteByte((byte)value);
    }
}
