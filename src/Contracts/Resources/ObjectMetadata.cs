using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace ActorOrchestrator.Contracts.Resources;

/// <summary>An entry of <c>metadata.ownerReferences</c>.</summary>
public sealed record OwnerReference(string ApiVersion, string Kind, string Name, string Uid, bool Controller, bool BlockOwnerDeletion);

/// <summary>
/// The part of <c>metadata</c> that selection, ownership and deletion need, read straight from the stored bytes
/// without building a model of the whole object.
/// </summary>
public sealed record ObjectMetadata
{
    public required string Name { get; init; }
    public string Namespace { get; init; } = "";
    public string Uid { get; init; } = "";
    public string GenerateName { get; init; } = "";
    public long Generation { get; init; }
    public DateTimeOffset? CreationTimestamp { get; init; }
    public DateTimeOffset? DeletionTimestamp { get; init; }
    public long? DeletionGracePeriodSeconds { get; init; }
    public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;
    public ImmutableDictionary<string, string> Annotations { get; init; } = ImmutableDictionary<string, string>.Empty;
    public ImmutableArray<OwnerReference> OwnerReferences { get; init; } = [];
    public ImmutableArray<string> Finalizers { get; init; } = [];

    public OwnerReference? ControllerReference => OwnerReferences.FirstOrDefault(owner => owner.Controller);

    /// <summary>Reads the top-level <c>metadata</c> of a stored object and stops there.</summary>
    /// <exception cref="JsonException">The bytes are not a JSON object; a stored object always is.</exception>
    public static ObjectMetadata Read(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                reader.Read();
                return ReadMetadata(ref reader);
            }

            reader.Read();
            reader.Skip();
        }

        return new ObjectMetadata { Name = "" };
    }

    private static ObjectMetadata ReadMetadata(ref Utf8JsonReader reader)
    {
        var metadata = new ObjectMetadata { Name = "" };
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var property = reader.GetString();
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null)
            {
                continue;
            }

            switch (property)
            {
                case "name": metadata = metadata with { Name = reader.GetString()! }; break;
                case "namespace": metadata = metadata with { Namespace = reader.GetString()! }; break;
                case "uid": metadata = metadata with { Uid = reader.GetString()! }; break;
                case "generateName": metadata = metadata with { GenerateName = reader.GetString()! }; break;
                case "generation": metadata = metadata with { Generation = reader.GetInt64() }; break;
                case "creationTimestamp": metadata = metadata with { CreationTimestamp = ReadTime(ref reader) }; break;
                case "deletionTimestamp": metadata = metadata with { DeletionTimestamp = ReadTime(ref reader) }; break;
                case "deletionGracePeriodSeconds": metadata = metadata with { DeletionGracePeriodSeconds = reader.GetInt64() }; break;
                case "labels": metadata = metadata with { Labels = ReadMap(ref reader) }; break;
                case "annotations": metadata = metadata with { Annotations = ReadMap(ref reader) }; break;
                case "finalizers": metadata = metadata with { Finalizers = ReadStrings(ref reader) }; break;
                case "ownerReferences": metadata = metadata with { OwnerReferences = ReadOwners(ref reader) }; break;
                default: reader.Skip(); break;
            }
        }

        return metadata;
    }

    private static DateTimeOffset? ReadTime(ref Utf8JsonReader reader) =>
        DateTimeOffset.TryParse(reader.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static ImmutableDictionary<string, string> ReadMap(ref Utf8JsonReader reader)
    {
        var map = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            map[key] = reader.GetString() ?? "";
        }

        return map.ToImmutable();
    }

    private static ImmutableArray<string> ReadStrings(ref Utf8JsonReader reader)
    {
        var items = ImmutableArray.CreateBuilder<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(reader.GetString()!);
        }

        return items.ToImmutable();
    }

    private static ImmutableArray<OwnerReference> ReadOwners(ref Utf8JsonReader reader)
    {
        var owners = ImmutableArray.CreateBuilder<OwnerReference>();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            string apiVersion = "", kind = "", name = "", uid = "";
            bool controller = false, block = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var property = reader.GetString();
                reader.Read();
                switch (property)
                {
                    case "apiVersion": apiVersion = reader.GetString() ?? ""; break;
                    case "kind": kind = reader.GetString() ?? ""; break;
                    case "name": name = reader.GetString() ?? ""; break;
                    case "uid": uid = reader.GetString() ?? ""; break;
                    case "controller": controller = reader.TokenType == JsonTokenType.True; break;
                    case "blockOwnerDeletion": block = reader.TokenType == JsonTokenType.True; break;
                    default: reader.Skip(); break;
                }
            }

            owners.Add(new OwnerReference(apiVersion, kind, name, uid, controller, block));
        }

        return owners.ToImmutable();
    }
}
