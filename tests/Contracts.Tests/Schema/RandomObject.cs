using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Schema.Protobuf;

namespace ActorOrchestrator.Contracts.Tests.Schema;

/// <summary>Trees that fit a schema, in the form that JSON written by Go has: nothing empty, no zeros where Go leaves them out.</summary>
internal sealed class RandomObject(Random random)
{
    private const int MaxDepth = 6;

    public JsonObject Of(ObjectSchema schema, int depth = 0)
    {
        var obj = new JsonObject();
        foreach (var field in MessagePlan.Of(schema).Fields)
        {
            if (random.Next(3) == 0 || depth == 0)
            {
                var name = System.Text.Encoding.UTF8.GetString(field.Name);
                if (depth < MaxDepth || (field.Form == WireForm.Plain && field.Node.Type is not (SchemaType.Object or SchemaType.Array or SchemaType.Map)))
                {
                    obj[name] = field.Form == WireForm.Plain ? Value(field.Node, depth) : Formed(field, depth);
                }
            }
        }

        return obj;
    }

    private JsonNode Formed(PlanField field, int depth)
    {
        JsonNode Schema() => Of(ObjectSchema.Of(typeof(k8s.Models.V1JSONSchemaProps)), depth + 1);
        return (field.Form, random.Next(2)) switch
        {
            (WireForm.Empty, _) => new JsonObject(),
            (WireForm.SchemaOrArray, 0) => new JsonArray(Schema(), Schema()),
            (WireForm.SchemaOrBool, 0) => random.Next(2) == 0,
            (WireForm.SchemaOrNames, 0) => new JsonObject { ["a"] = new JsonArray("b", "c") },
            (WireForm.SchemaOrNames, _) => new JsonObject { ["a"] = Schema() },
            _ => Schema(),
        };
    }

    private JsonNode Value(SchemaNode node, int depth) => node.Type switch
    {
        SchemaType.Object => Of(node.Object!, depth + 1),
        SchemaType.Array => new JsonArray([.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => (JsonNode?)Value(node.Items!, depth + 1))]),
        SchemaType.Map => new JsonObject(Enumerable.Range(0, random.Next(1, 3)).Select(i => KeyValuePair.Create($"key{i}", (JsonNode?)Value(node.Items!, depth + 1)))),
        SchemaType.Integer when node.Format == "int32" => random.Next(2) == 0 ? random.Next(1, 300) : -random.Next(1, int.MaxValue),
        SchemaType.Integer => random.Next(2) == 0 ? random.Next(1, 300) : -random.NextInt64(1, long.MaxValue),
        SchemaType.Number => random.NextDouble(),
        SchemaType.Boolean => true,
        SchemaType.IntOrString => random.Next(2) == 0 ? random.Next() : "25%",
        SchemaType.Quantity => "100m",
        SchemaType.Time => random.Next(2) == 0 ? "2026-01-02T03:04:05Z" : "2026-01-02T03:04:05.123456Z",
        SchemaType.Bytes => Convert.ToBase64String([1, 2, (byte)random.Next(256)]),
        SchemaType.Any => new JsonObject { ["f:a"] = new JsonObject(), ["\"ä\""] = random.Next() },
        _ => random.Next(4) == 0 ? new string('x', random.Next(100, 400)) : $"t\"ext\n{random.Next()}ä€😀",
    };
}
