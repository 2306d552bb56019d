using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Schema.Fields;

/// <summary>
/// Checks that a configuration can be applied: every field is one of the kind, values have their types, and items of a list differ in their keys. Quantities
/// are brought to the form in which they are stored, so that <c>1000m</c> and <c>1</c> are no difference.
/// </summary>
public static class AppliedConfiguration
{
    /// <returns>What is wrong, each with its path as upstream writes it: <c>.spec.foo: field not declared in schema</c>.</returns>
    public static IReadOnlyList<string> Check(JsonObject config, ObjectSchema schema)
    {
        var problems = new List<string>();
        OfMap(TypeShape.Of(schema), config, "", problems);
        return problems;
    }

    /// <returns>The places of a configuration where a list, a map or an object is replaced as a whole, as upstream writes them: <c>.spec.args</c>.</returns>
    public static IReadOnlyList<string> Atomics(JsonObject config, ObjectSchema schema)
    {
        var found = new List<string>();
        FindAtomics(TypeShape.Of(schema), config, "", found);
        return found;
    }

    private static void FindAtomics(TypeShape shape, JsonNode? value, string path, List<string> found)
    {
        if (shape.IsOpen || shape is { Node.Type: SchemaType.Any } || value is not (JsonObject or JsonArray))
        {
            return;
        }

        if (shape.StructureOf(value) == Structure.Atomic)
        {
            found.Add(path);
        }

        switch (value)
        {
            case JsonObject map:
                foreach (var (name, item) in map)
                {
                    if (shape.Names(name))
                    {
                        FindAtomics(shape.Field(name), item, $"{path}.{name}", found);
                    }
                }

                break;
            case JsonArray list when shape is { Node.Type: SchemaType.Array }:
                for (var i = 0; i < list.Count; i++)
                {
                    FindAtomics(shape.Items, list[i], $"{path}[{i}]", found);
                }

                break;
        }
    }

    private static JsonNode? Visit(TypeShape shape, JsonNode? value, string path, List<string> problems)
    {
        if (value is null)
        {
            return null;
        }

        switch (shape.StructureOf(value), shape.Node)
        {
            case (Structure.Scalar, { Type: SchemaType.Quantity }):
                return Canonical(value);
            case (Structure.Scalar, { } node):
                if (Expectation(node, value) is { } expected)
                {
                    problems.Add($"{path}: {expected}, got {Shown(value)}");
                }

                return null;
            case (Structure.Scalar, _):
                return null;
            case (_, { Type: SchemaType.Array }) or (_, { Type: SchemaType.Any }) when value is JsonArray list:
                OfList(shape, list, path, problems);
                return null;
            case (_, { Type: SchemaType.Array }):
                problems.Add($"{path}: expected list, got {Shown(value)}");
                return null;
            case (_, { Type: not SchemaType.Any }) when value is not JsonObject:
                problems.Add($"{path}: expected map, got {Shown(value)}");
                return null;
            default:
                if (value is JsonObject map)
                {
                    OfMap(shape, map, path, problems);
                }

                return null;
        }
    }

    private static void OfMap(TypeShape shape, JsonObject map, string path, List<string> problems)
    {
        List<(string Name, JsonNode Value)>? canonical = null;
        foreach (var (name, value) in map)
        {
            var field = shape.Field(name);
            if (!field.IsDeclared)
            {
                problems.Add($"{path}.{name}: field not declared in schema");
            }
            else if (Visit(field, value, $"{path}.{name}", problems) is { } better)
            {
                (canonical ??= []).Add((name, better));
            }
        }

        foreach (var (name, value) in canonical ?? [])
        {
            map[name] = value;
        }
    }

    private static void OfList(TypeShape shape, JsonArray list, string path, List<string> problems)
    {
        var keyed = shape.StructureOf(list) == Structure.List;
        var seen = keyed ? new HashSet<PathElement>() : null;
        for (var i = 0; i < list.Count; i++)
        {
            var element = PathElement.Index(i);
            if (keyed)
            {
                if (shape.ElementOf(list[i], out var problem) is not { } identity)
                {
                    problems.Add($"{path}: element {i}: {problem}");
                    return;
                }

                element = identity;
                if (!seen!.Add(element))
                {
                    problems.Add($"{path}: duplicate entries for key {element}");
                }
            }

            if (Visit(shape.Items, list[i], path + element, problems) is { } better)
            {
                list[i] = better;
            }
        }
    }

    private static string? Expectation(SchemaNode node, JsonNode value)
    {
        var kind = value.GetValueKind();
        return node.Type switch
        {
            SchemaType.Integer or SchemaType.Number when kind != JsonValueKind.Number => "expected numeric (int or float)",
            SchemaType.String or SchemaType.Time or SchemaType.Bytes when kind != JsonValueKind.String => "expected string",
            SchemaType.Boolean when kind is not (JsonValueKind.True or JsonValueKind.False) => "expected boolean",
            SchemaType.IntOrString or SchemaType.Quantity when kind is JsonValueKind.Object or JsonValueKind.Array => "expected any scalar",
            _ => null,
        };
    }

    private static JsonValue? Canonical(JsonNode value)
    {
        var isText = value.GetValueKind() == JsonValueKind.String;
        var text = isText ? value.GetValue<string>() : value.ToJsonString();
        return Quantity.TryParse(text.Trim(), out var quantity) && !(isText && quantity.ToString() == text) ? JsonValue.Create(quantity.ToString()) : null;
    }

    private static string Shown(JsonNode value)
    {
        var text = value.ToJsonString();
        return text.Length <= 80 ? text : text[..77] + "...";
    }
}
