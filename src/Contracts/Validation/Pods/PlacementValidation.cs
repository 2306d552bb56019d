using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation.Pods;

/// <summary>The rules for when and where a pod may run: gates, tolerations, spreading.</summary>
internal static class PlacementValidation
{
    private static readonly string[] Effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
    private static readonly string[] NodePolicies = ["Honor", "Ignore"];
    private static readonly string[] Actions = ["DoNotSchedule", "ScheduleAnyway"];

    public static void Gates(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        foreach (var (index, gate) in spec.Items("readinessGates").Index())
        {
            errors.Check(path.Field("readinessGates").Index(index).Field("conditionType"), gate.Text("conditionType"), Names.QualifiedName(gate.Text("conditionType")));
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var (index, gate) in spec.Items("schedulingGates").Index())
        {
            var (at, name) = (path.Field("schedulingGates").Index(index), gate.Text("name"));
            errors.Check(at, name, Names.QualifiedName(name));
            if (!seen.Add(name))
            {
                errors.Duplicate(at, name);
            }
        }
    }

    public static void Tolerations(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        foreach (var (index, toleration) in spec.Items("tolerations").Index())
        {
            var at = path.Index(index);
            var (key, comparison, effect) = (toleration.Text("key"), toleration.Text("operator"), toleration.Text("effect"));
            if (key.Length > 0)
            {
                errors.Check(at.Field("key"), key, Names.QualifiedName(key));
            }
            else if (comparison != "Exists")
            {
                errors.Invalid(at.Field("operator"), comparison, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
            }

            if (toleration.Has("tolerationSeconds") && effect != "NoExecute")
            {
                errors.Invalid(at.Field("effect"), effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
            }

            switch (comparison)
            {
                case "" or "Equal":
                    if (Names.LabelValue(toleration.Text("value")) is { Count: > 0 } problems)
                    {
                        errors.Invalid(at.Field("operator"), toleration.Text("value"), string.Join(';', problems));
                    }

                    break;
                case "Exists":
                    if (toleration.Text("value").Length > 0)
                    {
                        errors.Invalid(at.Field("operator"), toleration, "value must be empty when `operator` is 'Exists'");
                    }

                    break;
                default:
                    errors.NotSupported(at.Field("operator"), comparison, "Equal", "Exists");
                    break;
            }

            errors.OneOf(at.Field("effect"), effect, Effects, required: false);
        }
    }

    public static void Spreading(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        var constraints = spec.Items("topologySpreadConstraints").ToArray();
        foreach (var (index, constraint) in constraints.Index())
        {
            var at = path.Index(index);
            var (key, action) = (constraint.Text("topologyKey"), constraint.Text("whenUnsatisfiable"));
            Positive(constraint.Number("maxSkew") ?? 0, at.Field("maxSkew"), errors);
            if (key.Length == 0)
            {
                errors.Required(at.Field("topologyKey"), "can not be empty");
            }

            if (!Actions.Contains(action))
            {
                errors.NotSupported(at.Field("whenUnsatisfiable"), action, Actions);
            }

            if (constraints.Skip(index + 1).Any(other => other.Text("topologyKey") == key && other.Text("whenUnsatisfiable") == action))
            {
                errors.Duplicate(at.Field("{topologyKey, whenUnsatisfiable}"), $"{{{key}, {action}}}");
            }

            if (constraint.Number("minDomains") is { } domains)
            {
                Positive(domains, at.Field("minDomains"), errors);
                if (action != "DoNotSchedule")
                {
                    errors.Invalid(at.Field("minDomains"), domains, $"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}");
                }
            }

            foreach (var policy in (ReadOnlySpan<string>)["nodeAffinityPolicy", "nodeTaintsPolicy"])
            {
                if (constraint.Has(policy) && !NodePolicies.Contains(constraint.Text(policy)))
                {
                    errors.NotSupported(at.Field(policy), constraint.Text(policy), NodePolicies);
                }
            }

            LabelKeys(constraint, at, errors);
            LabelSelectorValidation.Check(constraint.Child("labelSelector"), at.Field("labelSelector"), errors);
        }
    }

    /// <summary>
    /// <c>matchLabelKeys</c> and <c>mismatchLabelKeys</c>: labels of the pod itself, which its strategy merges into the selector. A key that the
    /// selector names twice was its author's already.
    /// </summary>
    public static void LabelKeys(JsonObject holder, FieldPath path, FieldErrors errors)
    {
        string[] matching = [.. holder.Strings("matchLabelKeys")];
        string[] others = [.. holder.Strings("mismatchLabelKeys")];
        var selector = holder.Child("labelSelector");
        foreach (var (field, keys) in (ReadOnlySpan<(string, string[])>)[("matchLabelKeys", matching), ("mismatchLabelKeys", others)])
        {
            if (keys.Length > 0 && selector is null)
            {
                errors.Forbidden(path.Field(field), "must not be specified when labelSelector is not set");
                continue;
            }

            foreach (var (index, key) in keys.Index())
            {
                errors.Check(path.Field(field).Index(index), key, Names.QualifiedName(key));
            }
        }

        HashSet<string> seen = [.. (selector ?? []).Pairs("matchLabels").Select(pair => pair.Key)];
        foreach (var term in (selector ?? []).Items("matchExpressions"))
        {
            if (!seen.Add(term.Text("key")) && Array.IndexOf(matching, term.Text("key")) is >= 0 and var place)
            {
                errors.Invalid(path.Index(place), term.Text("key"), "exists in both matchLabelKeys and labelSelector");
            }
        }

        foreach (var (index, key) in matching.Index().Where(entry => others.Contains(entry.Item)))
        {
            errors.Invalid(path.Field("matchLabelKeys").Index(index), key, "exists in both matchLabelKeys and mismatchLabelKeys");
        }
    }

    private static void Positive(long value, FieldPath path, FieldErrors errors)
    {
        if (value <= 0)
        {
            errors.Invalid(path, value, "must be greater than zero");
        }
    }
}
