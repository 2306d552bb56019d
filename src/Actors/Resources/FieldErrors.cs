using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources;

/// <summary>Collects the causes of a 422, in the words of apimachinery's <c>field</c> package.</summary>
public sealed class FieldErrors
{
    private readonly ImmutableArray<StatusCause>.Builder _causes = ImmutableArray.CreateBuilder<StatusCause>();

    public bool Any => _causes.Count > 0;
    public ImmutableArray<StatusCause> Causes => _causes.ToImmutable();

    public void Required(string field, string detail = "") =>
        _causes.Add(new StatusCause("FieldValueRequired", detail.Length == 0 ? "Required value" : $"Required value: {detail}", field));

    /// <param name="field">Where.</param>
    /// <param name="value">What was found, as text; it is quoted.</param>
    /// <param name="detail">What would be accepted.</param>
    public void Invalid(string field, string value, string detail) => InvalidValue(field, $"\"{value}\"", detail);

    /// <summary>As <see cref="Invalid"/>, for values that are no strings and stand unquoted.</summary>
    public void InvalidValue(string field, string value, string detail) =>
        _causes.Add(new StatusCause("FieldValueInvalid", $"Invalid value: {value}: {detail}", field));

    public void Forbidden(string field, string detail) =>
        _causes.Add(new StatusCause("FieldValueForbidden", $"Forbidden: {detail}", field));

    public void NotFound(string field, string value) => _causes.Add(new StatusCause("FieldValueNotFound", $"Not found: \"{value}\"", field));

    public void TooLong(string field, int limit) =>
        _causes.Add(new StatusCause("FieldValueTooLong", $"Too long: may not be more than {limit} bytes", field));

    public void Unsupported(string field, string value, params IEnumerable<string> accepted) =>
        _causes.Add(new StatusCause("FieldValueNotSupported", $"Unsupported value: \"{value}\": supported values: {string.Join(", ", accepted.Select(text => $"\"{text}\""))}", field));

    public void Add(IEnumerable<StatusCause> causes) => _causes.AddRange(causes);
}
