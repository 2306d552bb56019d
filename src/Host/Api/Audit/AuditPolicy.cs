using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Audit;

/// <summary>How much of a request is kept.</summary>
public enum AuditLevel
{
    None,
    Metadata,
    Request,
    RequestResponse,
}

/// <param name="Level">How much.</param>
/// <param name="OmitStages">Stages that are not kept.</param>
/// <param name="OmitManagedFields">Leaves <c>metadata.managedFields</c> out of the bodies.</param>
public sealed record AuditDecision(AuditLevel Level, ImmutableHashSet<string> OmitStages, bool OmitManagedFields)
{
    public static readonly AuditDecision Nothing = new(AuditLevel.None, [], false);
}

/// <summary>What is kept of which requests: the first rule that a request meets decides, and without one nothing is kept (<c>audit.k8s.io/v1 Policy</c>).</summary>
public sealed class AuditPolicy(ImmutableArray<AuditRule> rules)
{
    public AuditDecision Decide(UserInfo? user, in RequestAttributes request)
    {
        foreach (var rule in rules)
        {
            if (rule.Meets(user, request))
            {
                return rule.Decision;
            }
        }

        return AuditDecision.Nothing;
    }

    /// <exception cref="FormatException">It is not a policy; the message says where.</exception>
    public static AuditPolicy Read(JsonNode? policy)
    {
        if (JsonNodes.Text(policy, "kind") != "Policy" || JsonNodes.Text(policy, "apiVersion") != "audit.k8s.io/v1")
        {
            throw new FormatException("an object of kind Policy and apiVersion audit.k8s.io/v1 is expected");
        }

        var stages = StagesOf(policy, "omitStages");
        var managed = JsonNodes.Flag(policy, "omitManagedFields");
        return new AuditPolicy([.. (policy.Array("rules") ?? []).Select((rule, index) => AuditRule.Read(rule, $"rules[{index}]", stages, managed))]);
    }

    internal static ImmutableHashSet<string> StagesOf(JsonNode? node, string place)
    {
        foreach (var stage in JsonNodes.Strings(node, "omitStages"))
        {
            if (stage is not (AuditStages.RequestReceived or AuditStages.ResponseStarted or AuditStages.ResponseComplete or AuditStages.Panic))
            {
                throw new FormatException($"{place}: \"{stage}\" is no stage; RequestReceived, ResponseStarted, ResponseComplete and Panic are");
            }
        }

        return [.. JsonNodes.Strings(node, "omitStages")];
    }
}

public static class AuditStages
{
    public const string RequestReceived = "RequestReceived";
    public const string ResponseStarted = "ResponseStarted";
    public const string ResponseComplete = "ResponseComplete";
    public const string Panic = "Panic";
}

/// <summary>One rule; what it does not name it does not ask for.</summary>
public sealed record AuditRule(AuditDecision Decision)
{
    public ImmutableArray<string> Users { get; init; } = [];
    public ImmutableArray<string> UserGroups { get; init; } = [];
    public ImmutableArray<string> Verbs { get; init; } = [];
    public ImmutableArray<string> Namespaces { get; init; } = [];
    public ImmutableArray<string> NonResourceUrls { get; init; } = [];
    public ImmutableArray<AuditResources> Resources { get; init; } = [];

    public bool Meets(UserInfo? user, in RequestAttributes request)
    {
        if ((!Users.IsEmpty && (user is null || !Users.Contains(user.Name)))
            || (!UserGroups.IsEmpty && (user is null || !user.Groups.Any(group => UserGroups.Contains(group))))
            || (!Verbs.IsEmpty && !Verbs.Contains(request.Verb)))
        {
            return false;
        }

        if (!Namespaces.IsEmpty || !Resources.IsEmpty)
        {
            return request.IsResource && MeetsResource(request);
        }

        return NonResourceUrls.IsEmpty || (!request.IsResource && MeetsUrl(request.Url));
    }

    internal static AuditRule Read(JsonNode? rule, string place, ImmutableHashSet<string> stages, bool managed)
    {
        var level = JsonNodes.Text(rule, "level") switch
        {
            "None" => AuditLevel.None,
            "Metadata" => AuditLevel.Metadata,
            "Request" => AuditLevel.Request,
            "RequestResponse" => AuditLevel.RequestResponse,
            var other => throw new FormatException($"{place}.level: \"{other}\" is no level; None, Metadata, Request and RequestResponse are"),
        };
        var read = new AuditRule(new AuditDecision(
            level,
            stages.Union(AuditPolicy.StagesOf(rule, place)),
            rule is JsonObject obj && obj["omitManagedFields"] is JsonValue own && own.TryGetValue<bool>(out var omit) ? omit : managed))
        {
            Users = [.. JsonNodes.Strings(rule, "users")],
            UserGroups = [.. JsonNodes.Strings(rule, "userGroups")],
            Verbs = [.. JsonNodes.Strings(rule, "verbs")],
            Namespaces = [.. JsonNodes.Strings(rule, "namespaces")],
            NonResourceUrls = [.. JsonNodes.Strings(rule, "nonResourceURLs")],
            Resources = [.. (rule.Array("resources") ?? []).Select(entry => new AuditResources(
                JsonNodes.Text(entry, "group"), [.. JsonNodes.Strings(entry, "resources")], [.. JsonNodes.Strings(entry, "resourceNames")]))],
        };
        return !read.NonResourceUrls.IsEmpty && (!read.Resources.IsEmpty || !read.Namespaces.IsEmpty)
            ? throw new FormatException($"{place}.nonResourceURLs: rules cannot apply to both regular resources and non-resource URLs")
            : read;
    }

    private bool MeetsResource(in RequestAttributes request)
    {
        if (!Namespaces.IsEmpty && !Namespaces.Contains(request.Namespace))
        {
            return false;
        }

        if (Resources.IsEmpty)
        {
            return true;
        }

        foreach (var resources in Resources)
        {
            if (resources.Meets(request))
            {
                return true;
            }
        }

        return false;
    }

    private bool MeetsUrl(string url) =>
        NonResourceUrls.Any(wanted => wanted == "*" || wanted == url || (wanted.EndsWith('*') && url.StartsWith(wanted[..^1], StringComparison.Ordinal)));
}

/// <param name="Group">The API group; empty for core.</param>
/// <param name="Resources">Such as <c>pods</c>, <c>pods/log</c>, <c>pods/*</c>, <c>*/scale</c>, <c>*</c>; empty for all of the group.</param>
/// <param name="Names">Empty for all.</param>
public sealed record AuditResources(string Group, ImmutableArray<string> Resources, ImmutableArray<string> Names)
{
    public bool Meets(in RequestAttributes request)
    {
        if (Group != request.Type.Group || (!Names.IsEmpty && !Names.Contains(request.Name)))
        {
            return false;
        }

        var (plural, subresource) = (request.Type.Plural, request.Subresource);
        var combined = subresource.Length == 0 ? plural : $"{plural}/{subresource}";
        return Resources.IsEmpty || Resources.Any(wanted => wanted == "*" || wanted == combined || wanted == plural + "/*" || (subresource.Length > 0 && wanted == "*/" + subresource));
    }
}
