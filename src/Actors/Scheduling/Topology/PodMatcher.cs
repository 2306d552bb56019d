using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Scheduling.Topology;

/// <summary>Which pods a term of affinity or a spread constraint speaks of. Two matchers that say the same have the same <see cref="Id"/>, so that
/// the pods of one template share one count.</summary>
public sealed class PodMatcher
{
    private readonly ImmutableArray<Part> _parts;
    private readonly bool _skipsLeaving;

    private PodMatcher(ImmutableArray<Part> parts, bool skipsLeaving)
    {
        _parts = parts;
        _skipsLeaving = skipsLeaving;
        Id = (skipsLeaving ? "-" : "+") + string.Join('&', parts.Select(part => part.Id).Order(StringComparer.Ordinal));
    }

    public string Id { get; }

    /// <summary>Its answer may change with the labels of a namespace.</summary>
    public bool ReadsNamespaces => _parts.Any(part => part.NamespaceSelector is not null);

    /// <param name="namespaces">By name.</param>
    /// <param name="namespaceSelector">Or by their labels; null for none.</param>
    /// <param name="labels">Of the pods.</param>
    /// <param name="skipsLeaving">Pods that are being deleted do not count.</param>
    public static PodMatcher Of(ImmutableArray<string> namespaces, LabelSelector? namespaceSelector, LabelSelector labels, bool skipsLeaving) =>
        new([new Part(namespaces, namespaceSelector, labels)], skipsLeaving);

    /// <summary>Pods that each of the matchers speaks of.</summary>
    public static PodMatcher All(IEnumerable<PodMatcher> matchers, bool skipsLeaving = false) => new([.. matchers.SelectMany(matcher => matcher._parts)], skipsLeaving);

    public bool Matches(PodInfo pod, NamespaceLabels namespaces)
    {
        if (_skipsLeaving && pod.IsDeleting)
        {
            return false;
        }

        foreach (var part in _parts)
        {
            if (!part.Matches(pod, namespaces))
            {
                return false;
            }
        }

        return true;
    }

    private sealed class Part
    {
        private readonly ImmutableArray<string> _namespaces;
        private readonly LabelSelector _labels;

        public Part(ImmutableArray<string> namespaces, LabelSelector? namespaceSelector, LabelSelector labels)
        {
            _namespaces = namespaces;
            NamespaceSelector = namespaceSelector;
            _labels = labels;
            Id = $"{string.Join(',', namespaces.Order(StringComparer.Ordinal))}|{Text(namespaceSelector)}|{Text(labels)}";
        }

        public string Id { get; }

        public LabelSelector? NamespaceSelector { get; }

        public bool Matches(PodInfo pod, NamespaceLabels namespaces) =>
            _labels.Matches(pod.Labels)
            && (_namespaces.Contains(pod.Key.Namespace) || (NamespaceSelector is { } selector && selector.Matches(namespaces.Of(pod.Key.Namespace))));

        private static string Text(LabelSelector? selector) =>
            selector is null ? "" : selector.MatchesNothing ? "<none>" : string.Join(';', selector.Requirements.Select(requirement => requirement.ToString()));
    }
}

/// <summary>The labels of the namespaces, which terms may select by.</summary>
public sealed class NamespaceLabels
{
    private readonly Dictionary<string, ImmutableDictionary<string, string>> _labels = new(StringComparer.Ordinal);

    public ImmutableDictionary<string, string> Of(string name) => _labels.GetValueOrDefault(name, ImmutableDictionary<string, string>.Empty);

    /// <summary>True when something that selects by them could think differently now.</summary>
    public bool Set(string name, ImmutableDictionary<string, string>? labels)
    {
        var before = Of(name);
        if (labels is null)
        {
            return _labels.Remove(name) && before.Count > 0;
        }

        _labels[name] = labels;
        return before.Count != labels.Count || labels.Any(pair => !before.TryGetValue(pair.Key, out var value) || value != pair.Value);
    }

    internal void CopyFrom(NamespaceLabels other)
    {
        foreach (var (name, labels) in other._labels)
        {
            _labels[name] = labels;
        }
    }
}

/// <summary>A term of pod affinity or anti-affinity.</summary>
/// <param name="Matcher">The pods it speaks of.</param>
/// <param name="TopologyKey">The label that makes nodes neighbours.</param>
/// <param name="Weight">For a preference: how much, negative for anti-affinity; 0 for a requirement.</param>
public sealed record PodTerm(PodMatcher Matcher, string TopologyKey, int Weight)
{
    public string Id { get; } = string.Create(CultureInfo.InvariantCulture, $"{TopologyKey}|{Weight}|{Matcher.Id}");
}

/// <summary>Upstream's <c>TopologySpreadConstraint</c>, whose label keys are in its selector since the pod was made.</summary>
/// <param name="MaxSkew">By how much one domain may have more than the emptiest.</param>
/// <param name="TopologyKey">The label whose values are the domains.</param>
/// <param name="IsRequired">DoNotSchedule, rather than ScheduleAnyway.</param>
/// <param name="Matcher">The pods that are counted.</param>
/// <param name="MinDomains">With fewer domains than that the emptiest counts as empty.</param>
/// <param name="HonorsAffinity">Nodes that the pod's node affinity excludes are no domain for it.</param>
/// <param name="HonorsTaints">Nodes whose taints it does not tolerate are no domain for it.</param>
public sealed record SpreadConstraint(
    int MaxSkew, string TopologyKey, bool IsRequired, PodMatcher Matcher, int MinDomains, bool HonorsAffinity, bool HonorsTaints);

/// <summary>Reads terms and constraints out of a pod's specification.</summary>
internal static class PodTerms
{
    public static ImmutableArray<PodTerm> Required(JsonElement affinity, StoredObject pod) =>
        [.. PodRequests.Items(affinity, "requiredDuringSchedulingIgnoredDuringExecution").Select(term => Read(term, pod, 0))];

    public static ImmutableArray<PodTerm> Preferred(JsonElement affinity, StoredObject pod, int sign) =>
    [
        .. PodRequests.Items(affinity, "preferredDuringSchedulingIgnoredDuringExecution")
            .Select(item => Read(PodInfo.Object(item, "podAffinityTerm"), pod, sign * Number(item, "weight", 0))),
    ];

    public static ImmutableArray<SpreadConstraint> Spread(JsonElement spec, StoredObject pod) =>
    [
        .. PodRequests.Items(spec, "topologySpreadConstraints").Select(item => new SpreadConstraint(
            Number(item, "maxSkew", 1),
            PodInfo.Text(item, "topologyKey"),
            PodInfo.Text(item, "whenUnsatisfiable") != "ScheduleAnyway",
            PodMatcher.Of([pod.Key.Namespace], null, Selector(item), skipsLeaving: true),
            Number(item, "minDomains", 1),
            PodInfo.Text(item, "nodeAffinityPolicy") != "Ignore",
            PodInfo.Text(item, "nodeTaintsPolicy") == "Honor")),
    ];

    private static PodTerm Read(JsonElement term, StoredObject pod, int weight)
    {
        ImmutableArray<string> names = [.. PodRequests.Items(term, "namespaces").Select(name => name.GetString() ?? "")];
        var bySelector = PodInfo.Object(term, "namespaceSelector");
        LabelSelector? namespaces = bySelector.ValueKind == JsonValueKind.Object ? LabelSelector.From(JsonObject.Create(bySelector)) : null;
        if (names.IsEmpty && namespaces is null)
        {
            names = [pod.Key.Namespace];
        }

        return new PodTerm(PodMatcher.Of(names, namespaces, Selector(term), skipsLeaving: false), PodInfo.Text(term, "topologyKey"), weight);
    }

    /// <summary>What its label keys add to it is in it already, since the pod was made.</summary>
    private static LabelSelector Selector(JsonElement term)
    {
        var selector = PodInfo.Object(term, "labelSelector");
        return selector.ValueKind == JsonValueKind.Object ? LabelSelector.From(JsonObject.Create(selector)) : LabelSelector.Nothing;
    }

    private static int Number(JsonElement parent, string name, int otherwise) =>
        PodInfo.Object(parent, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number) ? number : otherwise;
}
