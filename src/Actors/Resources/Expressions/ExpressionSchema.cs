using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Actors.Resources.Expressions;

/// <summary>The types of API objects: from a CustomResourceDefinition's structural schema, or from a built-in kind.</summary>
public static class ExpressionSchema
{
    /// <summary>A request is at most this long, which bounds what a schema without limits allows.</summary>
    private const long LargestRequest = 3 * 1024 * 1024;

    private static readonly ConcurrentDictionary<Type, ExpressionType> Models = new();

    private static readonly ExpressionType Metadata = ExpressionType.Object("object", () => new Dictionary<string, ExpressionField>(StringComparer.Ordinal)
    {
        ["name"] = new("name", ExpressionType.String.AtMost(LargestRequest - 2)),
        ["generateName"] = new("generateName", ExpressionType.String.AtMost(LargestRequest - 2)),
    });

    /// <summary>
    /// The type of a structural schema (<c>openAPIV3Schema</c> or a part of it), as upstream's <c>SchemaDeclType</c>. Null for what expressions
    /// cannot reach: no type, an object of unknown fields.
    /// </summary>
    /// <param name="schema">The schema as JSON.</param>
    /// <param name="isResourceRoot">It is a whole resource, with apiVersion, kind and metadata.name and .generateName.</param>
    public static ExpressionType? OfStructural(JsonObject schema, bool isResourceRoot = false)
    {
        if (schema.Flag("x-kubernetes-int-or-string"))
        {
            return ExpressionType.Dyn.AtMost(schema.Number("maxLength") * 4 ?? LargestRequest - 2);
        }

        switch (schema.Text("type"))
        {
            case "array":
                return schema.Object("items") is { } items && OfPart(items) is { } item
                    ? ListOf(schema, item).AtMost(schema.Number("maxItems") ?? (LargestRequest - 2) / (SmallestSize(items) + 1))
                    : null;
            case "object":
                return OfObject(schema, isResourceRoot);
            case "string":
                return OfString(schema);
            case "boolean":
                return ExpressionType.Bool;
            case "number":
                return ExpressionType.Double;
            case "integer":
                return ExpressionType.Int;
            default:
                return null;
        }
    }

    /// <summary>How often a value of a schema can be in one request at the most.</summary>
    public static ulong MostInARequest(JsonObject schema) => (ulong)(LargestRequest / (SmallestSize(schema) + 1));

    /// <summary>The type of a class of the model package, for checking an expression against built-in kinds.</summary>
    public static ExpressionType OfModel(Type model) => Models.GetOrAdd(model, static key => ExpressionType.Object(ObjectSchema.Of(key).Name, () =>
    {
        var fields = new Dictionary<string, ExpressionField>(StringComparer.Ordinal);
        foreach (var (name, node) in ObjectSchema.Of(key).Properties)
        {
            if (IdentifierEscaping.Escape(name) is { } escaped)
            {
                fields[escaped] = new ExpressionField(name, OfNode(node));
            }
        }

        return fields;
    }));

    private static ExpressionType? OfPart(JsonObject schema) => OfStructural(schema, schema.Flag("x-kubernetes-embedded-resource"));

    private static ExpressionType ListOf(JsonObject schema, ExpressionType item) => schema.Text("x-kubernetes-list-type") switch
    {
        "set" => ExpressionType.List(item).As(ListSemantics.Set),
        "map" => ExpressionType.List(item).As(ListSemantics.Map, [.. schema.Strings("x-kubernetes-list-map-keys")]),
        _ => ExpressionType.List(item),
    };

    private static ExpressionType? OfObject(JsonObject schema, bool isResourceRoot)
    {
        if (schema.Object("additionalProperties") is { } values)
        {
            return OfPart(values) is { } value
                ? ExpressionType.Map(ExpressionType.String, value).AtMost(schema.Number("maxProperties") ?? (LargestRequest - 2) / (SmallestSize(values) + 6))
                : null;
        }

        return ExpressionType.Object("object", () =>
        {
            var fields = new Dictionary<string, ExpressionField>(StringComparer.Ordinal);
            foreach (var (name, property) in schema.Object("properties") ?? [])
            {
                if (property is JsonObject part && OfPart(part) is { } type && IdentifierEscaping.Escape(name) is { } escaped)
                {
                    fields[escaped] = new ExpressionField(name, type);
                }
            }

            if (isResourceRoot)
            {
                fields["apiVersion"] = new ExpressionField("apiVersion", ExpressionType.String.AtMost(LargestRequest - 2));
                fields["kind"] = new ExpressionField("kind", ExpressionType.String.AtMost(LargestRequest - 2));
                fields["metadata"] = new ExpressionField("metadata", Metadata);
            }

            return fields;
        });
    }

    private static ExpressionType OfString(JsonObject schema)
    {
        var length = schema.Number("maxLength");
        return schema.Text("format") switch
        {
            "byte" => ExpressionType.Bytes.AtMost(length ?? LargestRequest - 2),
            "duration" => ExpressionType.Duration.AtMost(32),
            "date" => ExpressionType.Timestamp.AtMost(12),
            "date-time" => ExpressionType.Timestamp.AtMost(32),
            _ => ExpressionType.String.AtMost(length * 4 ?? LongestOf(schema.Array("enum")) ?? LargestRequest - 2),
        };
    }

    private static long? LongestOf(JsonArray? values) => values is { Count: > 0 }
        ? values.Max(value => value is JsonValue text && text.TryGetValue<string>(out var s) ? (long)s.Length : 0)
        : null;

    /// <summary>How short a valid value may be as JSON, from which follows how many fit into a request.</summary>
    private static long SmallestSize(JsonObject schema)
    {
        if (schema.Flag("x-kubernetes-int-or-string"))
        {
            return 1;
        }

        switch (schema.Text("type"))
        {
            case "boolean":
                return 4;
            case "number" or "integer":
                return 1;
            case "string":
                return schema.Text("format") switch { "duration" => 3, "date" => 12, "date-time" => 21, _ => 2 };
            default:
                var size = 2L;
                foreach (var name in schema.Strings("required"))
                {
                    if (schema.Object("properties").Object(name) is { } property && property["default"] is null)
                    {
                        size += name.Length + SmallestSize(property) + 4;
                    }
                }

                return size;
        }
    }

    private static ExpressionType OfNode(SchemaNode node) => node.Type switch
    {
        SchemaType.String or SchemaType.Quantity => ExpressionType.String,
        SchemaType.Integer => ExpressionType.Int,
        SchemaType.Number => ExpressionType.Double,
        SchemaType.Boolean => ExpressionType.Bool,
        SchemaType.Time => ExpressionType.Timestamp,
        SchemaType.Bytes => ExpressionType.Bytes,
        SchemaType.Array => ExpressionType.List(OfNode(node.Items!)),
        SchemaType.Map => ExpressionType.Map(ExpressionType.String, OfNode(node.Items!)),
        SchemaType.Object when node.Object is { } schema => OfModel(schema.Model!),
        _ => ExpressionType.Dyn,
    };
}
