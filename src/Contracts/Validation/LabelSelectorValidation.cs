using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for a <c>metav1.LabelSelector</c>.</summary>
internal static class LabelSelectorValidation
{
    public static void Check(JsonObject? selector, FieldPath path, FieldErrors errors)
    {
        if (selector is null)
        {
            return;
        }

        MetadataValidation.LabelMap(selector, "matchLabels", path.Field("matchLabels"), errors);
        foreach (var (index, term) in selector.Items("matchExpressions").Index())
        {
            var at = path.Field("matchExpressions").Index(index);
            var values = term.Strings("values").ToArray();
            switch (term.Text("operator"))
            {
                case "In" or "NotIn":
                    if (values.Length == 0)
                    {
                        errors.Required(at.Field("values"), "must be specified when `operator` is 'In' or 'NotIn'");
                    }

                    break;
                case "Exists" or "DoesNotExist":
                    if (values.Length > 0)
                    {
                        errors.Forbidden(at.Field("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                    }

                    break;
                default:
                    errors.Invalid(at.Field("operator"), term.Text("operator"), "not a valid selector operator");
                    break;
            }

            errors.Check(at.Field("key"), term.Text("key"), Names.QualifiedName(term.Text("key")));
            foreach (var (place, value) in values.Index())
            {
                errors.Check(at.Field("values").Index(place), value, Names.LabelValue(value));
            }
        }
    }
}
