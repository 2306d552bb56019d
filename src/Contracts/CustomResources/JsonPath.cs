using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>
/// The JSON paths of printer columns, as client-go's <c>jsonpath</c> has them without templates: fields, indices, slices, wildcards, recursive descent
/// and filters (<c>.status.conditions[?(@.type=="Ready")].status</c>). What is missing selects nothing.
/// </summary>
public sealed class JsonPath
{
    private readonly ImmutableArray<Step> _steps;

    private JsonPath(ImmutableArray<Step> steps) => _steps = steps;

    /// <returns>False with a message when the text is no such path.</returns>
    public static bool TryParse(string text, out JsonPath path, out string error)
    {
        path = new JsonPath([]);
        var parser = new Parser(text);
        try
        {
            path = new JsonPath(parser.Steps(text.Length));
            error = "";
            return true;
        }
        catch (FormatException malformed)
        {
            error = malformed.Message;
            return false;
        }
    }

    /// <summary>Every value that the path leads to, in document order.</summary>
    public IEnumerable<JsonElement> Select(JsonElement root)
    {
        IEnumerable<JsonElement> current = [root];
        foreach (var step in _steps)
        {
            current = current.SelectMany(step.Of);
        }

        return current;
    }

    private abstract record Step
    {
        public abstract IEnumerable<JsonElement> Of(JsonElement element);
    }

    private sealed record Member(string Name) : Step
    {
        public override IEnumerable<JsonElement> Of(JsonElement element) =>
            element.ValueKind == JsonValueKind.Object && element.TryGetProperty(Name, out var value) ? [value] : [];
    }

    private sealed record Slice(int? Start, int? End, int Stride, bool Single) : Step
    {
        public override IEnumerable<JsonElement> Of(JsonElement element)
        {
            if (element.ValueKind != JsonValueKind.Array)
            {
                yield break;
            }

            var length = element.GetArrayLength();
            var start = Start is { } from ? (from < 0 ? from + length : from) : 0;
            var end = Single ? start + 1 : End is { } to ? (to < 0 ? to + length : to) : length;
            for (var i = Math.Max(start, 0); i < Math.Min(end, length); i += Stride)
            {
                yield return element[i];
            }
        }
    }

    private sealed record Wildcard : Step
    {
        public override IEnumerable<JsonElement> Of(JsonElement element) => Children(element);
    }

    private sealed record Descent(Step Then) : Step
    {
        public override IEnumerable<JsonElement> Of(JsonElement element) =>
            Then.Of(element).Concat(Children(element).SelectMany(Of));
    }

    private sealed record Union(ImmutableArray<Step> Steps) : Step
    {
        public override IEnumerable<JsonElement> Of(JsonElement element) => Steps.SelectMany(step => step.Of(element));
    }

    private sealed record Filter(JsonPath Left, string Operator, JsonPath? RightPath, JsonElement Right) : Step
    {
        public override IEnumerable<JsonElement> Of(JsonElement element) => element.ValueKind == JsonValueKind.Array ? element.EnumerateArray().Where(Holds) : [];

        private bool Holds(JsonElement item)
        {
            var left = Left.Select(item).Take(1).ToArray();
            if (Operator.Length == 0 || left.Length == 0)
            {
                return left.Length > 0;
            }

            var right = RightPath is null ? [Right] : RightPath.Select(item).Take(1).ToArray();
            return right.Length > 0 && Compare(left[0], right[0]);
        }

        private bool Compare(JsonElement left, JsonElement right)
        {
            if (left.ValueKind != right.ValueKind && !(IsTruth(left) && IsTruth(right)))
            {
                return Operator == "!=";
            }

            var order = left.ValueKind switch
            {
                JsonValueKind.String => string.CompareOrdinal(left.GetString(), right.GetString()),
                JsonValueKind.Number => left.GetDouble().CompareTo(right.GetDouble()),
                _ => left.GetRawText() == right.GetRawText() ? 0 : 1,
            };
            return Operator switch { "==" => order == 0, "!=" => order != 0, "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
        }

        private static bool IsTruth(JsonElement element) => element.ValueKind is JsonValueKind.True or JsonValueKind.False;
    }

    private static IEnumerable<JsonElement> Children(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray(),
        JsonValueKind.Object => element.EnumerateObject().Select(property => property.Value),
        _ => [],
    };

    private sealed class Parser(string text)
    {
        private static readonly string[] Operators = ["==", "!=", "<=", ">=", "<", ">"];
        private int _at;

        public ImmutableArray<Step> Steps(int end)
        {
            var steps = ImmutableArray.CreateBuilder<Step>();
            while (_at < end)
            {
                switch (text[_at])
                {
                    case '.' when _at + 1 < end && text[_at + 1] == '.':
                        _at += 2;
                        steps.Add(new Descent(_at < end && text[_at] == '[' ? Bracket(end) : Name(end)));
                        break;
                    case '.':
                        _at++;
                        if (_at < end && text[_at] is not ('[' or '.'))
                        {
                            steps.Add(Name(end));
                        }

                        break;
                    case '[':
                        steps.Add(Bracket(end));
                        break;
                    case '@' or '$' when steps.Count == 0:
                        _at++;
                        break;
                    default:
                        steps.Add(Name(end));
                        break;
                }
            }

            return steps.ToImmutable();
        }

        private Step Name(int end)
        {
            var name = new System.Text.StringBuilder();
            while (_at < end && text[_at] is not ('.' or '['))
            {
                // A dot that belongs to a name is written with a backslash.
                if (text[_at] == '\\' && _at + 1 < end)
                {
                    _at++;
                }

                name.Append(text[_at++]);
            }

            return name.Length == 0 ? throw new FormatException($"a field name is missing at {_at}") : name.ToString() == "*" ? new Wildcard() : new Member(name.ToString());
        }

        private Step Bracket(int end)
        {
            var close = Closing(end);
            var inside = text[(_at + 1)..close];
            if (inside.StartsWith("?(", StringComparison.Ordinal) && inside.EndsWith(')'))
            {
                var filter = FilterOf(inside[2..^1]);
                _at = close + 1;
                return filter;
            }

            _at = close + 1;
            var parts = Split(inside).Select(Part).ToImmutableArray();
            return parts.Length == 1 ? parts[0] : new Union(parts);
        }

        private int Closing(int end)
        {
            var quote = '\0';
            var depth = 0;
            for (var i = _at; i < end; i++)
            {
                var letter = text[i];
                if (quote != '\0')
                {
                    quote = letter == quote ? '\0' : quote;
                }
                else if (letter is '\'' or '"')
                {
                    quote = letter;
                }
                else if (letter == '[')
                {
                    depth++;
                }
                else if (letter == ']' && --depth == 0)
                {
                    return i;
                }
            }

            throw new FormatException("unterminated array");
        }

        private static IEnumerable<string> Split(string inside) =>
            inside is ['\'' or '"', ..] ? [inside] : inside.Split(',', StringSplitOptions.TrimEntries);

        private static Step Part(string part)
        {
            if (part is ['\'', .., '\''] or ['"', .., '"'])
            {
                return new Member(part[1..^1]);
            }

            if (part == "*")
            {
                return new Wildcard();
            }

            var numbers = part.Split(':');
            if (numbers.Length > 3)
            {
                throw new FormatException($"invalid array index {part}");
            }

            var values = numbers.Select(Number).ToArray();
            return numbers.Length == 1
                ? new Slice(values[0] ?? throw new FormatException($"invalid array index {part}"), null, 1, Single: true)
                : new Slice(values[0], values[1], numbers.Length == 3 ? Math.Max(values[2] ?? 1, 1) : 1, Single: false);
        }

        private static int? Number(string number) => number.Length == 0 ? null
            : int.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value
            : throw new FormatException($"invalid array index {number}");

        private static Filter FilterOf(string condition)
        {
            var (at, found) = Operators.Select(name => (At: Outside(condition, name), Name: name)).Where(hit => hit.At >= 0).OrderBy(hit => hit.At).ThenByDescending(hit => hit.Name.Length)
                .FirstOrDefault((At: -1, Name: ""));
            var left = PathOf(at < 0 ? condition : condition[..at]);
            if (at < 0)
            {
                return new Filter(left, "", null, default);
            }

            var right = condition[(at + found.Length)..].Trim();
            return right is ['@' or '$', ..] ? new Filter(left, found, PathOf(right), default) : new Filter(left, found, null, Literal(right));
        }

        /// <summary>The place of an operator that does not stand in quotes.</summary>
        private static int Outside(string condition, string name)
        {
            var quote = '\0';
            for (var i = 0; i < condition.Length; i++)
            {
                if (quote != '\0')
                {
                    quote = condition[i] == quote ? '\0' : quote;
                }
                else if (condition[i] is '\'' or '"')
                {
                    quote = condition[i];
                }
                else if (condition.AsSpan(i).StartsWith(name))
                {
                    return i;
                }
            }

            return -1;
        }

        private static JsonPath PathOf(string path) => TryParse(path.Trim(), out var parsed, out var error) ? parsed : throw new FormatException(error);

        private static JsonElement Literal(string text)
        {
            var json = text is ['\'', .., '\''] or ['"', .., '"'] ? JsonSerializer.Serialize(text[1..^1]) : text;
            try
            {
                using var document = JsonDocument.Parse(json);
                return document.RootElement.Clone();
            }
            catch (JsonException)
            {
                throw new FormatException($"unrecognized value in a filter: {text}");
            }
        }
    }
}
