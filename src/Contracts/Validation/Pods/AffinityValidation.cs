using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation.Pods;

/// <summary>The rules for node and pod affinity.</summary>
internal static class AffinityValidation
{
    private const string Must = "requiredDuringSchedulingIgnoredDuringExecution";
    private const string Should = "preferredDuringSchedulingIgnoredDuringExecution";

    public static void Affinity(JsonObject? affinity, FieldPath path, FieldErrors errors)
    {
        if (affinity?.Child("nodeAffinity") is { } node)
        {
            Node(node, path.Field("nodeAffinity"), errors);
        }

        foreach (var name in new[] { "podAffinity", "podAntiAffinity" })
        {
            if (affinity?.Child(name) is { } pods)
            {
                Pods(pods, path.Field(name), errors);
            }
        }
    }

    /// <param name="isWish">Wishes may name values that no node can have.</param>
    public static void NodeTerm(JsonObject term, FieldPath path, FieldErrors errors, bool isWish = false)
    {
        foreach (var (index, requirement) in term.Items("matchExpressions").Index())
        {
            var at = path.Field("matchExpressions").Index(index);
            var values = requirement.Count("values");
            switch (requirement.Text("operator"))
            {
                case "In" or "NotIn" when values == 0:
                    errors.Required(at.Field("values"), "must be specified when `operator` is 'In' or 'NotIn'");
                    break;
                case "Exists" or "DoesNotExist" when values > 0:
                    errors.Forbidden(at.Field("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                    break;
                case "Gt" or "Lt" when values != 1:
                    errors.Required(at.Field("values"), "must be specified single value when `operator` is 'Lt' or 'Gt'");
                    break;
                case "In" or "NotIn" or "Exists" or "DoesNotExist" or "Gt" or "Lt":
                    break;
                default:
                    errors.Invalid(at.Field("operator"), requirement.Text("operator"), "not a valid selector operator");
                    break;
            }

            errors.Check(at.Field("key"), requirement.Text("key"), Names.QualifiedName(requirement.Text("key")));
            foreach (var (place, value) in isWish ? [] : requirement.Strings("values").Index())
            {
                errors.Check(at.Field("values").Index(place), value, Names.LabelValue(value));
            }
        }

        foreach (var (index, requirement) in term.Items("matchFields").Index())
        {
            FieldTerm(requirement, path.Field("matchFields").Index(index), errors);
        }
    }

    /// <summary>What must be there of what a node, or a volume, requires of nodes.</summary>
    public static void NodeSelector(JsonObject selector, FieldPath path, FieldErrors errors)
    {
        var terms = path.Field("nodeSelectorTerms");
        if (selector.Count("nodeSelectorTerms") == 0)
        {
            errors.Required(terms, "must have at least one node selector term");
        }

        foreach (var (index, term) in selector.Items("nodeSelectorTerms").Index())
        {
            NodeTerm(term, terms.Index(index), errors);
        }
    }

    private static void FieldTerm(JsonObject requirement, FieldPath path, FieldErrors errors)
    {
        switch (requirement.Text("operator"))
        {
            case "In" or "NotIn":
                if (requirement.Count("values") != 1)
                {
                    errors.Required(path.Field("values"), "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
                }

                break;
            case var other:
                errors.Invalid(path.Field("operator"), other, "not a valid selector operator");
                break;
        }

        if (requirement.Text("key") is var key and not "metadata.name")
        {
            errors.Invalid(path.Field("key"), key, "not a valid field selector key");
            return;
        }

        foreach (var (index, name) in requirement.Strings("values").Index())
        {
            errors.Check(path.Field("values").Index(index), name, Names.Dns1123Subdomain(name));
        }
    }

    private static void Node(JsonObject node, FieldPath path, FieldErrors errors)
    {
        if (node.Child(Must) is { } must)
        {
            NodeSelector(must, path.Field(Must), errors);
        }

        foreach (var (index, wish) in node.Items(Should).Index())
        {
            var at = path.Field(Should).Index(index);
            Weight(wish, at, errors);
            if (wish.Child("preference") is { } preference)
            {
                NodeTerm(preference, at.Field("preference"), errors, isWish: true);
            }
        }
    }

    private static void Pods(JsonObject pods, FieldPath path, FieldErrors errors)
    {
        foreach (var (index, term) in pods.Items(Must).Index())
        {
            PodTerm(term, path.Field(Must).Index(index), errors);
        }

        foreach (var (index, wish) in pods.Items(Should).Index())
        {
            var at = path.Field(Should).Index(index);
            Weight(wish, at, errors);
            if (wish.Child("podAffinityTerm") is { } term)
            {
                PodTerm(term, at.Field("podAffinityTerm"), errors);
            }
        }
    }

    private static void PodTerm(JsonObject term, FieldPath path, FieldErrors errors)
    {
        LabelSelectorValidation.Check(term.Child("labelSelector"), path.Field("labelSelector"), errors);
        LabelSelectorValidation.Check(term.Child("namespaceSelector"), path.Field("namespaceSelector"), errors);
        foreach (var name in term.Strings("namespaces"))
        {
            errors.Check(path.Field("namespace"), name, Names.Dns1123Label(name));
        }

        PlacementValidation.LabelKeys(term, path, errors);
        if (term.Text("topologyKey").Length == 0)
        {
            errors.Required(path.Field("topologyKey"), "can not be empty");
        }

        errors.Check(path.Field("topologyKey"), term.Text("topologyKey"), Names.QualifiedName(term.Text("topologyKey")));
    }

    private static void Weight(JsonObject wish, FieldPath path, FieldErrors errors)
    {
        if (wish.Number("weight") is not (>= 1 and <= 100))
        {
            errors.Invalid(path.Field("weight"), wish.Number("weight") ?? 0, "must be in the range 1-100");
        }
    }
}
