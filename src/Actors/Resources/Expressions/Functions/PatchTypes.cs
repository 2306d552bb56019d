using ActorOrchestrator.Actors.Resources.Expressions.Values;

namespace ActorOrchestrator.Actors.Resources.Expressions.Functions;

/// <summary>
/// The message types of expressions that make patches (KEP-3962): <c>Object</c> and, for every place in an object, a type named after the path to it
/// (<c>Object.spec.template</c>), whose fields nobody declares; and <c>JSONPatch</c>, one operation.
/// </summary>
internal static class PatchTypes
{
    /// <summary>The qualifier of the functions that only such expressions have.</summary>
    public const string Library = "jsonpatch";

    public static readonly ExpressionType Object = ExpressionType.Open("Object");

    public static readonly ExpressionType JsonPatch = ExpressionType.Object("JSONPatch", () => new Dictionary<string, ExpressionField>(StringComparer.Ordinal)
    {
        ["op"] = new("op", ExpressionType.String),
        ["path"] = new("path", ExpressionType.String),
        ["from"] = new("from", ExpressionType.String),
        ["value"] = new("value", ExpressionType.Dyn),
    });

    public static readonly ExpressionType JsonPatches = ExpressionType.List(JsonPatch);

    /// <summary>Null when there is no such type.</summary>
    public static ExpressionType? Find(string name) => name == Object.Name ? Object
        : name == JsonPatch.Name ? JsonPatch
        : name.StartsWith("Object.", StringComparison.Ordinal) ? ExpressionType.Open(name)
        : null;

    /// <summary>What was dyn when the expression was checked, and is now of the wrong type; null when all is well.</summary>
    public static Failure? Mistyped(string name, Dictionary<string, object?> fields)
    {
        if (name != JsonPatch.Name)
        {
            return null;
        }

        foreach (var (field, value) in fields)
        {
            if (field != "value" && value is not string)
            {
                return new Failure($"unexpected type {Values.Values.TypeOf(value)} for JSONPatchType '{field}' field");
            }
        }

        return null;
    }

    /// <summary>The places where a message has the name of another place than its own, which is a mistake of the author. Lists and maps in between have no names.</summary>
    public static IEnumerable<string> Misplaced(object? value, string expected)
    {
        switch (value)
        {
            case MessageValue message:
                var here = message.TypeName == expected
                    ? Enumerable.Empty<string>()
                    : [$"unexpected type name \"{message.TypeName}\", expected \"{expected}\", which matches field name path from root Object type"];
                return here.Concat(message.Fields.SelectMany(field => Misplaced(field.Value, $"{expected}.{field.Key}")));
            case ValueList list:
                return list.SelectMany(item => Misplaced(item, expected));
            case ValueMap map:
                return map.Keys.SelectMany(key => Misplaced(map.TryGet(key, out var item) ? item : null, expected));
            default:
                return [];
        }
    }

    public static void AddTo(FunctionTable table) => table.Add(
        $"{Library}.escapeKey(string) -> string",
        a => ((string)a[0]!).Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal),
        Effort.Traversal);
}
