using System.Collections.Frozen;
using ActorOrchestrator.Actors.Resources.Expressions.Values;
using ActorOrchestrator.Contracts.Validation;

namespace ActorOrchestrator.Actors.Resources.Expressions.Functions;

/// <summary>Named formats: <c>format.dns1123Label().validate(self.name)</c> answers complaints, or none.</summary>
internal static class FormatFunctions
{
    private static readonly FrozenDictionary<string, FormatValue> Known = new[]
    {
        Of("dns1123Label", "DNS1123Label", Names.Dns1123Label, 30),
        Of("dns1123Subdomain", "DNS1123Subdomain", Names.Dns1123Subdomain, 60),
        Of("dns1035Label", "DNS1035Label", Names.Dns1035Label, 30),
        Of("qualifiedName", "QualifiedName", Names.QualifiedName, 60),
        Of("dns1123LabelPrefix", "DNS1123LabelPrefix", text => Names.Dns1123Label(Masked(text)), 30),
        Of("dns1123SubdomainPrefix", "DNS1123SubdomainPrefix", text => Names.Dns1123Subdomain(Masked(text)), 60),
        Of("dns1035LabelPrefix", "DNS1035LabelPrefix", text => Names.Dns1035Label(Masked(text)), 30),
        Of("labelValue", "LabelValue", Names.LabelValue, 40),
        Of("uri", "URI", text => Uri.TryCreate(text, UriKind.Absolute, out _) || text.StartsWith('/') ? [] : [$"parse \"{text}\": invalid URI for request"], 2048),
        Of("uuid", "uuid", text => Guid.TryParseExact(text, "D", out _) || Guid.TryParseExact(text, "N", out _) ? [] : ["does not match the UUID format"], 86),
        Of("byte", "byte", text => Convert.TryFromBase64String(text, new byte[text.Length], out _) ? [] : ["invalid base64"], 84),
        Of("date", "date", text => Times.TryParseDate(text, out _) ? [] : ["invalid date"], 139),
        Of("datetime", "datetime", text => Times.TryParseTimestamp(text, out _) ? [] : ["invalid datetime"], 139),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static void AddTo(FunctionTable table)
    {
        foreach (var (name, format) in Known)
        {
            table.Add($"format.{name}() -> format", _ => format);
        }

        table.Add("format.named(string) -> optional(format)", a => Known.TryGetValue((string)a[0]!, out var format) ? OptionalValue.Of(format) : OptionalValue.None);
        table.Add("format::validate(string) -> optional(list(string))", a => Validate((FormatValue)a[0]!, (string)a[1]!), (a, _) =>
            Math.Ceiling((1 + Effort.OfSize(a[1])) * Effort.PerCharacter) * Math.Ceiling(((FormatValue)a[0]!).MaxPatternSize * Effort.PerPatternCharacter));
    }

    private static OptionalValue Validate(FormatValue format, string text)
    {
        var complaints = format.Check(text);
        return complaints.Count == 0 ? OptionalValue.None : OptionalValue.Of(new ValueList([.. complaints]));
    }

    private static KeyValuePair<string, FormatValue> Of(string key, string name, Func<string, IReadOnlyList<string>> check, int size) =>
        new(key, new FormatValue(name, check, size));

    /// <summary>A prefix may end with the dash that a generated name continues.</summary>
    private static string Masked(string text) => text.Length > 1 && text[^1] == '-' ? text[..^1] + "a" : text;
}
