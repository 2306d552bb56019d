using System.Collections.Concurrent;
using System.Text;

namespace ActorOrchestrator.Contracts.Schema.Protobuf;

/// <summary>Where a JSON property goes: its number, and the messages that stand around it on the wire but not in JSON.</summary>
/// <param name="Name">The JSON name.</param>
/// <param name="Number">In its message.</param>
/// <param name="Around">The numbers of the embedding fields, the outermost first; mostly none.</param>
/// <param name="Node">Its type.</param>
/// <param name="Form">How it travels.</param>
internal sealed record PlanField(byte[] Name, int Number, int[] Around, SchemaNode Node, WireForm Form);

/// <summary>How one message is written out of JSON: its fields by their JSON name as bytes. Made once from the schema and the table of field numbers.</summary>
internal sealed class MessagePlan
{
    private static readonly ConcurrentDictionary<Type, MessagePlan> Known = new();
    private readonly PlanField?[] _slots;
    private readonly int _mask;

    private MessagePlan(ObjectSchema schema)
    {
        Message = NameOf(schema);
        var fields = new List<PlanField>();
        Collect(schema, Message, [], fields);
        Fields = fields;
        var size = 8;
        while (size < fields.Count * 2)
        {
            size *= 2;
        }

        (_slots, _mask) = (new PlanField?[size], size - 1);
        foreach (var field in fields)
        {
            var slot = Hash(field.Name) & _mask;
            while (_slots[slot] is not null)
            {
                slot = (slot + 1) & _mask;
            }

            _slots[slot] = field;
        }
    }

    /// <summary>The message's name in the table of field numbers.</summary>
    public string Message { get; }

    public IReadOnlyList<PlanField> Fields { get; }

    public static MessagePlan Of(ObjectSchema schema) => Known.GetOrAdd(schema.Model!, static (_, schema) => new MessagePlan(schema), schema);

    public static string NameOf(ObjectSchema schema) => $"{StructureTable.Of(schema.Model!.Name).Package}.{schema.Name}";

    /// <summary>Null for a property that has no place in the message.</summary>
    public PlanField? Find(ReadOnlySpan<byte> name)
    {
        for (var slot = Hash(name) & _mask; _slots[slot] is { } field; slot = (slot + 1) & _mask)
        {
            if (name.SequenceEqual(field.Name))
            {
                return field;
            }
        }

        return null;
    }

    private static void Collect(ObjectSchema schema, string message, int[] around, List<PlanField> fields)
    {
        foreach (var (number, field) in MessageFields.Of(message))
        {
            if (WireForms.JsonName(schema, message, field.Name) is { } name)
            {
                fields.Add(new PlanField(Encoding.UTF8.GetBytes(name), number, around, schema.Properties[name], WireForms.Of(message, field.Name)));
            }
            else if (field.Embedded is { } embedded)
            {
                Collect(schema, MessageFields.Sibling(message, embedded), [.. around, number], fields);
            }
        }
    }

    private static int Hash(ReadOnlySpan<byte> name) =>
        name.IsEmpty ? 0 : ((name[0] * 31) + (name[^1] * 7) + (name[name.Length / 2] * 131) + name.Length) * 0x9E37 >> 4;
}
