using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

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

    public static void NodeTerm(JsonObject term, FieldPath path, FieldErrors errors)
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
        }
    }

    private static void Node(JsonObject node, FieldPath path, FieldErrors errors)
    {
        if (node.Child(Must) is { } must)
        {
            var terms = path.Field(Must).Field("nodeSelectorTerms");
            if (must.Count("nodeSelectorTerms") == 0)
            {
                errors.Required(terms, "must have at least one node selector term");
            }

            foreach (var (index, term) in must.Items("nodeSelectorTerms").Index())
            {
                NodeTerm(term, terms.Index(index), errors);
            }
        }

        foreach (var (index, wish) in node.Items(Should).Index())
        {
            var at = path.Field(Should).Index(index);
            Weight(wish, at, errors);
            if (wish.Child("preference") is { } preference)
            {
                NodeTerm(preference, at.Field("preference"), errors);
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
        foreach (var (index, name) in term.Strings("namespaces").Index())
        {
            errors.Check(path.Field("namespaces").Index(index), name, Names.Dns1123Label(name));
        }

        if (term.Text("topologyKey") is { Length: > 0 } key)
        {
            errors.Check(path.Field("topologyKey"), key, Names.QualifiedName(key));
        }
        else
        {
            errors.Required(path.Field("topologyKey"), "can not be empty");
        }
    }

    private static void Weight(JsonObject wish, FieldPath path, FieldErrors errors)
    {
        if (wish.Number("weight") is not (>= 1 and <= 100))
        {
            errors.Invalid(path.Field("weight"), wish.Number("weight") ?? 0, "must be in the range 1-100");
        }
    }
}
