using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Admission.Matching;

/// <summary>Which requests a webhook, policy or binding is about: rules, exclusions, selectors of namespaces and objects.</summary>
public sealed class MatchCriteria
{
    private readonly ImmutableArray<MatchRule> _rules;
    private readonly ImmutableArray<MatchRule> _excluded;
    private readonly LabelSelector _namespaces;
    private readonly LabelSelector _objects;
    private readonly bool _equivalent;
    private readonly bool _matchesAnyRule;

    /// <param name="source">A webhook, or the <c>matchConstraints</c> or <c>matchResources</c> of a policy.</param>
    /// <param name="rules">The property that has the rules.</param>
    /// <param name="rulesAreOptional">Without rules everything matches, as for a binding.</param>
    public MatchCriteria(JsonObject? source, string rules, bool rulesAreOptional = false)
    {
        _rules = MatchRule.Of(source.Array(rules));
        _excluded = MatchRule.Of(source.Array("excludeResourceRules"));
        _namespaces = SelectorOf(source, "namespaceSelector");
        _objects = SelectorOf(source, "objectSelector");
        _equivalent = source.Text("matchPolicy") != "Exact";
        _matchesAnyRule = rulesAreOptional && _rules.IsEmpty;
    }

    /// <summary>The version in which the request matches; null when it does not.</summary>
    public ResourceDescriptor? Match(AdmissionSubject subject)
    {
        if (!_namespaces.IsEverything && !subject.NamespaceMatches(_namespaces))
        {
            return null;
        }

        if (!_objects.IsEverything && !subject.LabelsMatch(_objects))
        {
            return null;
        }

        if (Find(_excluded, subject) is not null)
        {
            return null;
        }

        return _matchesAnyRule ? subject.Requested : Find(_rules, subject);
    }

    private static LabelSelector SelectorOf(JsonObject? source, string name) => source.Object(name) is { } selector ? LabelSelector.From(selector) : LabelSelector.Everything;

    private ResourceDescriptor? Find(ImmutableArray<MatchRule> rules, AdmissionSubject subject)
    {
        foreach (var rule in rules)
        {
            if (subject.Matches(rule, subject.Requested))
            {
                return subject.Requested;
            }
        }

        if (!_equivalent || rules.IsEmpty)
        {
            return null;
        }

        foreach (var view in subject.Equivalents)
        {
            foreach (var rule in rules)
            {
                if (subject.Matches(rule, view))
                {
                    return view;
                }
            }
        }

        return null;
    }
}
