using System.Globalization;
using System.Text.Json.Nodes;

namespace ActorOrchestrator.Actors.Resources.Patching;

/// <summary>A JSON pointer, RFC 6901.</summary>
internal sealed class JsonPointer
{
    private readonly string _text;
    private readonly string[] _tokens;

    private JsonPointer(string text, string[] tokens)
    {
        _text = text;
        _tokens = tokens;
    }

    /// <summary>The whole document.</summary>
    public bool IsRoot => _tokens.Length == 0;

    /// <summary>The last step; there is none at the root.</summary>
    public string Last => _tokens[^1];

    public static bool TryParse(string text, out JsonPointer pointer)
    {
        pointer = new JsonPointer(text, []);
        if (text.Length == 0)
        {
            return true;
        }

        if (text[0] != '/')
        {
            return false;
        }

        var tokens = text[1..].Split('/');
        for (var i = 0; i < tokens.Length; i++)
        {
            if (tokens[i].Contains('~', StringComparison.Ordinal))
            {
                tokens[i] = tokens[i].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            }
        }

        pointer = new JsonPointer(text, tokens);
        return true;
    }

    /// <summary>What the last step is taken in; null when a step before it leads nowhere.</summary>
    public JsonNode? Parent(JsonNode? root)
    {
        var node = root;
        foreach (var token in _tokens.AsSpan(0, _tokens.Length - 1))
        {
            node = node switch
            {
                JsonObject obj => obj[token],
                JsonArray array when TryIndex(token, out var index) && index < array.Count => array[index],
                _ => null,
            };
        }

        return node;
    }

    public bool IsBelow(JsonPointer other) => _tokens.Length > other._tokens.Length && _tokens.AsSpan(0, other._tokens.Length).SequenceEqual(other._tokens);

    /// <summary>An array index: digits without a leading zero.</summary>
    public static bool TryIndex(string token, out int index)
    {
        index = 0;
        var wellFormed = token.Length > 0 && (token.Length == 1 || token[0] != '0');
        return wellFormed && int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out index);
    }

    public override string ToString() => _text;
}
