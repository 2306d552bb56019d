using System.Text.Json.Nodes;

namespace ActorOrchestrator.Actors.Resources.Patching;

/// <summary>JSON patch, RFC 6902, on untyped documents.</summary>
public static class JsonPatch
{
    /// <summary>Upstream's bound on the operations of one patch.</summary>
    public const int MaxOperations = 10_000;

    /// <summary>Applies all operations or throws; the given document may be half-changed when it throws, so hand in a copy.</summary>
    /// <exception cref="PatchException">The patch is malformed (400) or does not fit the document (422).</exception>
    public static JsonNode? Apply(JsonNode? document, JsonArray patch)
    {
        foreach (var operation in patch)
        {
            document = ApplyOne(document, operation as JsonObject ?? throw PatchException.Malformed("error decoding patch: an operation is not an object"));
        }

        return document;
    }

    private static JsonNode? ApplyOne(JsonNode? document, JsonObject operation)
    {
        var op = Text(operation, "op");
        var path = Text(operation, "path");
        var tokens = JsonPointer.Parse(path);
        switch (op)
        {
            case "add":
                return Add(document, tokens, path, Value(operation)?.DeepClone());
            case "remove":
                return Remove(document, tokens, path);
            case "replace":
                JsonPointer.Resolve(document, tokens, path);
                return Replace(document, tokens, path, Value(operation)?.DeepClone());
            case "test":
                Test(document, tokens, path, Value(operation));
                return document;
            case "copy":
            {
                var from = Text(operation, "from");
                var copied = JsonPointer.Resolve(document, JsonPointer.Parse(from), from)?.DeepClone();
                return Add(document, tokens, path, copied);
            }

            case "move":
                return Move(document, Text(operation, "from"), tokens, path);
            default:
                throw PatchException.Malformed($"error decoding patch: unexpected kind: {op}");
        }
    }

    private static JsonNode? Move(JsonNode? document, string from, string[] tokens, string path)
    {
        if (path.Length > from.Length && path.StartsWith(from, StringComparison.Ordinal) && path[from.Length] == '/')
        {
            throw PatchException.Unprocessable($"cannot move \"{from}\" into its own child \"{path}\"");
        }

        var source = JsonPointer.Parse(from);
        var moved = JsonPointer.Resolve(document, source, from)?.DeepClone();
        return Add(Remove(document, source, from), tokens, path, moved);
    }

    private static JsonNode? Add(JsonNode? document, string[] tokens, string path, JsonNode? value)
    {
        if (tokens.Length == 0)
        {
            return value;
        }

        switch (JsonPointer.Resolve(document, tokens.AsSpan(0, tokens.Length - 1), path))
        {
            case JsonObject obj:
                obj[tokens[^1]] = value;
                break;
            case JsonArray array when tokens[^1] == "-":
                array.Add(value);
                break;
            case JsonArray array:
                array.Insert(JsonPointer.Index(array, tokens[^1], path, array.Count), value);
                break;
            default:
                throw PatchException.Unprocessable($"path \"{path}\": the parent is neither an object nor an array");
        }

        return document;
    }

    private static JsonNode? Remove(JsonNode? document, string[] tokens, string path)
    {
        if (tokens.Length == 0)
        {
            return null;
        }

        switch (JsonPointer.Resolve(document, tokens.AsSpan(0, tokens.Length - 1), path))
        {
            case JsonObject obj when obj.Remove(tokens[^1]):
                break;
            case JsonArray array:
                array.RemoveAt(JsonPointer.Index(array, tokens[^1], path, array.Count - 1));
                break;
            default:
                throw PatchException.Unprocessable($"unable to remove nonexistent key: {tokens[^1]}: missing value at \"{path}\"");
        }

        return document;
    }

    private static JsonNode? Replace(JsonNode? document, string[] tokens, string path, JsonNode? value)
    {
        if (tokens.Length == 0)
        {
            return value;
        }

        switch (JsonPointer.Resolve(document, tokens.AsSpan(0, tokens.Length - 1), path))
        {
            case JsonObject obj:
                obj[tokens[^1]] = value;
                break;
            case JsonArray array:
                array[JsonPointer.Index(array, tokens[^1], path, array.Count - 1)] = value;
                break;
        }

        return document;
    }

    private static void Test(JsonNode? document, string[] tokens, string path, JsonNode? expected)
    {
        if (!JsonNode.DeepEquals(JsonPointer.Resolve(document, tokens, path), expected))
        {
            throw PatchException.Unprocessable($"testing value {path} failed");
        }
    }

    private static JsonNode? Value(JsonObject operation) =>
        operation.TryGetPropertyValue("value", out var value)
            ? value
            : throw PatchException.Malformed("error decoding patch: an operation has no value");

    private static string Text(JsonObject operation, string name) =>
        operation[name] is JsonValue value && value.TryGetValue<string>(out var text)
            ? text
            : throw PatchException.Malformed($"error decoding patch: an operation has no \"{name}\"");
}
