using System.Collections.Immutable;

namespace ActorOrchestrator.Contracts.Resources.Catalog;

/// <summary>A path below an object, such as <c>pods/log</c>, and what is sent to it.</summary>
/// <param name="Name">The last segment of the URL: <c>status</c>, <c>scale</c>, <c>binding</c> …</param>
/// <param name="Group">The group of the kind that travels; null when it is the resource's own.</param>
/// <param name="Version">The version of the kind that travels; null when it is the resource's own.</param>
/// <param name="Kind">The kind that travels.</param>
/// <param name="Verbs">In alphabetical order, as discovery shows them.</param>
public sealed record Subresource(string Name, string? Group, string? Version, string Kind, ImmutableArray<string> Verbs)
{
    /// <summary>A view of the resource's own kind that is read and written whole: <c>status</c>, <c>ephemeralcontainers</c>.</summary>
    public static Subresource View(string name, string kind) => new(name, null, null, kind, ["get", "patch", "update"]);

    public static Subresource Scale { get; } = new("scale", "autoscaling", "v1", "Scale", ["get", "patch", "update"]);

    public bool Allows(string verb) => Verbs.Contains(verb);
}
