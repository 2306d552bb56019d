using System.Text;
using System.Text.Json;

namespace ActorOrchestrator.Host.Api.Tables;

/// <summary>A label selector as Go prints the generated type: <c>&amp;LabelSelector{MatchLabels:map[string]string{a: b,},MatchExpressions:[]LabelSelectorRequirement{},}</c>.</summary>
internal static class LabelSelectorText
{
    public static string Of(JsonElement selector)
    {
        var text = new StringBuilder("&LabelSelector{MatchLabels:map[string]string{");
        if (selector.At("matchLabels") is { ValueKind: JsonValueKind.Object } labels)
        {
            foreach (var label in labels.EnumerateObject().OrderBy(label => label.Name, StringComparer.Ordinal))
            {
                text.Append($"{label.Name}: {label.Value.GetString()},");
            }
        }

        text.Append("},MatchExpressions:[]LabelSelectorRequirement{");
        foreach (var term in selector.Items("matchExpressions"))
        {
            var values = string.Join(' ', term.Items("values").Select(value => value.GetString()));
            text.Append($"LabelSelectorRequirement{{Key:{term.Text("key")},Operator:{term.Text("operator")},Values:[{values}],}},");
        }

        return text.Append("},}").ToString();
    }
}
