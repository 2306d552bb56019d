using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Access;

namespace ActorOrchestrator.Actors.Access.Rbac;

/// <summary>One rule of a role (rbac.authorization.k8s.io/v1): what may be done with which resources, or at which paths. Rules only ever add.</summary>
public sealed record PolicyRule
{
    public const string All = "*";

    public ImmutableArray<string> Verbs { get; init; } = [];
    public ImmutableArray<string> ApiGroups { get; init; } = [];
    public ImmutableArray<string> Resources { get; init; } = [];

    /// <summary>Empty allows every name.</summary>
    public ImmutableArray<string> ResourceNames { get; init; } = [];

    public ImmutableArray<string> NonResourceUrls { get; init; } = [];

    public static PolicyRule Read(JsonNode? rule) => new()
    {
        Verbs = [.. rule.Strings("verbs")],
        ApiGroups = [.. rule.Strings("apiGroups")],
        Resources = [.. rule.Strings("resources")],
        ResourceNames = [.. rule.Strings("resourceNames")],
        NonResourceUrls = [.. rule.Strings("nonResourceURLs")],
    };

    public static ImmutableArray<PolicyRule> ReadAll(JsonNode? role) => [.. (role.Array("rules") ?? []).Select(Read)];

    /// <summary>In the order in which the API's types have their fields; what is empty is left out, as Go's <c>omitempty</c> does.</summary>
    public JsonObject ToJson()
    {
        var rule = new JsonObject { ["verbs"] = ArrayOf(Verbs) };
        Add("apiGroups", ApiGroups);
        Add("resources", Resources);
        Add("resourceNames", ResourceNames);
        Add("nonResourceURLs", NonResourceUrls);
        return rule;

        void Add(string name, ImmutableArray<string> values)
        {
            if (!values.IsEmpty)
            {
                rule[name] = ArrayOf(values);
            }
        }
    }

    public bool Allows(in RequestAttributes request) => request.IsResource
        ? AllowsVerb(request.Verb) && AllowsGroup(request.Type.Group) && AllowsResource(request.Type.Plural, request.Subresource) && AllowsName(request.Name)
        : AllowsVerb(request.Verb) && AllowsUrl(request.Url);

    public bool AllowsVerb(string verb) => Has(Verbs, verb);

    public bool AllowsGroup(string group) => Has(ApiGroups, group);

    public bool AllowsResource(string plural, string subresource)
    {
        foreach (var resource in Resources)
        {
            if (resource == All || IsSame(resource, plural, subresource) || IsAnyWith(resource, subresource))
            {
                return true;
            }
        }

        return false;
    }

    public bool AllowsName(string name) => ResourceNames.IsEmpty || ResourceNames.Contains(name);

    public bool AllowsUrl(string url)
    {
        foreach (var allowed in NonResourceUrls)
        {
            if (allowed == All || allowed == url || (allowed.EndsWith('*') && url.AsSpan().StartsWith(allowed.AsSpan(0, allowed.Length - 1), StringComparison.Ordinal)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>As refusals show it: <c>{APIGroups:["apps"], Resources:["deployments"], Verbs:["get" "list"]}</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("{");
        Add("APIGroups", ApiGroups);
        Add("Resources", Resources);
        Add("NonResourceURLs", NonResourceUrls);
        Add("ResourceNames", ResourceNames);
        Add("Verbs", Verbs);
        return text.Append('}').ToString();

        void Add(string name, ImmutableArray<string> values)
        {
            if (!values.IsEmpty)
            {
                text.Append(text.Length > 1 ? ", " : "").Append(name).Append(':').Append(Quoted(values));
            }
        }
    }

    /// <summary>As Go prints a list of quoted strings: <c>["a" "b"]</c>.</summary>
    internal static string Quoted(IEnumerable<string> values) => $"[{string.Join(' ', values.Select(value => $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""))}]";

    public bool Equals(PolicyRule? other) => other is not null
        && Same(Verbs, other.Verbs) && Same(ApiGroups, other.ApiGroups) && Same(Resources, other.Resources)
        && Same(ResourceNames, other.ResourceNames) && Same(NonResourceUrls, other.NonResourceUrls);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var value in Verbs.Concat(ApiGroups).Concat(Resources).Concat(ResourceNames).Concat(NonResourceUrls))
        {
            hash.Add(value, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }

    private static bool Same(ImmutableArray<string> left, ImmutableArray<string> right) => left.AsSpan().SequenceEqual(right.AsSpan());

    private static bool Has(ImmutableArray<string> values, string wanted)
    {
        foreach (var value in values)
        {
            if (value == All || value == wanted)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsSame(string resource, string plural, string subresource) => subresource.Length == 0
        ? resource == plural
        : resource.Length == plural.Length + 1 + subresource.Length && resource[plural.Length] == '/'
          && resource.StartsWith(plural, StringComparison.Ordinal) && resource.EndsWith(subresource, StringComparison.Ordinal);

    /// <summary><c>*/scale</c> is every resource's scale.</summary>
    private static bool IsAnyWith(string resource, string subresource) =>
        subresource.Length > 0 && resource.Length == subresource.Length + 2 && resource.StartsWith("*/", StringComparison.Ordinal) && resource.EndsWith(subresource, StringComparison.Ordinal);

    private static JsonArray ArrayOf(ImmutableArray<string> values) => [.. values.Select(value => (JsonNode)value)];
}
