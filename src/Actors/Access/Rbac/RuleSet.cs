using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Access;

namespace ActorOrchestrator.Actors.Access.Rbac;

/// <summary>The rules of one role, indexed by the resource they name, so that asking costs a look-up and the few rules that can apply.</summary>
internal sealed class RuleSet
{
    private readonly Dictionary<(string Plural, string Subresource), PolicyRule[]> _byResource;
    private readonly PolicyRule[] _wild;
    private readonly PolicyRule[] _paths;

    public RuleSet(ImmutableArray<PolicyRule> rules)
    {
        Rules = rules;
        _wild = [.. rules.Where(rule => rule.Resources.Any(resource => resource.StartsWith('*')))];
        _paths = [.. rules.Where(rule => !rule.NonResourceUrls.IsEmpty)];
        _byResource = rules
            .SelectMany(rule => rule.Resources.Where(resource => !resource.StartsWith('*')).Distinct(), (rule, resource) => (Resource: Split(resource), Rule: rule))
            .GroupBy(pair => pair.Resource)
            .ToDictionary(group => group.Key, group => group.Select(pair => pair.Rule).ToArray());
    }

    public ImmutableArray<PolicyRule> Rules { get; }

    public bool Allows(in RequestAttributes request)
    {
        if (!request.IsResource)
        {
            return Any(_paths, request);
        }

        return (_byResource.TryGetValue((request.Type.Plural, request.Subresource), out var rules) && Any(rules, request)) || Any(_wild, request);
    }

    private static bool Any(PolicyRule[] rules, in RequestAttributes request)
    {
        foreach (var rule in rules)
        {
            if (rule.Allows(request))
            {
                return true;
            }
        }

        return false;
    }

    private static (string Plural, string Subresource) Split(string resource)
    {
        var slash = resource.IndexOf('/');
        return slash < 0 ? (resource, "") : (resource[..slash], resource[(slash + 1)..]);
    }
}
