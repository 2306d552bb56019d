using System.Buffers;
using System.Text;
using System.Text.Json;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Formats;

/// <summary><c>PartialObjectMetadata</c>: an object's metadata, cut out of its bytes.</summary>
internal static class MetadataView
{
    public static void Write(IBufferWriter<byte> output, StoredObject obj, string version)
    {
        output.Write("{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/"u8);
        output.Write(version == "v1" ? "v1"u8 : "v1beta1"u8);
        output.Write("\",\"metadata\":"u8);
        output.Write(MetadataOf(obj.Utf8.Span));
        output.Write("}"u8);
    }

    public static byte[] Write(StoredObject obj, string version)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        Write(buffer, obj, version);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The bytes of the top-level <c>metadata</c>.</summary>
    public static ReadOnlySpan<byte> MetadataOf(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals("metadata"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (found)
            {
                return utf8[start..(int)reader.BytesConsumed];
            }
        }

        return Encoding.UTF8.GetBytes("{}");
    }
}
