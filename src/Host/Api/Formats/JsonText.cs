using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorOrchestrator.Host.Api.Formats;

/// <summary>
/// Reads JSON into a tree of plain nodes in one pass. A property that comes twice counts the last time, as Go's decoder has it,
/// and is reported, which the framework's own tree does not do.
/// </summary>
internal static class JsonText
{
    private const int MaxDepth = 64;

    /// <param name="utf8">One document.</param>
    /// <param name="duplicates">What is wrong with properties that come more than once; null when there are none.</param>
    /// <exception cref="JsonException">Not JSON, too deep, or no valid UTF-8.</exception>
    public static JsonNode? Read(ReadOnlySpan<byte> utf8, out List<string>? duplicates)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        var walk = new Walk();
        try
        {
            if (!reader.Read())
            {
                throw new JsonException("unexpected end of JSON input");
            }

            var node = walk.Value(ref reader);
            if (reader.Read())
            {
                throw new JsonException("more than one value");
            }

            duplicates = walk.Duplicates;
            return node;
        }
        catch (InvalidOperationException invalid)
        {
            // Thrown for text that is no valid UTF-8 or UTF-16.
            throw new JsonException(invalid.Message, invalid);
        }
    }

    /// <summary>Findings about fields of a document in the order in which a decoder meets these fields; what it does not meet comes last.</summary>
    public static List<string> InOrder(ReadOnlySpan<byte> utf8, List<string> findings)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        var walk = new Walk { Sought = [.. findings] };
        _ = reader.Read() ? walk.Value(ref reader) : null;
        return [.. walk.Met, .. walk.Sought];
    }

    private sealed class Walk
    {
        private readonly List<(string Name, int Index)> _path = [];

        public List<string>? Duplicates { get; private set; }

        public List<string>? Sought { get; init; }

        public List<string> Met { get; } = [];

        public JsonNode? Value(ref Utf8JsonReader reader)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    return Object(ref reader);
                case JsonTokenType.StartArray:
                    return Array(ref reader);
                case JsonTokenType.String:
                    return JsonValue.Create(reader.GetString());
                case JsonTokenType.Number:
                    return JsonValue.Create(JsonElement.ParseValue(ref reader));
                case JsonTokenType.True:
                    return JsonValue.Create(true);
                case JsonTokenType.False:
                    return JsonValue.Create(false);
                default:
                    return null;
            }
        }

        private JsonObject Object(ref Utf8JsonReader reader)
        {
            var obj = new JsonObject();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                _path.Add((name, -1));
                if (obj.ContainsKey(name))
                {
                    (Duplicates ??= []).Add($"duplicate field \"{Spell()}\"");
                }

                if (Sought is not null)
                {
                    Meet(obj.ContainsKey(name));
                }

                obj[name] = Value(ref reader);
                _path.RemoveAt(_path.Count - 1);
            }

            return obj;
        }

        private JsonArray Array(ref Utf8JsonReader reader)
        {
            var array = new JsonArray();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                _path.Add(("", array.Count));
                array.Add(Value(ref reader));
                _path.RemoveAt(_path.Count - 1);
            }

            return array;
        }

        private void Meet(bool again)
        {
            var finding = $"{(again ? "duplicate" : "unknown")} field \"{Spell()}\"";
            if (Sought!.Remove(finding))
            {
                Met.Add(finding);
            }
        }

        private string Spell()
        {
            var text = new StringBuilder();
            foreach (var (name, index) in _path)
            {
                _ = index >= 0 ? text.Append('[').Append(index).Append(']')
                    : text.Length == 0 ? text.Append(name)
                    : text.Append('.').Append(name);
            }

            return text.ToString();
        }
    }
}
