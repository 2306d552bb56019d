using System.Collections.Concurrent;
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

/// <summary>What the client takes: a shape, the version of that shape, and the syntax.</summary>
internal sealed record ResponseFormat(ResponseShape Shape, string MetaVersion, bool Yaml)
{
    public const string Accepted =
        "application/json, application/yaml, application/json;as=Table;v=v1;g=meta.k8s.io, application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io, application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";

    private const int MaxKnown = 256;

    public static readonly ResponseFormat Json = new(ResponseShape.Objects, "", false);

    private static readonly ConcurrentDictionary<string, ResponseFormat?> Known = new(StringComparer.Ordinal);

    public string ContentType => Yaml ? "application/yaml" : "application/json";

    /// <summary>The first of the client's media types that we have. Clients send the same few headers for ever, so each is read once.</summary>
    /// <exception cref="ApiException">406: none of them.</exception>
    public static ResponseFormat Negotiate(string? accept)
    {
        if (string.IsNullOrEmpty(accept) || accept is "application/json" or "*/*")
        {
            return Json;
        }

        if (!Known.TryGetValue(accept, out var format))
        {
            format = Read(accept);
            if (Known.Count < MaxKnown)
            {
                Known.TryAdd(accept, format);
            }
        }

        return format ?? throw new ApiException(RequestStatuses.NotAcceptable(Accepted));
    }

    private static ResponseFormat? Read(string accept)
    {
        foreach (var candidate in accept.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = candidate.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length > 0 && ReadOne(parts) is { } format)
            {
                return format;
            }
        }

        return null;
    }

    private static ResponseFormat? ReadOne(string[] parts)
    {
        bool yaml;
        switch (parts[0].ToLowerInvariant())
        {
            case "application/json" or "*/*" or "application/*": yaml = false; break;
            case "application/yaml": yaml = true; break;
            default: return null;
        }

        string shape = "", group = "", version = "";
        foreach (var parameter in parts.AsSpan(1))
        {
            var equals = parameter.IndexOf('=');
            var value = equals < 0 ? "" : parameter[(equals + 1)..].Trim();
            switch (equals < 0 ? parameter : parameter[..equals].Trim())
            {
                case "as": shape = value; break;
                case "g": group = value; break;
                case "v": version = value; break;
            }
        }

        return shape switch
        {
            "" => new ResponseFormat(ResponseShape.Objects, "", yaml),
            "Table" when group == "meta.k8s.io" && version is "v1" or "v1beta1" => new ResponseFormat(ResponseShape.Table, version, yaml),
            "PartialObjectMetadata" or "PartialObjectMetadataList" when group == "meta.k8s.io" && version is "v1" or "v1beta1" =>
                new ResponseFormat(ResponseShape.Metadata, version, yaml),
            _ => null,
        };
    }
}
