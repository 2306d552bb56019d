using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.Access.Rbac;

/// <summary>
/// Whether what somebody has contains what they want to give (upstream's <c>component-helpers/auth/rbac/validation</c>): each rule is taken apart into its
/// smallest ones, and each of those must be inside one rule of the owner's.
/// </summary>
public static class RuleCoverage
{
    /// <summary>What the owner does not have, with the verbs of one resource put together again.</summary>
    public static ImmutableArray<PolicyRule> Missing(IReadOnlyCollection<PolicyRule> owned, IEnumerable<PolicyRule> wanted) =>
        Compact(wanted.SelectMany(Parts).Where(part => !owned.Any(rule => Covers(rule, part))));

    private static IEnumerable<PolicyRule> Parts(PolicyRule rule)
    {
        foreach (var group in rule.ApiGroups)
        {
            foreach (var resource in rule.Resources)
            {
                foreach (var verb in rule.Verbs)
                {
                    var part = new PolicyRule { ApiGroups = [group], Resources = [resource], Verbs = [verb] };
                    if (rule.ResourceNames.IsEmpty)
                    {
                        yield return part;
                    }

                    foreach (var name in rule.ResourceNames)
                    {
                        yield return part with { ResourceNames = [name] };
                    }
                }
            }
        }

        foreach (var url in rule.NonResourceUrls)
        {
            foreach (var verb in rule.Verbs)
            {
                yield return new PolicyRule { NonResourceUrls = [url], Verbs = [verb] };
            }
        }
    }

    private static bool Covers(PolicyRule owner, PolicyRule part) =>
        part.Verbs.All(owner.AllowsVerb)
        && part.ApiGroups.All(owner.AllowsGroup)
        && part.Resources.All(resource => CoversResource(owner, resource))
        && part.NonResourceUrls.All(url => owner.NonResourceUrls.Any(owned => CoversUrl(owned, url)))
        && (part.ResourceNames.IsEmpty ? owner.ResourceNames.IsEmpty : part.ResourceNames.All(owner.AllowsName));

    private static bool CoversResource(PolicyRule owner, string resource)
    {
        if (owner.Resources.Contains(PolicyRule.All) || owner.Resources.Contains(resource))
        {
            return true;
        }

        var slash = resource.IndexOf('/', StringComparison.Ordinal);
        return slash >= 0 && owner.Resources.Contains("*" + resource[slash..]);
    }

    private static bool CoversUrl(string owned, string url) =>
        owned == url || (owned.EndsWith('*') && url.StartsWith(owned.TrimEnd('*'), StringComparison.Ordinal));

    private static ImmutableArray<PolicyRule> Compact(IEnumerable<PolicyRule> parts)
    {
        var compact = new List<PolicyRule>();
        var at = new Dictionary<(string Group, string Resource, string Name), int>();
        foreach (var part in parts)
        {
            if (part is not { ApiGroups: [var group], Resources: [var resource] })
            {
                compact.Add(part);
                continue;
            }

            var key = (group, resource, part.ResourceNames.FirstOrDefault(""));
            if (at.TryGetValue(key, out var index))
            {
                compact[index] = compact[index] with { Verbs = compact[index].Verbs.AddRange(part.Verbs.Where(verb => !compact[index].Verbs.Contains(verb))) };
            }
            else
            {
                at[key] = compact.Count;
                compact.Add(part);
            }
        }

        return [.. compact];
    }
}
