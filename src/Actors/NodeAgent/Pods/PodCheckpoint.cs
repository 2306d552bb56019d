using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.NodeAgent.Pods;

/// <summary>
/// A pod and the objects it needs, as a node keeps them on its own disk: enough to heal the pod, also after a restart of the agent or the machine,
/// while the control plane is away.
/// </summary>
/// <param name="Pod">The pod's object as it was last seen.</param>
/// <param name="Needs">Its ConfigMaps, Secrets, claims and their volumes.</param>
public sealed record PodCheckpoint(StoredObject Pod, ImmutableArray<StoredObject> Needs)
{
    public static ReadOnlyMemory<byte> Write(StoredObject pod, ImmutableArray<StoredObject> needs)
    {
        // What stands around an object is its key and a few names.
        var buffer = new ArrayBufferWriter<byte>(needs.Sum(need => need.Utf8.Length + 512) + pod.Utf8.Length + 1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version", 1);
            writer.WriteStartArray("objects");
            foreach (var stored in needs.Prepend(pod))
            {
                writer.WriteStartObject();
                writer.WriteString("group", stored.Key.Type.Group);
                writer.WriteString("plural", stored.Key.Type.Plural);
                writer.WriteString("namespace", stored.Key.Namespace);
                writer.WriteString("name", stored.Key.Name);
                writer.WriteString("uid", stored.Uid);
                writer.WriteNumber("revision", stored.Revision.Value);
                writer.WritePropertyName("object");
                writer.WriteRawValue(stored.Utf8.Span, skipInputValidation: true);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <exception cref="JsonException">The bytes are not a checkpoint.</exception>
    public static PodCheckpoint Read(ReadOnlyMemory<byte> content)
    {
        var objects = JsonNode.Parse(content.Span)?["objects"] as JsonArray ?? throw new JsonException("A pod's checkpoint has no objects.");
        var read = objects.Select(entry => new StoredObject(
            new ObjectKey(new ResourceType((string)entry!["group"]!, (string)entry["plural"]!), (string)entry["namespace"]!, (string)entry["name"]!),
            (string)entry["uid"]!,
            new Revision((long)entry["revision"]!),
            JsonSerializer.SerializeToUtf8Bytes(entry["object"]),
            [])).ToImmutableArray();
        return new PodCheckpoint(read[0], read[1..]);
    }
}
