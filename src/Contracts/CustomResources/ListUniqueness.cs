using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Validation;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>Lists that are sets have no item twice, lists that are maps no key (<c>x-kubernetes-list-type</c>).</summary>
internal static class ListUniqueness
{
    public static void Validate(StructuralSchema schema, JsonNode? value, FieldPath path, FieldErrors errors)
    {
        switch (value)
        {
            case JsonObject obj:
                foreach (var (name, item) in obj)
                {
                    if (schema.Properties.TryGetValue(name, out var property))
                    {
                        Validate(property, item, path.Field(name), errors);
                    }
                    else if (schema.AdditionalProperties is { } values)
                    {
                        Validate(values, item, path.Key(name), errors);
                    }
                }

                break;
            case JsonArray array:
                List(schema, array, path, errors);
                for (var i = 0; schema.Items is not null && i < array.Count; i++)
                {
                    Validate(schema.Items, array[i], path.Index(i), errors);
                }

                break;
        }
    }

    /// <summary>The places of items that are there already; each value is told once.</summary>
    public static IEnumerable<int> Duplicates(JsonArray array) => Repeated(array.Select(Canonical));

    private static void List(StructuralSchema schema, JsonArray array, FieldPath path, FieldErrors errors)
    {
        switch (schema.ListType)
        {
            case "set":
                foreach (var i in Duplicates(array))
                {
                    errors.Duplicate(path.Index(i), array[i]);
                }

                break;
            case "map" when array.All(item => item is JsonObject):
                foreach (var i in Repeated(array.Select(item => Canonical(KeysOf(schema, (JsonObject)item!)))))
                {
                    errors.Duplicate(path.Index(i), KeysOf(schema, (JsonObject)array[i]!));
                }

                break;
        }
    }

    private static JsonObject KeysOf(StructuralSchema schema, JsonObject item)
    {
        var keys = new JsonObject();
        foreach (var name in schema.MapKeys)
        {
            if (item.TryGetPropertyValue(name, out var value))
            {
                keys[name] = value?.DeepClone();
            }
        }

        return keys;
    }

    private static IEnumerable<int> Repeated(IEnumerable<string> forms)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var index = 0;
        foreach (var form in forms)
        {
            seen[form] = seen.TryGetValue(form, out var times) ? times + 1 : 1;
            if (seen[form] == 2)
            {
                yield return index;
            }

            index++;
        }
    }

    /// <summary>The same text for equal values, in whatever order their fields are.</summary>
    private static string Canonical(JsonNode? value) => value switch
    {
        JsonObject obj => "{" + string.Join(',', obj.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{JsonSerializer.Serialize(pair.Key)}:{Canonical(pair.Value)}")) + "}",
        JsonArray array => "[" + string.Join(',', array.Select(Canonical)) + "]",
        null => "null",
        _ when JsonNumbers.TryReal(value, out var number) && !JsonNumbers.TryInteger(value, out _) && JsonNumbers.IsWhole(number) => JsonNumbers.Text(number),
        _ => value.ToJsonString(),
    };
}
