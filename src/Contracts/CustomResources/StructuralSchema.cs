using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>
/// One node of a custom kind's schema (<c>apiextensions.k8s.io/v1 JSONSchemaProps</c>), read once. Reading never throws: what is of another type
/// than the keyword's counts as absent, because the definition's own validation has refused it before it was stored.
/// </summary>
public sealed class StructuralSchema
{
    private Regex? _pattern;

    private StructuralSchema(JsonObject source)
    {
        Source = source;
        Type = source.Text("type");
        Format = source.Text("format");
        Nullable = source.Flag("nullable");
        Default = source["default"];
        Properties = Map(source, "properties");
        Items = source["items"] is JsonObject items ? new StructuralSchema(items) : null;
        AdditionalProperties = source["additionalProperties"] is JsonObject values ? new StructuralSchema(values) : null;
        ForbidsAdditional = source["additionalProperties"] is JsonValue allows && allows.GetValueKind() == JsonValueKind.False;
        Required = [.. source.Strings("required")];
        Enum = source["enum"] is JsonArray values2 ? [.. values2] : null;
        Maximum = Real(source, "maximum");
        Minimum = Real(source, "minimum");
        MultipleOf = Real(source, "multipleOf");
        ExclusiveMaximum = source.Flag("exclusiveMaximum");
        ExclusiveMinimum = source.Flag("exclusiveMinimum");
        MaxLength = source.Number("maxLength");
        MinLength = source.Number("minLength");
        MaxItems = source.Number("maxItems");
        MinItems = source.Number("minItems");
        MaxProperties = source.Number("maxProperties");
        MinProperties = source.Number("minProperties");
        UniqueItems = source.Flag("uniqueItems");
        Pattern = source.Text("pattern");
        AllOf = Several(source, "allOf");
        AnyOf = Several(source, "anyOf");
        OneOf = Several(source, "oneOf");
        Not = source["not"] is JsonObject not ? new StructuralSchema(not) : null;
        PreservesUnknown = source.Flag("x-kubernetes-preserve-unknown-fields");
        IsEmbeddedResource = source.Flag("x-kubernetes-embedded-resource");
        IsIntOrString = source.Flag("x-kubernetes-int-or-string");
        ListType = source.Text("x-kubernetes-list-type");
        MapKeys = [.. source.Strings("x-kubernetes-list-map-keys")];
        MapType = source.Text("x-kubernetes-map-type");
        Rules = [.. source.Items("x-kubernetes-validations").Select(Rule)];
        HasDefaults = Default is not null || Below.Any(schema => schema.HasDefaults);
        HasEmbeddedResources = Below.Any(schema => schema.IsEmbeddedResource || schema.HasEmbeddedResources);
        HasRules = !Rules.IsEmpty || Below.Any(schema => schema.HasRules);
    }

    /// <summary>A schema that says nothing and keeps everything: what a version without one has.</summary>
    public static StructuralSchema Anything { get; } =
        new(new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true });

    /// <summary>The JSON that it was read from; never to be changed.</summary>
    public JsonObject Source { get; }

    /// <summary><c>object</c>, <c>array</c>, <c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c>; empty when any is allowed.</summary>
    public string Type { get; }

    public string Format { get; }
    public bool Nullable { get; }

    /// <summary>Cloned before it is put into an object.</summary>
    public JsonNode? Default { get; }

    public IReadOnlyDictionary<string, StructuralSchema> Properties { get; }
    public StructuralSchema? Items { get; }

    /// <summary>The schema of a map's values; null when there is none, whether or not more properties are allowed.</summary>
    public StructuralSchema? AdditionalProperties { get; }

    /// <summary><c>additionalProperties: false</c>.</summary>
    public bool ForbidsAdditional { get; }

    public ImmutableArray<string> Required { get; }
    public ImmutableArray<JsonNode?>? Enum { get; }
    public double? Maximum { get; }
    public double? Minimum { get; }
    public double? MultipleOf { get; }
    public bool ExclusiveMaximum { get; }
    public bool ExclusiveMinimum { get; }
    public long? MaxLength { get; }
    public long? MinLength { get; }
    public long? MaxItems { get; }
    public long? MinItems { get; }
    public long? MaxProperties { get; }
    public long? MinProperties { get; }
    public bool UniqueItems { get; }
    public string Pattern { get; }
    public ImmutableArray<StructuralSchema> AllOf { get; }
    public ImmutableArray<StructuralSchema> AnyOf { get; }
    public ImmutableArray<StructuralSchema> OneOf { get; }
    public StructuralSchema? Not { get; }

    /// <summary>Below this place unknown fields are kept (<c>x-kubernetes-preserve-unknown-fields</c>).</summary>
    public bool PreservesUnknown { get; }

    /// <summary>An object with <c>apiVersion</c>, <c>kind</c> and <c>metadata</c> of its own.</summary>
    public bool IsEmbeddedResource { get; }

    public bool IsIntOrString { get; }

    /// <summary><c>atomic</c>, <c>set</c>, <c>map</c>; empty when it is not said.</summary>
    public string ListType { get; }

    public ImmutableArray<string> MapKeys { get; }

    /// <summary><c>granular</c>, <c>atomic</c>; empty when it is not said.</summary>
    public string MapType { get; }

    public ImmutableArray<ValidationRule> Rules { get; }

    /// <summary>Here or anywhere below.</summary>
    public bool HasDefaults { get; }

    /// <summary>Whether something below is a whole resource with metadata of its own.</summary>
    public bool HasEmbeddedResources { get; }

    /// <summary>Here or anywhere below.</summary>
    public bool HasRules { get; }

    /// <summary>The pattern in a form whose time is linear in the text; null when it cannot be read, which the definition's validation tells.</summary>
    internal Regex? PatternRegex => _pattern ??= GoPattern.TryTranslate(Pattern, out var regex, out _) ? regex : null;

    /// <summary>The schemas of the values below, not those of value validations.</summary>
    public IEnumerable<StructuralSchema> Below
    {
        get
        {
            IEnumerable<StructuralSchema> below = Properties.Values;
            below = Items is null ? below : below.Append(Items);
            return AdditionalProperties is null ? below : below.Append(AdditionalProperties);
        }
    }

    public static StructuralSchema Read(JsonObject source) => new(source);

    /// <summary>The schema of a field, whether it is named or one of a map's; null when neither.</summary>
    public StructuralSchema? Field(string name) => Properties.TryGetValue(name, out var property) ? property : AdditionalProperties;

    private static Dictionary<string, StructuralSchema> Map(JsonObject source, string name)
    {
        var map = new Dictionary<string, StructuralSchema>(StringComparer.Ordinal);
        foreach (var (key, value) in source[name] as JsonObject ?? [])
        {
            if (value is JsonObject schema)
            {
                map[key] = new StructuralSchema(schema);
            }
        }

        return map;
    }

    private static ImmutableArray<StructuralSchema> Several(JsonObject source, string name) => [.. source.Items(name).Select(item => new StructuralSchema(item))];

    private static double? Real(JsonObject source, string name) => JsonNumbers.TryReal(source[name], out var number) ? number : null;

    private static ValidationRule Rule(JsonObject rule) => new(
        rule.Text("rule"), rule.Text("message"), rule.Text("messageExpression"), rule.Text("reason"), rule.Text("fieldPath"),
        rule["optionalOldSelf"] is JsonValue said ? said.GetValueKind() == JsonValueKind.True : null);
}
