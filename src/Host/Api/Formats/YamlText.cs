using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ActorOrchestrator.Host.Api.Formats;

/// <summary>
/// YAML in and out, as the superset of JSON that Kubernetes uses it for: the first document only, plain scalars resolved to null,
/// booleans and numbers as YAML 1.1 does, everything else text. Aliases are followed up to a bound, so that a small
/// text cannot become a huge object.
/// </summary>
internal static class YamlText
{
    private const int MaxDepth = 64;
    private const int MaxNodes = 200_000;

    /// <param name="text">The first document counts.</param>
    /// <param name="duplicates">What is wrong with keys that come more than once, in one finding as Go's strict decoder has it; null when there are none.</param>
    /// <exception cref="YamlException">Not YAML.</exception>
    public static JsonNode? Read(string text, out List<string>? duplicates)
    {
        var walk = new Walk(new Parser(new StringReader(text)));
        var node = walk.Document();
        duplicates = walk.Duplicates is { } found ? [$"yaml: unmarshal errors:\n  {string.Join("\n  ", found)}"] : null;
        return node;
    }

    public static string Write(JsonNode? node)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings(2, int.MaxValue, false, 1024, skipAnchorName: true));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, node);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Emit(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject obj:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, true, obj.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (name, value) in obj)
                {
                    emitter.Emit(Text(name));
                    Emit(emitter, value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray array:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, true, array.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in array)
                {
                    Emit(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                emitter.Emit(Text(value.GetValue<string>()));
                break;
            default:
                emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, node?.ToJsonString() ?? "null", ScalarStyle.Plain, true, false));
                break;
        }
    }

    /// <summary>Text that would be read back as something else is quoted; text of several lines stands as a block.</summary>
    private static Scalar Text(string text)
    {
        var style = text.Length == 0 || Resolve(text) is not JsonValue value || value.GetValueKind() != JsonValueKind.String ? ScalarStyle.DoubleQuoted
            : text.Contains('\n', StringComparison.Ordinal) ? ScalarStyle.Literal
            : ScalarStyle.Any;
        return new Scalar(AnchorName.Empty, TagName.Empty, text, style, true, true);
    }

    /// <summary>What a plain scalar means.</summary>
    private static JsonNode? Resolve(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON":
                return JsonValue.Create(true);
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF":
                return JsonValue.Create(false);
        }

        if (!char.IsAsciiDigit(text[0]) && text[0] is not ('-' or '+' or '.'))
        {
            return JsonValue.Create(text);
        }

        return Number(text) ?? JsonValue.Create(text);
    }

    private static JsonValue? Number(string text)
    {
        var plain = text.Replace("_", "", StringComparison.Ordinal);
        var digits = plain.TrimStart('+', '-');
        var negative = plain.StartsWith('-');
        if (plain.Length - digits.Length > 1)
        {
            return null;
        }

        var (radix, body) = digits switch
        {
            ['0', 'x' or 'X', ..] => (16, digits[2..]),
            ['0', 'o', ..] => (8, digits[2..]),
            ['0', 'b', ..] => (2, digits[2..]),
            ['0', >= '0' and <= '7', ..] when digits.All(c => c is >= '0' and <= '7') => (8, digits[1..]),
            _ => (10, digits),
        };
        if (radix != 10)
        {
            return TryRadix(body, radix, out var value) ? JsonValue.Create(negative ? -value : value) : null;
        }

        if (long.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
        {
            return JsonValue.Create(whole);
        }

        var looksLikeNumber = digits.Length > 0 && digits.All(c => char.IsAsciiDigit(c) || c is '.' or 'e' or 'E' or '+' or '-') && digits.Any(char.IsAsciiDigit);
        return looksLikeNumber && double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real)
            ? JsonValue.Create(real)
            : null;
    }

    private static bool TryRadix(string digits, int radix, out long value)
    {
        value = 0;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : int.MaxValue;
            if (digit >= radix || value > (long.MaxValue - digit) / radix)
            {
                return false;
            }

            value = (value * radix) + digit;
        }

        return digits.Length > 0;
    }

    private sealed class Walk(Parser parser)
    {
        private readonly Dictionary<AnchorName, JsonNode?> _anchors = [];
        private readonly List<string> _path = [];
        private int _nodes;

        public List<string>? Duplicates { get; private set; }

        public JsonNode? Document()
        {
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _))
            {
                return null;
            }

            return Node();
        }

        private JsonNode? Node()
        {
            Count(1);
            if (_path.Count > MaxDepth)
            {
                throw new YamlException("the document is nested too deeply");
            }

            if (parser.TryConsume<AnchorAlias>(out var alias))
            {
                var target = _anchors.TryGetValue(alias.Value, out var known) ? known : throw new YamlException(alias.Start, alias.End, $"unknown anchor '{alias.Value}' referenced");
                Count(Size(target));
                return target?.DeepClone();
            }

            if (parser.TryConsume<Scalar>(out var scalar))
            {
                return Remember(scalar.Anchor, Value(scalar));
            }

            if (parser.TryConsume<SequenceStart>(out var sequence))
            {
                var array = new JsonArray();
                while (!parser.TryConsume<SequenceEnd>(out _))
                {
                    _path.Add($"[{array.Count}]");
                    array.Add(Node());
                    _path.RemoveAt(_path.Count - 1);
                }

                return Remember(sequence.Anchor, array);
            }

            var mapping = parser.Consume<MappingStart>();
            return Remember(mapping.Anchor, Mapping());
        }

        private JsonObject Mapping()
        {
            var obj = new JsonObject();
            var merged = new List<JsonNode?>();
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var key = parser.TryConsume<Scalar>(out var scalar)
                    ? scalar.Value
                    : throw new YamlException(parser.Current!.Start, parser.Current.End, "a key of a mapping must be a scalar");
                _path.Add(_path.Count == 0 ? key : "." + key);
                var value = Node();
                if (key == "<<")
                {
                    merged.Add(value);
                }
                else
                {
                    if (obj.ContainsKey(key))
                    {
                        (Duplicates ??= []).Add($"line {scalar.Start.Line}: key \"{key}\" already set in map");
                    }

                    obj[key] = value;
                }

                _path.RemoveAt(_path.Count - 1);
            }

            foreach (var source in merged.SelectMany(node => node is JsonArray list ? list.ToArray() : [node]).OfType<JsonObject>())
            {
                foreach (var (name, value) in source)
                {
                    if (!obj.ContainsKey(name))
                    {
                        obj[name] = value?.DeepClone();
                    }
                }
            }

            return obj;
        }

        private static JsonNode? Value(Scalar scalar)
        {
            if (scalar.Style != ScalarStyle.Plain || scalar.Tag == "tag:yaml.org,2002:str")
            {
                return JsonValue.Create(scalar.Value);
            }

            return Resolve(scalar.Value);
        }

        private JsonNode? Remember(AnchorName anchor, JsonNode? node)
        {
            if (!anchor.IsEmpty)
            {
                _anchors[anchor] = node;
            }

            return node;
        }

        private void Count(int nodes)
        {
            _nodes += nodes;
            if (_nodes > MaxNodes)
            {
                throw new YamlException("the document has too many values");
            }
        }

        private static int Size(JsonNode? node) => node switch
        {
            JsonObject obj => 1 + obj.Sum(property => Size(property.Value)),
            JsonArray array => 1 + array.Sum(Size),
            _ => 1,
        };
    }
}
