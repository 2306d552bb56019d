using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Pods;

/// <summary>
/// The pod template of a workload. Two templates are the same when their canonical forms are: properties in order,
/// nulls left out, without the label that the Deployment adds to tell its ReplicaSets apart.
/// </summary>
public sealed class PodTemplate
{
    public const string HashLabel = "pod-template-hash";

    /// <summary>The characters of generated names: no vowels and nothing that looks like them, so that no word is spelt.</summary>
    private const string SafeCharacters = "bcdfghjklmnpqrstvwxz2456789";

    private readonly byte[] _utf8;
    private byte[]? _canonical;

    private PodTemplate(JsonElement template)
    {
        _utf8 = Encoding.UTF8.GetBytes(template.ValueKind == JsonValueKind.Object ? template.GetRawText() : "{}");
        Labels = template.Get("metadata").Get("labels") is { ValueKind: JsonValueKind.Object } labels
            ? labels.EnumerateObject().ToImmutableDictionary(label => label.Name, label => label.Value.ToString(), StringComparer.Ordinal)
            : ImmutableDictionary<string, string>.Empty;
    }

    public ImmutableDictionary<string, string> Labels { get; }

    private byte[] Canonical => _canonical ??= ToCanonical();

    public static PodTemplate Of(StoredObject workload)
    {
        using var document = JsonDocument.Parse(workload.Utf8);
        return new PodTemplate(document.RootElement.Get("spec").Get("template"));
    }

    /// <summary>The template that a ControllerRevision keeps: a strategic merge patch that replaces <c>spec.template</c> whole.</summary>
    public static PodTemplate OfRevision(StoredObject revision)
    {
        using var document = JsonDocument.Parse(revision.Utf8);
        var template = document.RootElement.Get("data").Get("spec").Get("template");
        if (!template.Get("$patch").ValueKind.Equals(JsonValueKind.String))
        {
            return new PodTemplate(template);
        }

        var plain = JsonObject.Create(template.Clone())!;
        plain.Remove("$patch");
        return new PodTemplate(JsonSerializer.SerializeToElement(plain));
    }

    /// <summary>What a ControllerRevision keeps of the template, in the order that makes equal templates equal bytes.</summary>
    public JsonObject ToRevisionData()
    {
        var template = new JsonObject { ["$patch"] = "replace" };
        foreach (var (name, value) in JsonNode.Parse(Canonical)!.AsObject())
        {
            template[name] = value?.DeepClone();
        }

        return new JsonObject { ["spec"] = new JsonObject { ["template"] = template } };
    }

    /// <summary>Would pods of both be alike, but for the hash label?</summary>
    public bool IsSameAs(PodTemplate other) => Canonical.AsSpan().SequenceEqual(other.Canonical);

    /// <summary>The value of <see cref="HashLabel"/>: FNV-1a over the canonical form and, once it has collided, the count of collisions.</summary>
    public string Hash(int? collisionCount)
    {
        var hash = Fnv1a(2166136261, Canonical);
        if (collisionCount is { } count)
        {
            Span<byte> bytes = stackalloc byte[8];
            System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(bytes, count);
            hash = Fnv1a(hash, bytes);
        }

        return string.Concat(hash.ToString(CultureInfo.InvariantCulture).Select(digit => SafeCharacters[digit % SafeCharacters.Length]));
    }

    public JsonObject ToJson() => JsonNode.Parse(_utf8)!.AsObject();

    /// <summary>A pod made from the template; its name is for the API to choose.</summary>
    public JsonObject NewPod(string generateName, JsonObject owner)
    {
        var template = ToJson();
        var metadata = new JsonObject { ["generateName"] = generateName };
        foreach (var part in (ReadOnlySpan<string>)["labels", "annotations", "finalizers"])
        {
            if (template.Object("metadata")?[part] is { } value)
            {
                metadata[part] = value.DeepClone();
            }
        }

        metadata["ownerReferences"] = new JsonArray(owner);
        var spec = template["spec"];
        template.Remove("spec");
        return new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod", ["metadata"] = metadata, ["spec"] = spec };
    }

    private byte[] ToCanonical()
    {
        using var document = JsonDocument.Parse(_utf8);
        var buffer = new ArrayBufferWriter<byte>(_utf8.Length);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            WriteCanonical(writer, document.RootElement, "");
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static uint Fnv1a(uint hash, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            hash = (hash ^ b) * 16777619;
        }

        return hash;
    }

    private static void WriteCanonical(Utf8JsonWriter writer, JsonElement element, string path)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in element.EnumerateObject().OrderBy(property => property.Name, StringComparer.Ordinal))
                {
                    if (property.Value.ValueKind == JsonValueKind.Null || (path == ".metadata.labels" && property.NameEquals(HashLabel)))
                    {
                        continue;
                    }

                    writer.WritePropertyName(property.Name);
                    WriteCanonical(writer, property.Value, path.Length > 20 ? path : $"{path}.{property.Name}");
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    WriteCanonical(writer, item, "[]");
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.Undefined:
                writer.WriteNullValue();
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }
}
