using ActorOrchestrator.Actors.Resources.Expressions.Values;

namespace ActorOrchestrator.Actors.Resources.Expressions.Functions;

/// <summary>URLs as Go's <c>url.ParseRequestURI</c> reads them: absolute, or an absolute path.</summary>
internal static class UrlFunctions
{
    public static void AddTo(FunctionTable table)
    {
        table.Add("url(string) -> url", a => Parse((string)a[0]!), Effort.Traversal);
        table.Add("isURL(string) -> bool", a => Parse((string)a[0]!) is UrlValue, Effort.Traversal);
        table.Add("url::getScheme() -> string", a => ((UrlValue)a[0]!).Scheme);
        table.Add("url::getHost() -> string", a => ((UrlValue)a[0]!).Host);
        table.Add("url::getHostname() -> string", a => ((UrlValue)a[0]!).Hostname);
        table.Add("url::getPort() -> string", a => ((UrlValue)a[0]!).Port);
        table.Add("url::getEscapedPath() -> string", a => ((UrlValue)a[0]!).EscapedPath);
        table.Add("url::getQuery() -> map(string, list(string))", a => ((UrlValue)a[0]!).Query);
    }

    private static object Parse(string text)
    {
        var invalid = new Failure($"URL parse error during conversion from string: parse \"{text}\": invalid URI for request");
        if (text.Length == 0 || text.Any(c => c is < ' ' or '\x7f'))
        {
            return invalid;
        }

        var scheme = "";
        var rest = text;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && char.IsAsciiLetter(text[0]) && text[..colon].All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '.'))
        {
            scheme = text[..colon].ToLowerInvariant();
            rest = text[(colon + 1)..];
        }

        var question = rest.IndexOf('?', StringComparison.Ordinal);
        var query = question < 0 ? "" : rest[(question + 1)..];
        rest = question < 0 ? rest : rest[..question];
        if (!rest.StartsWith('/'))
        {
            // An opaque URL such as mailto:a has no path; without a scheme there is nothing to request.
            return scheme.Length == 0 ? invalid : new UrlValue(text, scheme, "", "", "", "", Query(query));
        }

        var host = "";
        if (rest.StartsWith("//", StringComparison.Ordinal) && scheme.Length > 0)
        {
            var slash = rest.IndexOf('/', 2);
            host = slash < 0 ? rest[2..] : rest[2..slash];
            rest = slash < 0 ? "" : rest[slash..];
            host = host[(host.LastIndexOf('@') + 1)..];
        }

        if (!TrySplitHost(host, out var hostname, out var port) || !IsEscaped(rest))
        {
            return invalid;
        }

        return new UrlValue(text, scheme, host, hostname, port, rest.Length > 0 ? EscapePath(rest) : "", Query(query));
    }

    private static bool TrySplitHost(string host, out string hostname, out string port)
    {
        (hostname, port) = (host, "");
        var colon = host.LastIndexOf(':');
        if (host.StartsWith('['))
        {
            var close = host.IndexOf(']', StringComparison.Ordinal);
            if (close < 0)
            {
                return false;
            }

            hostname = host[1..close];
            colon = close + 1 < host.Length ? close + 1 : -1;
        }
        else if (colon >= 0)
        {
            hostname = host[..colon];
        }

        port = colon >= 0 ? host[(colon + 1)..] : "";
        return (colon < 0 || host[colon] == ':') && port.All(char.IsAsciiDigit) && !hostname.Any(c => c is ' ' or '"' or '<' or '>' or '\\' or '^' or '`' or '{' or '}');
    }

    private static bool IsEscaped(string path)
    {
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] == '%' && (i + 2 >= path.Length || !char.IsAsciiHexDigit(path[i + 1]) || !char.IsAsciiHexDigit(path[i + 2])))
            {
                return false;
            }
        }

        return true;
    }

    private static string EscapePath(string path) => path.Contains('%', StringComparison.Ordinal)
        ? path
        : string.Join('/', path.Split('/').Select(part => Uri.EscapeDataString(part)
            .Replace("%24", "$", StringComparison.Ordinal).Replace("%26", "&", StringComparison.Ordinal).Replace("%2B", "+", StringComparison.Ordinal)
            .Replace("%3A", ":", StringComparison.Ordinal).Replace("%3D", "=", StringComparison.Ordinal).Replace("%40", "@", StringComparison.Ordinal)));

    private static ValueMap Query(string query)
    {
        var values = new Dictionary<string, List<object?>>(StringComparer.Ordinal);
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var key = Uri.UnescapeDataString((equals < 0 ? pair : pair[..equals]).Replace('+', ' '));
            var value = equals < 0 ? "" : Uri.UnescapeDataString(pair[(equals + 1)..].Replace('+', ' '));
            if (!values.TryGetValue(key, out var list))
            {
                values[key] = list = [];
            }

            list.Add(value);
        }

        return new ValueMap(values.Select(pair => KeyValuePair.Create<object, object?>(pair.Key, new ValueList(pair.Value))));
    }
}
