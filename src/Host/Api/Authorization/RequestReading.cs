using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;
using Microsoft.AspNetCore.Http.Features;

namespace ActorOrchestrator.Host.Api.Authorization;

/// <summary>What a request asks for, by its URL and verb (upstream's <c>RequestInfo</c>).</summary>
internal static class RequestReading
{
    public static RequestAttributes AttributesOf(HttpRequest request, string verb, ApiPath? path, string url)
    {
        if (path is not { } resource)
        {
            return Unserved(request, url) ?? RequestAttributes.OfUrl(verb, url);
        }

        // Roles speak of what is asked for: events of events.k8s.io are stored as the core group's and are not those.
        var stored = resource.Descriptor.Type;
        var type = resource.Descriptor.Group == stored.Group ? stored : stored with { Group = resource.Descriptor.Group };
        var name = resource.Name;
        if (name.Length == 0 && verb is "list" or "watch" && request.QueryString.HasValue)
        {
            name = NameInSelector(request);
        }

        return new RequestAttributes
        {
            Verb = verb,
            IsResource = true,
            Type = type,
            Version = resource.Descriptor.Version,
            Subresource = resource.Subresource,
            // A namespace is also in itself, so that a role in it can allow to read it.
            Namespace = type == ResourceTypes.Namespaces ? resource.Name : resource.Namespace,
            Name = name,
            Url = url,
        };
    }

    /// <summary>A list of one named object counts as that object's: who may list it by name may watch it by name.</summary>
    private static string NameInSelector(HttpRequest request)
    {
        const string Label = "metadata.name=";
        foreach (var part in request.Query["fieldSelector"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (part.StartsWith(Label, StringComparison.Ordinal))
            {
                var name = part[Label.Length..].TrimStart('=');
                return name is "." or ".." || name.Contains('/') || name.Contains('%') ? "" : name;
            }
        }

        return "";
    }

    /// <summary>A path that has the form of a resource's is refused as one, whether that resource is served or not.</summary>
    private static RequestAttributes? Unserved(HttpRequest request, string url)
    {
        var parts = url.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var (group, version, rest) = parts switch
        {
            ["api", var v, .. var r] => ("", v, r),
            ["apis", var g, var v, .. var r] => (g, v, r),
            _ => ("", "", []),
        };
        if (rest.Length == 0)
        {
            return null;
        }

        var @namespace = "";
        if (rest is ["namespaces", var inside, ..])
        {
            @namespace = inside;
            if (rest is [_, _, not ("status" or "finalize"), ..])
            {
                rest = rest[2..];
            }
        }

        var name = rest.Length > 1 ? rest[1] : "";
        return new RequestAttributes
        {
            Verb = VerbOf(request, name.Length == 0),
            IsResource = true,
            Type = new ResourceType(group, rest[0]),
            Version = version,
            Namespace = @namespace,
            Name = name,
            Subresource = rest.Length > 2 ? rest[2] : "",
            Url = url,
        };
    }

    /// <summary>The API's verb for a method.</summary>
    public static string VerbOf(HttpRequest request, bool collection) => request.Method switch
    {
        "GET" or "HEAD" when !collection => "get",
        "GET" or "HEAD" => IsWatch(request) ? "watch" : "list",

        // Over HTTP/2 a WebSocket is asked for by CONNECT.
        "CONNECT" when request.HttpContext.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } => !collection ? "get" : IsWatch(request) ? "watch" : "list",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => collection ? "deletecollection" : "delete",
        var method => method.ToLowerInvariant(),
    };

    private static bool IsWatch(HttpRequest request) =>
        request.QueryString.HasValue && request.Query.TryGetValue("watch", out var watch) && watch.ToString() is not ("0" or "false" or "False");
}
