using System.Text.Json.Nodes;

namespace ActorOrchestrator.Actors.Resources.Patching;

/// <summary>
/// JSON patch, RFC 6902, on untyped documents. In two things it is as lenient as upstream's library, because clients count on it: <c>replace</c> sets a
/// member that an object does not have, and <c>test</c> takes an absent member for null. Errors have that library's words.
/// </summary>
public static class JsonPatch
{
    /// <summary>Upstream's bound on the operations of one patch.</summary>
    public const int MaxOperations = 10_000;

    /// <summary>
    /// How many values all <c>copy</c> operations of a patch may copy together. Copies of copies double with every operation: a patch of a few hundred
    /// bytes would fill the memory.
    /// </summary>
    public const int MaxCopiedValues = 1_000_000;

    private const string Missing = "missing value";

    /// <summary>Applies all operations or throws; the given document may be half-changed when it throws, so hand in a copy.</summary>
    /// <exception cref="PatchException">The patch is malformed (400) or does not fit the document (422).</exception>
    public static JsonNode? Apply(JsonNode? document, JsonArray patch)
    {
        var budget = MaxCopiedValues;
        foreach (var operation in patch)
        {
            document = ApplyOne(document, operation as JsonObject ?? throw PatchException.Malformed("error decoding patch: an operation is not an object"), ref budget);
        }

        return document;
    }

    private static JsonNode? ApplyOne(JsonNode? document, JsonObject operation, ref int budget)
    {
        var op = operation["op"] is JsonValue named && named.TryGetValue<string>(out var kind) ? kind : "unknown";
        switch (op)
        {
            case "add":
                return Add(document, Pointer(operation, "path", op), Value(operation, op)?.DeepClone(), path => $"error in add for path: '{path}'");
            case "remove":
                return Remove(document, Pointer(operation, "path", op), path => $"error in remove for path: '{path}'");
            case "replace":
                return Replace(document, Pointer(operation, "path", op), Value(operation, op)?.DeepClone());
            case "test":
                Test(document, Pointer(operation, "path", op), Value(operation, op));
                return document;
            case "copy":
            {
                var from = Pointer(operation, "from", op);
                var copied = Source(document, from, op);
                budget -= Count(copied, budget);
                return budget >= 0
                    ? Add(document, Pointer(operation, "path", op), copied?.DeepClone(), _ => "error while adding value during copy")
                    : throw PatchException.Unprocessable($"the copy operations of the patch copy more than {MaxCopiedValues} values");
            }

            case "move":
                return Move(document, Pointer(operation, "from", op), Pointer(operation, "path", op));
            default:
                throw PatchException.Unprocessable($"Unexpected kind: {op}");
        }
    }

    private static JsonNode? Move(JsonNode? document, JsonPointer from, JsonPointer path)
    {
        if (path.IsBelow(from))
        {
            throw PatchException.Unprocessable($"move operation does not apply: \"{from}\" cannot be moved into its own child \"{path}\"");
        }

        var moved = Source(document, from, "move")?.DeepClone();
        var rest = Remove(document, from, key => $"error in move for path: '{key}'");
        return Add(rest, path, moved, target => $"error in move for path: '{target}'");
    }

    private static JsonNode? Source(JsonNode? document, JsonPointer from, string op)
    {
        if (from.IsRoot)
        {
            return document;
        }

        return from.Parent(document) switch
        {
            JsonObject obj when obj.TryGetPropertyValue(from.Last, out var value) => value,
            JsonArray array => array[Index(array, from.Last, array.Count - 1, $"error in {op} for path: '{from}'")],
            _ => throw PatchException.Unprocessable($"{op} operation does not apply: doc is missing from path: {from}: {Missing}"),
        };
    }

    private static JsonNode? Add(JsonNode? document, JsonPointer path, JsonNode? value, Func<JsonPointer, string> place)
    {
        if (path.IsRoot)
        {
            return value;
        }

        switch (path.Parent(document))
        {
            case JsonObject obj:
                obj[path.Last] = value;
                break;
            case JsonArray array when path.Last == "-":
                array.Add(value);
                break;
            case JsonArray array:
                array.Insert(Index(array, path.Last, array.Count, place(path)), value);
                break;
            default:
                throw PatchException.Unprocessable($"add operation does not apply: doc is missing path: \"{path}\": {Missing}");
        }

        return document;
    }

    private static JsonNode? Remove(JsonNode? document, JsonPointer path, Func<JsonPointer, string> place)
    {
        if (path.IsRoot)
        {
            return null;
        }

        switch (path.Parent(document))
        {
            case JsonObject obj when obj.Remove(path.Last):
                break;
            case JsonObject:
                throw PatchException.Unprocessable($"{place(path)}: Unable to remove nonexistent key: {path.Last}: {Missing}");
            case JsonArray array:
                array.RemoveAt(Index(array, path.Last, array.Count - 1, place(path)));
                break;
            default:
                throw PatchException.Unprocessable($"remove operation does not apply: doc is missing path: \"{path}\": {Missing}");
        }

        return document;
    }

    private static JsonNode? Replace(JsonNode? document, JsonPointer path, JsonNode? value)
    {
        if (path.IsRoot)
        {
            return value;
        }

        switch (path.Parent(document))
        {
            case JsonObject obj:
                obj[path.Last] = value;
                break;
            case JsonArray array:
                array[Index(array, path.Last, array.Count - 1, $"replace operation does not apply: doc is missing key: {path}")] = value;
                break;
            default:
                throw PatchException.Unprocessable($"replace operation does not apply: doc is missing path: {path}: {Missing}");
        }

        return document;
    }

    private static void Test(JsonNode? document, JsonPointer path, JsonNode? expected)
    {
        var found = path.IsRoot ? document : path.Parent(document) switch
        {
            JsonObject obj => obj[path.Last],
            JsonArray array => array[Index(array, path.Last, array.Count - 1, $"error in test for path: '{path}'")],
            _ => throw PatchException.Unprocessable($"test operation does not apply: is missing path: {path}: {Missing}"),
        };
        if (!JsonNode.DeepEquals(found, expected))
        {
            throw PatchException.FailedTest($"testing value {path} failed: test failed");
        }
    }

    private static int Index(JsonArray array, string token, int highest, string place)
    {
        if (!JsonPointer.TryIndex(token, out var index))
        {
            throw PatchException.Unprocessable($"{place}: value was not a proper array index: '{token}'");
        }

        return index <= highest
            ? index
            : throw PatchException.Unprocessable($"{place}: Unable to access invalid index: {token}: invalid index referenced (the array has {array.Count})");
    }

    private static JsonNode? Value(JsonObject operation, string op) =>
        operation.TryGetPropertyValue("value", out var value) ? value : throw PatchException.Unprocessable($"{op} operation, missing value field: {Missing}");

    private static JsonPointer Pointer(JsonObject operation, string name, string op)
    {
        if (operation[name] is not JsonValue value || !value.TryGetValue<string>(out var text))
        {
            throw PatchException.Unprocessable($"{op} operation failed to decode {name}: operation missing {name} field: {Missing}");
        }

        return JsonPointer.TryParse(text, out var pointer)
            ? pointer
            : throw PatchException.Unprocessable($"{op} operation does not apply: doc is missing path: \"{text}\": {Missing} (a path begins with '/')");
    }

    /// <summary>The number of values in a tree, counted no further than it matters.</summary>
    private static int Count(JsonNode? node, int limit)
    {
        var count = 1;
        foreach (var child in node switch { JsonObject obj => obj.Select(pair => pair.Value), JsonArray array => array, _ => Enumerable.Empty<JsonNode?>() })
        {
            if (count > limit)
            {
                break;
            }

            count += Count(child, limit - count);
        }

        return count;
    }
}
