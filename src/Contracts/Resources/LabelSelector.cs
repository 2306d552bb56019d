using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;

namespace ActorOrchestrator.Contracts.Resources;

public enum LabelOperator : byte
{
    In,
    NotIn,
    Exists,
    DoesNotExist,
    GreaterThan,
    LessThan,
}

/// <summary>One term of a selector.</summary>
public sealed record LabelRequirement(string Key, LabelOperator Operator, ImmutableArray<string> Values)
{
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        var present = labels.TryGetValue(Key, out var value);
        return Operator switch
        {
            LabelOperator.In => present && Values.Contains(value!),
            LabelOperator.NotIn => !present || !Values.Contains(value!),
            LabelOperator.Exists => present,
            LabelOperator.DoesNotExist => !present,
            LabelOperator.GreaterThan => present && long.TryParse(value, out var more) && more > long.Parse(Values[0]),
            _ => present && long.TryParse(value, out var less) && less < long.Parse(Values[0]),
        };
    }

    public override string ToString() => Operator switch
    {
        LabelOperator.In when Values.Length == 1 => $"{Key}={Values[0]}",
        LabelOperator.NotIn when Values.Length == 1 => $"{Key}!={Values[0]}",
        LabelOperator.In => $"{Key} in ({string.Join(',', Values)})",
        LabelOperator.NotIn => $"{Key} notin ({string.Join(',', Values)})",
        LabelOperator.Exists => Key,
        LabelOperator.DoesNotExist => "!" + Key,
        LabelOperator.GreaterThan => $"{Key}>{Values[0]}",
        _ => $"{Key}<{Values[0]}",
    };
}

/// <summary>
/// A query over labels: every requirement holds. It is read from the text of a <c>labelSelector</c> parameter, from a
/// <c>metav1.LabelSelector</c> in an object, or from a plain map as Services and ReplicationControllers have it.
/// </summary>
public sealed class LabelSelector
{
    private LabelSelector(ImmutableArray<LabelRequirement> requirements, bool matchesNothing = false)
    {
        Requirements = requirements;
        MatchesNothing = matchesNothing;
    }

    public static LabelSelector Everything { get; } = new([]);
    public static LabelSelector Nothing { get; } = new([], matchesNothing: true);

    public ImmutableArray<LabelRequirement> Requirements { get; }

    /// <summary>A selector that was absent (null) selects nothing; an empty one selects everything.</summary>
    public bool MatchesNothing { get; }

    public bool IsEverything => Requirements.IsEmpty && !MatchesNothing;

    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        if (MatchesNothing)
        {
            return false;
        }

        foreach (var requirement in Requirements)
        {
            if (!requirement.Matches(labels))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads the text form. On failure the message is worded as apimachinery's <c>labels.Parse</c>.</summary>
    public static bool TryParse(string? text, out LabelSelector selector, out string error)
    {
        selector = Everything;
        error = "";
        if (string.IsNullOrWhiteSpace(text))
        {
            return true;
        }

        var parsed = LabelSelectorParser.Parse(text, out error);
        if (parsed is null)
        {
            return false;
        }

        selector = new LabelSelector(parsed.Value);
        return true;
    }

    /// <summary>Each pair must be there. A null or empty map matches nothing, as a Service without a selector does.</summary>
    public static LabelSelector FromMap(IEnumerable<KeyValuePair<string, string>>? map)
    {
        ImmutableArray<LabelRequirement> requirements =
            [.. (map ?? []).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new LabelRequirement(pair.Key, LabelOperator.In, [pair.Value]))];
        return requirements.IsEmpty ? Nothing : new LabelSelector(requirements);
    }

    /// <summary>From a <c>metav1.LabelSelector</c> as a model.</summary>
    /// <exception cref="FormatException">An operator is none of In, NotIn, Exists, DoesNotExist.</exception>
    public static LabelSelector From(V1LabelSelector? model)
    {
        if (model is null)
        {
            return Nothing;
        }

        var labels = (model.MatchLabels ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => new LabelRequirement(pair.Key, LabelOperator.In, [pair.Value]));
        var expressions = (model.MatchExpressions ?? []).Select(term => new LabelRequirement(term.Key, OperatorOf(term.OperatorProperty), [.. term.Values ?? []]));
        return new LabelSelector([.. labels.Concat(expressions).OrderBy(term => term.Key, StringComparer.Ordinal)]);
    }

    /// <summary>From a <c>metav1.LabelSelector</c> in the JSON of an object.</summary>
    /// <exception cref="FormatException">An operator is none of In, NotIn, Exists, DoesNotExist, or a part has the wrong shape.</exception>
    public static LabelSelector From(JsonObject? json)
    {
        if (json is null)
        {
            return Nothing;
        }

        try
        {
            return From(json.Deserialize<V1LabelSelector>());
        }
        catch (JsonException malformed)
        {
            throw new FormatException($"not a label selector: {malformed.Message}", malformed);
        }
    }

    public override string ToString() => MatchesNothing ? "<none>" : string.Join(',', Requirements);

    private static LabelOperator OperatorOf(string? name) => name switch
    {
        "In" => LabelOperator.In,
        "NotIn" => LabelOperator.NotIn,
        "Exists" => LabelOperator.Exists,
        "DoesNotExist" => LabelOperator.DoesNotExist,
        _ => throw new FormatException($"\"{name}\" is not a valid label selector operator"),
    };
}
