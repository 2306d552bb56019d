using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Access;

/// <summary>What somebody asks for, as authorizers judge it: an act on a resource, or on a path that is none (upstream's <c>authorizer.Attributes</c>).</summary>
public readonly record struct RequestAttributes
{
    /// <summary>The API's verb, <c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c> …; for a path the HTTP method in lower case.</summary>
    public required string Verb { get; init; }

    public bool IsResource { get; init; }

    /// <summary>Group and plural; for a resource that is served and for one that is not.</summary>
    public ResourceType Type { get; init; }

    public string Version { get; init; } = "";

    /// <summary>Empty for the object itself.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>Empty at the cluster scope and for all namespaces.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Empty for the collection.</summary>
    public string Name { get; init; } = "";

    /// <summary>The path of the request.</summary>
    public string Url { get; init; } = "";

    public RequestAttributes()
    {
    }

    public ObjectKey Key => new(Type, Namespace, Name);

    public static RequestAttributes OfUrl(string verb, string url) => new() { Verb = verb, Url = url };

    public static RequestAttributes Of(string verb, ResourceType type, string @namespace = "", string name = "", string subresource = "", string version = "") => new()
    {
        Verb = verb, IsResource = true, Type = type, Namespace = @namespace, Name = name, Subresource = subresource, Version = version,
    };
}
