using System.Collections.Concurrent;
using System.Globalization;
using ActorOrchestrator.Host.Api.Errors;

namespace ActorOrchestrator.Host.Api.Formats;

internal enum ResponseShape
{
    /// <summary>The objects themselves.</summary>
    Objects,

    /// <summary><c>meta.k8s.io Table</c>.</summary>
    Table,

    /// <summary><c>PartialObjectMetadata</c> and its list.</summary>
    Metadata,
}

internal enum ResponseSyntax
{
    Json,
    Yaml,
    Protobuf,
}

/// <summary>What the client takes: a shape, the version of that shape, and the syntax.</summary>
internal sealed record ResponseFormat(ResponseShape Shape, string MetaVersion, ResponseSyntax Syntax)
{
    public const string Protobuf = "application/vnd.kubernetes.protobuf";
    private const string Accepted = "application/json, application/yaml, application/vnd.kubernetes.protobuf";
    private const string AcceptedText = "application/json, application/yaml";
    private const string AcceptedStreams = "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch";

    private const int MaxKnown = 256;
    private const int MaxClauses = 64;

    public static readonly ResponseFormat Json = new(ResponseShape.Objects, "", ResponseSyntax.Json);

    private static readonly ConcurrentDictionary<string, Choice> Known = new(StringComparer.Ordinal);

    public bool Yaml => Syntax == ResponseSyntax.Yaml;

    /// <summary>JSON with line breaks, for people.</summary>
    public bool Pretty { get; init; }

    public string ContentType => Syntax switch
    {
        ResponseSyntax.Yaml => "application/yaml",
        ResponseSyntax.Protobuf => Protobuf,
        _ => "application/json",
    };

    /// <summary>The best of the client's media types that we have. Clients send the same few headers for ever, so each is read once.</summary>
    /// <param name="accept">The header; null or empty means JSON.</param>
    /// <param name="protobuf">Whether the kind has a form in protobuf.</param>
    /// <exception cref="ApiException">406: none of them.</exception>
    public static ResponseFormat Negotiate(string? accept, bool protobuf) =>
        Find(accept, protobuf) ?? throw new ApiException(RequestStatuses.NotAcceptable(protobuf ? Accepted : AcceptedText));

    /// <summary>Of what has no columns to print, such as a review: a Table is passed over for the client's next choice.</summary>
    /// <exception cref="ApiException">406: the client takes nothing but a Table.</exception>
    public static ResponseFormat NegotiateObject(string? accept, bool protobuf)
    {
        var format = Negotiate(accept, protobuf);
        if (format.Shape == ResponseShape.Table)
        {
            format = Read(accept!, protobuf, tables: false) ?? throw new ApiException(RequestStatuses.NotAcceptable(protobuf ? Accepted : AcceptedText));
        }

        return format with { Shape = ResponseShape.Objects };
    }

    /// <summary>A watch is framed, which YAML is not.</summary>
    /// <exception cref="ApiException">406.</exception>
    public static ResponseFormat NegotiateStream(string? accept, bool protobuf) =>
        Find(accept, protobuf) is { Yaml: false } format ? format : throw new ApiException(RequestStatuses.NotAcceptable(AcceptedStreams));

    /// <summary>Null when there is none.</summary>
    public static ResponseFormat? Find(string? accept, bool protobuf)
    {
        if (string.IsNullOrEmpty(accept) || accept is "application/json" or "*/*")
        {
            return Json;
        }

        if (!Known.TryGetValue(accept, out var choice))
        {
            choice = new Choice(Read(accept, protobuf: true), Read(accept, protobuf: false));
            if (Known.Count < MaxKnown)
            {
                Known.TryAdd(accept, choice);
            }
        }

        return protobuf ? choice.WithProtobuf : choice.WithoutProtobuf;
    }

    private static ResponseFormat? Read(string accept, bool protobuf, bool tables = true)
    {
        var clauses = accept.Split(',', MaxClauses + 1, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Take(MaxClauses)
            .Select(Clause.Read)
            .OfType<Clause>()
            .OrderByDescending(clause => clause.Quality)
            .ThenBy(clause => clause.Type == "*")
            .ThenBy(clause => clause.Subtype == "*");
        foreach (var clause in clauses)
        {
            foreach (var syntax in clause.Syntaxes())
            {
                if (Shaped(clause, syntax, protobuf) is { } format && (tables || format.Shape != ResponseShape.Table))
                {
                    return format;
                }
            }
        }

        return null;
    }

    /// <summary>The parameters of a media type: <c>as</c>, <c>g</c> and <c>v</c> transform, <c>stream</c> frames, <c>pretty</c> is for people; others do not matter.</summary>
    private static ResponseFormat? Shaped(Clause clause, ResponseSyntax syntax, bool protobuf)
    {
        if (clause.Parameter("stream") is not ("" or "watch") || (clause.Parameter("stream").Length > 0 && syntax == ResponseSyntax.Yaml)
            || clause.Parameter("sv") is not ("" or "v1"))
        {
            return null;
        }

        var pretty = clause.Parameter("pretty") == "1";
        if (!clause.Has("as") && !clause.Has("g") && !clause.Has("v"))
        {
            return syntax == ResponseSyntax.Protobuf && !protobuf ? null : new ResponseFormat(ResponseShape.Objects, "", syntax) { Pretty = pretty };
        }

        var version = clause.Parameter("v");
        if (clause.Parameter("g") != "meta.k8s.io" || version is not ("v1" or "v1beta1"))
        {
            return null;
        }

        return clause.Parameter("as") switch
        {
            "Table" when syntax != ResponseSyntax.Protobuf => new ResponseFormat(ResponseShape.Table, version, syntax) { Pretty = pretty },
            "PartialObjectMetadata" or "PartialObjectMetadataList" => new ResponseFormat(ResponseShape.Metadata, version, syntax) { Pretty = pretty },
            _ => null,
        };
    }

    private sealed record Choice(ResponseFormat? WithProtobuf, ResponseFormat? WithoutProtobuf);

    /// <summary>One media range of an Accept header.</summary>
    private sealed record Clause(string Type, string Subtype, double Quality, Dictionary<string, string> Parameters)
    {
        public static Clause? Read(string text)
        {
            var parts = text.Split(';', StringSplitOptions.TrimEntries);
            var range = parts[0] == "*" ? ["*", "*"] : parts[0].ToLowerInvariant().Split('/');
            if (range.Length != 2 || (range[0] == "*" && range[1] != "*"))
            {
                return null;
            }

            var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
            var quality = 1.0;
            foreach (var part in parts.AsSpan(1))
            {
                var equals = part.IndexOf('=', StringComparison.Ordinal);
                if (equals < 0)
                {
                    continue;
                }

                var (name, value) = (part[..equals].Trim(), part[(equals + 1)..].Trim().Trim('"'));
                if (name == "q")
                {
                    quality = double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var q) && double.IsFinite(q) ? q : 1.0;
                }
                else
                {
                    parameters[name] = value;
                }
            }

            return new Clause(range[0].Trim(), range[1].Trim(), quality, parameters);
        }

        public bool Has(string parameter) => Parameters.ContainsKey(parameter);

        public string Parameter(string name) => Parameters.GetValueOrDefault(name, "");

        public IEnumerable<ResponseSyntax> Syntaxes() => (Type, Subtype) switch
        {
            ("*", "*") or ("application", "*") => [ResponseSyntax.Json, ResponseSyntax.Yaml, ResponseSyntax.Protobuf],
            ("application", "json") => [ResponseSyntax.Json],
            ("application", "yaml") => [ResponseSyntax.Yaml],
            ("application", "vnd.kubernetes.protobuf") => [ResponseSyntax.Protobuf],
            _ => [],
        };
    }
}
