using System.Text.Json;

namespace ActorOrchestrator.Actors.Controllers.Framework;

/// <summary>How Go prints an API type with <c>%v</c>, where upstream's messages have it in them.</summary>
internal static class GoText
{
    /// <param name="selector">A LabelSelector; undefined for none.</param>
    public static string Selector(JsonElement selector)
    {
        if (selector.ValueKind != JsonValueKind.Object)
        {
            return "nil";
        }

        var labels = selector.Get("matchLabels") is { ValueKind: JsonValueKind.Object } map
            ? string.Concat(map.EnumerateObject().OrderBy(label => label.Name, StringComparer.Ordinal).Select(label => $"{label.Name}: {label.Value.GetString()},"))
            : "";
        var rules = string.Concat(selector.Items("matchExpressions").Select(rule =>
            $"LabelSelectorRequirement{{Key:{rule.Text("key")},Operator:{rule.Text("operator")},Values:[{string.Join(' ', rule.Items("values").Select(value => value.GetString()))}],}},"));
        return $"&LabelSelector{{MatchLabels:map[string]string{{{labels}}},MatchExpressions:[]LabelSelectorRequirement{{{rules}}},}}";
    }
}
