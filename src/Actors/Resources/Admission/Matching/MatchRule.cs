using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Admission.Matching;

/// <summary>One <c>rules</c> item of a webhook or policy (<c>RuleWithOperations</c>, <c>NamedRuleWithOperations</c>).</summary>
public sealed class MatchRule
{
    private readonly ImmutableHashSet<string> _operations;
    private readonly ImmutableHashSet<string> _groups;
    private readonly ImmutableHashSet<string> _versions;
    private readonly ImmutableArray<string> _resources;
    private readonly ImmutableHashSet<string> _names;
    private readonly string _scope;

    private MatchRule(JsonNode? rule)
    {
        _operations = [.. rule.Strings("operations")];
        _groups = [.. rule.Strings("apiGroups")];
        _versions = [.. rule.Strings("apiVersions")];
        _resources = [.. rule.Strings("resources")];
        _names = [.. rule.Strings("resourceNames")];
        _scope = rule.Text("scope");
    }

    public static ImmutableArray<MatchRule> Of(JsonArray? rules) => [.. (rules ?? []).Select(rule => new MatchRule(rule))];

    /// <param name="operation">CREATE, UPDATE, DELETE or CONNECT.</param>
    /// <param name="view">The kind, in the version that is asked about.</param>
    /// <param name="subresource">Empty for the object itself.</param>
    /// <param name="namespaced">The object is in a namespace; a namespace is not in itself.</param>
    /// <param name="name">The object's name.</param>
    public bool Matches(string operation, ResourceDescriptor view, string subresource, bool namespaced, string name) =>
        Has(_operations, operation)
        && Has(_groups, view.Group)
        && Has(_versions, view.Version)
        && _scope switch { "Namespaced" => namespaced, "Cluster" => !namespaced, _ => true }
        && (_names.IsEmpty || _names.Contains(name))
        && MatchesResource(view.Plural, subresource);

    private static bool Has(ImmutableHashSet<string> set, string value) => set.Contains("*") || set.Contains(value);

    private bool MatchesResource(string resource, string subresource)
    {
        foreach (var entry in _resources)
        {
            var slash = entry.IndexOf('/', StringComparison.Ordinal);
            var (wanted, sub) = slash < 0 ? (entry, "") : (entry[..slash], entry[(slash + 1)..]);
            if ((wanted == "*" || wanted == resource) && (sub == "*" || sub == subresource))
            {
                return true;
            }
        }

        return false;
    }
}
