using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Validation;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>
/// OpenAPI v3 validation of a value in the words of kube-openapi, as custom objects are judged. On an update, what is wrong with a value that has
/// not changed is tolerated (ratcheting, KEP-4008): a value is the same value when it stands at the same field or, in a <c>map</c> list, under the
/// same keys. Never throws, whatever the value is.
/// </summary>
internal static class ValueValidation
{
    /// <summary>Deeper values are refused rather than followed.</summary>
    private const int MaxDepth = 512;

    /// <param name="schema">The value's schema.</param>
    /// <param name="value">What is judged.</param>
    /// <param name="old">What it replaces; null for a creation.</param>
    /// <param name="prefix">The place of the value in its object, for the causes; empty for the object itself.</param>
    /// <param name="errors">Where the causes go.</param>
    public static void Validate(StructuralSchema schema, JsonNode? value, JsonNode? old, string prefix, FieldErrors errors)
    {
        var findings = new List<Finding>();
        Ratcheted(schema, value, old is null ? null : new CorrelatedValue(schema, value, old), "", findings, 0);
        foreach (var finding in findings)
        {
            finding.AddTo(errors, prefix);
        }
    }

    /// <summary>Whether a value satisfies a schema at all.</summary>
    public static bool IsValid(StructuralSchema schema, JsonNode? value)
    {
        var findings = new List<Finding>();
        Judge(schema, value, null, "", findings, 0);
        return findings.Count == 0;
    }

    private static void Ratcheted(StructuralSchema schema, JsonNode? value, CorrelatedValue? correlation, string path, List<Finding> findings, int depth)
    {
        var before = findings.Count;
        Judge(schema, value, correlation, path, findings, depth);
        if (findings.Count > before && correlation is { IsUnchanged: true })
        {
            findings.RemoveRange(before, findings.Count - before);
        }
    }

    private static void Judge(StructuralSchema schema, JsonNode? value, CorrelatedValue? correlation, string path, List<Finding> findings, int depth)
    {
        if (depth > MaxDepth)
        {
            findings.Add(Finding.Invalid(path, null, $"{path} in body is nested more than {MaxDepth} levels deep"));
            return;
        }

        Type(schema, value, path, findings);
        Enumeration(schema, value, path, findings);
        if (value is null)
        {
            return;
        }

        Junctors(schema, value, correlation, path, findings, depth);
        switch (value)
        {
            case JsonObject obj: Object(schema, obj, correlation, path, findings, depth); break;
            case JsonArray array: Array(schema, array, correlation, path, findings, depth); break;
            case JsonValue scalar when scalar.GetValueKind() == JsonValueKind.String: Text(schema, scalar.GetValue<string>(), path, findings); break;
            case JsonValue scalar when scalar.GetValueKind() == JsonValueKind.Number: Number(schema, scalar, path, findings); break;
        }
    }

    private static void Type(StructuralSchema schema, JsonNode? value, string path, List<Finding> findings)
    {
        var wanted = schema.IsIntOrString ? "integer,string" : schema.Type;
        if (wanted.Length == 0 || (value is null && schema.Nullable))
        {
            return;
        }

        var found = TypeOf(value);
        var fits = found == wanted || (found == "integer" && wanted is "number" or "integer,string") || (found == "string" && wanted == "integer,string")
            || (found == "number" && wanted is "integer" or "integer,string" && JsonNumbers.TryReal(value, out var real) && JsonNumbers.IsWhole(real));
        if (!fits)
        {
            findings.Add(Finding.WrongType(path, wanted, found, found));
        }
    }

    private static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => JsonNumbers.TryInteger(value, out _) ? "integer" : "number",
        _ => "boolean",
    };

    private static void Enumeration(StructuralSchema schema, JsonNode? value, string path, List<Finding> findings)
    {
        if (schema.Enum is not { } allowed || (value is null && schema.Nullable) || allowed.Any(item => JsonNode.DeepEquals(item, value)))
        {
            return;
        }

        findings.Add(Finding.NotSupported(path, value, [.. allowed.Select(item =>
            item is JsonValue text && text.GetValueKind() == JsonValueKind.String ? text.GetValue<string>() : item?.ToJsonString() ?? "null")]));
    }

    private static void Junctors(StructuralSchema schema, JsonNode value, CorrelatedValue? correlation, string path, List<Finding> findings, int depth)
    {
        if (!schema.AnyOf.IsEmpty)
        {
            var best = Alternatives(schema.AnyOf, value, correlation, path, depth, out var valid);
            if (valid == 0)
            {
                findings.Add(Finding.Composite($"{Quoted(path)} must validate at least one schema (anyOf)"));
                findings.AddRange(best);
            }
        }

        if (!schema.OneOf.IsEmpty)
        {
            var best = Alternatives(schema.OneOf, value, correlation, path, depth, out var valid);
            if (valid != 1)
            {
                var told = valid == 0 ? "Found none valid" : string.Create(CultureInfo.InvariantCulture, $"Found {valid} valid alternatives");
                findings.Add(Finding.Composite($"{Quoted(path)} must validate one and only one schema (oneOf). {told}"));
                findings.AddRange(valid == 0 ? best : []);
            }
        }

        var failed = 0;
        foreach (var part in schema.AllOf)
        {
            var before = findings.Count;
            Judge(part, value, correlation, path, findings, depth + 1);
            failed += findings.Count > before ? 1 : 0;
        }

        if (failed > 0)
        {
            findings.Add(Finding.Composite($"{Quoted(path)} must validate all the schemas (allOf){(failed == schema.AllOf.Length ? ". None validated" : "")}"));
        }

        if (schema.Not is { } forbidden)
        {
            var refused = new List<Finding>();
            Judge(forbidden, value, correlation, path, refused, depth + 1);
            if (refused.Count == 0)
            {
                findings.Add(Finding.Composite($"{Quoted(path)} must not validate the schema (not)"));
            }
        }
    }

    /// <summary>How many alternatives are valid, and the findings of the first that is not.</summary>
    private static List<Finding> Alternatives(
        ImmutableArray<StructuralSchema> alternatives, JsonNode value, CorrelatedValue? correlation, string path, int depth, out int valid)
    {
        List<Finding>? best = null;
        valid = 0;
        foreach (var alternative in alternatives)
        {
            var found = new List<Finding>();
            Judge(alternative, value, correlation, path, found, depth + 1);
            if (found.Count == 0)
            {
                valid++;
            }
            else
            {
                best ??= found;
            }
        }

        return best ?? [];
    }

    private static void Object(StructuralSchema schema, JsonObject obj, CorrelatedValue? correlation, string path, List<Finding> findings, int depth)
    {
        if (obj.Count < schema.MinProperties)
        {
            findings.Add(Finding.Invalid(path, obj, $"{path} in body should have at least {schema.MinProperties} properties"));
        }

        if (obj.Count > schema.MaxProperties)
        {
            findings.Add(Finding.TooMany(path, obj.Count, schema.MaxProperties.Value));
        }

        foreach (var (name, value) in obj)
        {
            if (schema.Properties.ContainsKey(name))
            {
                continue;
            }

            if (schema.ForbidsAdditional)
            {
                findings.Add(Finding.Invalid($"{path}.{name}", null, $"{path}.{name} in body is a forbidden property"));
            }
            else if (schema.AdditionalProperties is { } values)
            {
                Ratcheted(values, value, correlation?.Field(name, value), $"{path}.{name}", findings, depth + 1);
            }
        }

        foreach (var (name, property) in schema.Properties)
        {
            if (obj.TryGetPropertyValue(name, out var value))
            {
                // The version of an object is another after each conversion, so that it has no past.
                var past = path.Length == 0 && name is "apiVersion" or "kind" ? null : correlation?.Field(name, value);
                Ratcheted(property, value, past, path.Length == 0 ? name : $"{path}.{name}", findings, depth + 1);
            }
        }

        foreach (var name in schema.Required)
        {
            if (!obj.ContainsKey(name))
            {
                findings.Add(Finding.Missing($"{path}.{name}"));
            }
        }
    }

    private static void Array(StructuralSchema schema, JsonArray array, CorrelatedValue? correlation, string path, List<Finding> findings, int depth)
    {
        if (schema.Items is { } items)
        {
            for (var i = 0; i < array.Count; i++)
            {
                Ratcheted(items, array[i], correlation?.Item(array[i]), $"{path}[{i}]", findings, depth + 1);
            }
        }

        if (array.Count < schema.MinItems)
        {
            findings.Add(Finding.Invalid(path, JsonValue.Create(array.Count), $"{path} in body should have at least {schema.MinItems} items"));
        }

        if (array.Count > schema.MaxItems)
        {
            findings.Add(Finding.TooMany(path, array.Count, schema.MaxItems.Value));
        }

        if (schema.UniqueItems && ListUniqueness.Duplicates(array).Any())
        {
            findings.Add(Finding.Invalid(path, null, $"{path} in body shouldn't contain duplicates"));
        }
    }

    private static void Text(StructuralSchema schema, string text, string path, List<Finding> findings)
    {
        if (schema.MaxLength is not null || schema.MinLength is not null)
        {
            var length = text.EnumerateRunes().Count();
            if (length > schema.MaxLength)
            {
                findings.Add(Finding.TooLong(path, schema.MaxLength.Value));
            }

            if (length < schema.MinLength)
            {
                findings.Add(Finding.Invalid(path, JsonValue.Create(text), $"{path} in body should be at least {schema.MinLength} chars long"));
            }
        }

        if (schema.Pattern.Length > 0 && schema.PatternRegex is { } pattern && !pattern.IsMatch(text))
        {
            findings.Add(Finding.Invalid(path, JsonValue.Create(text), $"{path} in body should match '{schema.Pattern}'"));
        }

        if (schema.Format.Length > 0 && schema.Type is "" or "string" && !schema.IsIntOrString && !StringFormats.Fits(schema.Format, text))
        {
            findings.Add(Finding.WrongType(path, schema.Format, text, text));
        }
    }

    private static void Number(StructuralSchema schema, JsonValue value, string path, List<Finding> findings)
    {
        if (!JsonNumbers.TryReal(value, out var number))
        {
            return;
        }

        if (schema.Maximum is { } max && (schema.ExclusiveMaximum ? number >= max : number > max))
        {
            findings.Add(Finding.Invalid(path, value, $"{path} in body should be less than {(schema.ExclusiveMaximum ? "" : "or equal to ")}{JsonNumbers.Text(max)}"));
        }

        if (schema.Minimum is { } min && (schema.ExclusiveMinimum ? number <= min : number < min))
        {
            findings.Add(Finding.Invalid(path, value, $"{path} in body should be greater than {(schema.ExclusiveMinimum ? "" : "or equal to ")}{JsonNumbers.Text(min)}"));
        }

        if (schema.MultipleOf is { } factor && !IsMultiple(number, factor))
        {
            findings.Add(Finding.Invalid(path, value, factor <= 0
                ? $"factor MultipleOf declared for {path} must be positive: {JsonNumbers.Text(factor)}"
                : $"{path} in body should be a multiple of {JsonNumbers.Text(factor)}"));
        }

        var (least, most) = schema.Format switch
        {
            "int32" when schema.Type == "integer" => (int.MinValue, int.MaxValue),
            "float" when schema.Type == "number" => (-float.MaxValue, float.MaxValue),
            _ => (double.NegativeInfinity, double.PositiveInfinity),
        };
        if (number < least || number > most)
        {
            findings.Add(Finding.Invalid(path, value, $"Checked value must be of type {schema.Type} with format {schema.Format} in {path}"));
        }
    }

    private static bool IsMultiple(double number, double factor) =>
        factor > 0 && JsonNumbers.IsWhole(factor < 1 ? 1 / factor * number : number / factor);

    private static string Quoted(string path) => $"\"{path}\"";

    /// <summary>A finding is kept apart from the errors until it is known that it counts.</summary>
    private readonly record struct Finding(Action<FieldErrors, FieldPath> Tell, string? Path)
    {
        public void AddTo(FieldErrors errors, string prefix)
        {
            var name = Path?.TrimStart('.');
            var place = Path is null ? FieldPath.Of("<nil>")
                : (prefix.Length, name!.Length) switch
                {
                    (0, 0) => FieldPath.Of("<nil>"),
                    (0, _) => FieldPath.Of(name),
                    (_, 0) => FieldPath.Of(prefix),
                    _ => FieldPath.Of(prefix, name),
                };
            Tell(errors, place);
        }

        public static Finding Invalid(string path, JsonNode? value, string detail) =>
            new((errors, place) => errors.Invalid(place, value ?? JsonValue.Create(""), detail), path);

        public static Finding WrongType(string path, string wanted, string found, string value) =>
            new((errors, place) => errors.TypeInvalid(place, value, $"{path} in body must be of type {wanted}: {Json(found)}"), path);

        public static Finding NotSupported(string path, JsonNode? value, string[] allowed) =>
            new((errors, place) => errors.NotOneOf(place, value, allowed), path);

        public static Finding Missing(string path) => new((errors, place) => errors.Required(place), path);

        public static Finding TooLong(string path, long most) => new((errors, place) => errors.TooLong(place, (int)Math.Min(most, int.MaxValue)), path);

        public static Finding TooMany(string path, int actual, long most) =>
            new((errors, place) => errors.TooMany(place, actual, (int)Math.Min(most, int.MaxValue)), path);

        public static Finding Composite(string message) => new((errors, place) => errors.Invalid(place, "", message), null);

        private static string Json(string text) => $"\"{JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
    }
}
