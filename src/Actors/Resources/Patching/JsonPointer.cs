using System.Globalization;
using System.Text.Json.Nodes;

namespace ActorOrchestrator.Actors.Resources.Patching;

/// <summary>JSON pointers, RFC 6901.</summary>
internal static class JsonPointer
{
    public static string[] Parse(string pointer)
    {
        if (pointer.Length == 0)
        {
            return [];
        }

        if (pointer[0] != '/')
        {
            throw PatchException.Malformed($"error decoding patch: the path \"{pointer}\" does not begin with '/'");
        }

        var tokens = pointer[1..].Split('/');
        for (var i = 0; i < tokens.Length; i++)
        {
            tokens[i] = tokens[i].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        }

        return tokens;
    }

    /// <summary>The value at a path; throws when a step is missing.</summary>
    public static JsonNode? Resolve(JsonNode? root, ReadOnlySpan<string> tokens, string pointer)
    {
        var node = root;
        foreach (var token in tokens)
        {
            node = node switch
            {
                JsonObject obj when obj.TryGetPropertyValue(token, out var child) => child,
                JsonArray array => array[Index(array, token, pointer, array.Count - 1)],
                _ => throw PatchException.Unprocessable($"path \"{pointer}\" does not exist: no \"{token}\""),
            };
        }

        return node;
    }

    /// <summary>An array index without leading zeros, not above <paramref name="highest"/>.</summary>
    public static int Index(JsonArray array, string token, string pointer, int highest)
    {
        var wellFormed = token.Length > 0 && (token.Length == 1 || token[0] != '0');
        if (!wellFormed || !int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            throw PatchException.Unprocessable($"path \"{pointer}\": \"{token}\" is not an array index");
        }

        if (index > highest)
        {
            throw PatchException.Unprocessable($"path \"{pointer}\": index {token} is outside the array of {array.Count}");
        }

        return index;
    }
}
