using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>Collects what is wrong with an object, in the words of apimachinery's <c>field.Error</c>.</summary>
internal sealed class FieldErrors
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private ImmutableArray<StatusCause>.Builder? _causes;

    public int Count => _causes?.Count ?? 0;

    public ImmutableArray<StatusCause> ToImmutable() => _causes?.ToImmutable() ?? [];

    public void Required(FieldPath path, string detail = "") =>
        Add("FieldValueRequired", path, detail.Length == 0 ? "Required value" : $"Required value: {detail}");

    public void Invalid(FieldPath path, string value, string detail) => Add("FieldValueInvalid", path, $"Invalid value: {Quote(value)}: {detail}");

    public void Invalid(FieldPath path, long value, string detail) =>
        Add("FieldValueInvalid", path, string.Create(CultureInfo.InvariantCulture, $"Invalid value: {value}: {detail}"));

    public void Invalid(FieldPath path, JsonNode? value, string detail) => Add("FieldValueInvalid", path, $"Invalid value: {Show(value)}: {detail}");

    /// <summary>A value of another type than the field's.</summary>
    public void TypeInvalid(FieldPath path, string found, string detail) => Add("FieldValueTypeInvalid", path, $"Invalid value: {Quote(found)}: {detail}");

    /// <summary>As the other, for values that need not be strings and in the order in which the schema names them.</summary>
    public void NotOneOf(FieldPath path, JsonNode? value, string[] supported) => Add(
        "FieldValueNotSupported", path, $"Unsupported value: {Show(value)}: supported values: {string.Join(", ", supported.Select(Quote))}");

    /// <summary>The values are told in the order in which they are given: upstream sorts some lists and not others.</summary>
    public void NotSupported(FieldPath path, string value, params IEnumerable<string> supported) => Add(
        "FieldValueNotSupported", path, $"Unsupported value: {Quote(value)}: supported values: {string.Join(", ", supported.Select(Quote))}");

    public void Duplicate(FieldPath path, string value) => Add("FieldValueDuplicate", path, $"Duplicate value: {Quote(value)}");

    public void Duplicate(FieldPath path, JsonNode? value) => Add("FieldValueDuplicate", path, $"Duplicate value: {Show(value)}");

    public void NotFound(FieldPath path, string value, string detail = "") =>
        Add("FieldValueNotFound", path, detail.Length == 0 ? $"Not found: {Quote(value)}" : $"Not found: {Quote(value)}: {detail}");

    public void Forbidden(FieldPath path, string detail) => Add("FieldValueForbidden", path, $"Forbidden: {detail}");

    public void TooLong(FieldPath path, int most) => Add("FieldValueTooLong", path, $"Too long: may not be more than {most} bytes");

    public void TooMany(FieldPath path, int actual, int most) =>
        Add("FieldValueTooMany", path, $"Too many: {actual}: must have at most {most} {(most == 1 ? "item" : "items")}");

    /// <summary>One Invalid for each problem that a rule for names found.</summary>
    public void Check(FieldPath path, string value, IReadOnlyList<string> problems)
    {
        foreach (var problem in problems)
        {
            Invalid(path, value, problem);
        }
    }

    /// <summary>Required when empty, not supported when none of the values.</summary>
    public void OneOf(FieldPath path, string value, IReadOnlyCollection<string> supported, bool required = true)
    {
        if (value.Length == 0)
        {
            if (required)
            {
                Required(path);
            }
        }
        else if (!supported.Contains(value))
        {
            NotSupported(path, value, supported);
        }
    }

    /// <summary>The rule is about several fields; the value would say nothing.</summary>
    public void Invalid(FieldPath path, string detail) => Add("FieldValueInvalid", path, $"Invalid value: {detail}");

    public void NonNegative(FieldPath path, long? value)
    {
        if (value < 0)
        {
            Invalid(path, value.Value, "must be greater than or equal to 0");
        }
    }

    /// <summary>A port that is given must be one.</summary>
    public void Port(FieldPath path, long value)
    {
        if (value is < 1 or > 65535)
        {
            Invalid(path, value, "must be between 1 and 65535, inclusive");
        }
    }

    public void Immutable(FieldPath path, JsonNode? value, JsonNode? old)
    {
        if (!JsonNode.DeepEquals(value, old))
        {
            Invalid(path, value, "field is immutable");
        }
    }

    private static string Quote(string value) => JsonSerializer.Serialize(value, Compact);

    private static string Show(JsonNode? value) => value is null ? "null" : value.ToJsonString(Compact);

    private void Add(string reason, FieldPath path, string message) =>
        (_causes ??= ImmutableArray.CreateBuilder<StatusCause>()).Add(new StatusCause(reason, message, path.ToString()));
}
