using System.Runtime.CompilerServices;
using System.Text.Json;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema.Protobuf;
using k8s.Models;

namespace ActorOrchestrator.Host.Api.Formats;

/// <summary><c>application/vnd.kubernetes.protobuf</c> for what the API answers with.</summary>
internal static class ProtobufText
{
    /// <summary>An object that a thousand watchers see is written for the first of them and kept for the others: one place a slot, newest wins.</summary>
    private static readonly Recent?[] Slots = new Recent?[256];

    /// <summary>Whether objects of a kind have a form in protobuf.</summary>
    public static bool Supports(ResourceDescriptor descriptor) => descriptor.Model is { } model && ProtobufEncoder.Supports(model);

    /// <summary>The model of a kind that travels: the built-in ones, and those that only come and go with a subresource or a failure.</summary>
    public static Type? ModelOf(string apiVersion, string kind) => (apiVersion, kind) switch
    {
        ("v1", "Status") => typeof(V1Status),
        (_, "DeleteOptions") => typeof(V1DeleteOptions),
        ("policy/v1", "Eviction") => typeof(V1Eviction),
        ("autoscaling/v1", "Scale") => typeof(V1Scale),
        ("authentication.k8s.io/v1", "TokenRequest") => typeof(Authenticationv1TokenRequest),
        _ => ResourceCatalog.BuiltIn.FindKind(apiVersion, kind)?.Model,
    };

    /// <summary>Any object by what it says of itself; null when its kind has no form in protobuf.</summary>
    public static byte[]? Write(ReadOnlySpan<byte> json)
    {
        var (apiVersion, kind) = KindOf(json);
        if (kind == "PartialObjectMetadata")
        {
            using var partial = new ProtobufEncoder();
            partial.Metadata(apiVersion, MetadataView.MetadataOf(json));
            return partial.Written.ToArray();
        }

        if (ModelOf(apiVersion, kind) is not { } model || !ProtobufEncoder.Supports(model))
        {
            return null;
        }

        using var encoder = new ProtobufEncoder();
        encoder.Object(apiVersion, kind, model, json);
        return encoder.Written.ToArray();
    }

    /// <summary>A stored object, for a watch.</summary>
    public static byte[] Write(ResourceDescriptor descriptor, StoredObject obj)
    {
        ref var slot = ref Slots[RuntimeHelpers.GetHashCode(obj) & (Slots.Length - 1)];
        if (Volatile.Read(ref slot) is { } recent && ReferenceEquals(recent.Object, obj) && recent.ApiVersion == descriptor.ApiVersion)
        {
            return recent.Bytes;
        }

        using var encoder = new ProtobufEncoder();
        encoder.Object(descriptor.ApiVersion, descriptor.Kind, descriptor.Model!, obj.Utf8.Span);
        var bytes = encoder.Written.ToArray();
        Volatile.Write(ref slot, new Recent(obj, descriptor.ApiVersion, bytes));
        return bytes;
    }

    private static (string ApiVersion, string Kind) KindOf(ReadOnlySpan<byte> json)
    {
        string apiVersion = "", kind = "";
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while ((apiVersion.Length == 0 || kind.Length == 0) && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isVersion, isKind) = (reader.ValueTextEquals("apiVersion"u8), reader.ValueTextEquals("kind"u8));
            reader.Read();
            if (isVersion || isKind)
            {
                var text = reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
                (apiVersion, kind) = isVersion ? (text, kind) : (apiVersion, text);
            }

            reader.Skip();
        }

        return (apiVersion, kind);
    }

    private sealed record Recent(StoredObject Object, string ApiVersion, byte[] Bytes);
}
