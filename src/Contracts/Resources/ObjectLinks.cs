using System.Collections.Immutable;
using System.Text.Json;

namespace ActorOrchestrator.Contracts.Resources;

/// <summary>What an object points at and is found by: its owners, whether one of them controls it, and, for a pod, its node.</summary>
/// <param name="OwnerUids">The uids in <c>metadata.ownerReferences</c>, without repeats.</param>
/// <param name="NodeName">A pod's <c>spec.nodeName</c>; empty while it is not bound, and for every other kind.</param>
/// <param name="IsControlled">One of the owners is marked as the controller.</param>
public sealed record ObjectLinks(ImmutableArray<string> OwnerUids, string NodeName, bool IsControlled)
{
    public static readonly ObjectLinks None = new([], "", false);

    /// <summary>Scans the stored bytes once and stops as soon as it knows.</summary>
    public static ObjectLinks Read(ResourceType type, ReadOnlySpan<byte> utf8)
    {
        var isPod = type == ResourceTypes.Pods;
        if (!isPod && utf8.IndexOf("\"ownerReferences\""u8) < 0)
        {
            return None;
        }

        var owners = ImmutableArray<string>.Empty;
        var nodeName = "";
        var isControlled = false;
        bool metadataSeen = false, specSeen = !isPod;
        var reader = new Utf8JsonReader(utf8);
        reader.Read();
        while (!(metadataSeen && specSeen) && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                reader.Read();
                owners = ReadOwners(ref reader, ref isControlled);
                metadataSeen = true;
            }
            else if (isPod && reader.ValueTextEquals("spec"u8))
            {
                reader.Read();
                nodeName = ReadNodeName(ref reader);
                specSeen = true;
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return owners.IsEmpty && nodeName.Length == 0 ? None : new ObjectLinks(owners, nodeName, isControlled);
    }

    private static ImmutableArray<string> ReadOwners(ref Utf8JsonReader reader, ref bool isControlled)
    {
        var owners = ImmutableArray<string>.Empty;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return owners;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isOwners = reader.ValueTextEquals("ownerReferences"u8);
            reader.Read();
            if (!isOwners || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                var uid = ReadUid(ref reader, ref isControlled);
                if (uid.Length > 0 && !owners.Contains(uid))
                {
                    owners = owners.Add(uid);
                }
            }
        }

        return owners;
    }

    private static string ReadUid(ref Utf8JsonReader reader, ref bool isControlled)
    {
        var uid = "";
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isUid = reader.ValueTextEquals("uid"u8);
            var isController = reader.ValueTextEquals("controller"u8);
            reader.Read();
            isControlled |= isController && reader.TokenType == JsonTokenType.True;
            if (isUid && reader.TokenType == JsonTokenType.String)
            {
                uid = reader.GetString()!;
            }

            reader.Skip();
        }

        return uid;
    }

    private static string ReadNodeName(ref Utf8JsonReader reader)
    {
        var nodeName = "";
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return nodeName;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isNodeName = reader.ValueTextEquals("nodeName"u8);
            reader.Read();
            if (isNodeName && reader.TokenType == JsonTokenType.String)
            {
                return reader.GetString()!;
            }

            reader.Skip();
        }

        return nodeName;
    }
}
