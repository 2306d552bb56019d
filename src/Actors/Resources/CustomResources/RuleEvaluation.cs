using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Expressions;
using ActorOrchestrator.Actors.Resources.Expressions.Values;
using ActorOrchestrator.Contracts.CustomResources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Actors.Resources.CustomResources;

/// <summary>
/// Judges a custom object by its schema's rules (apiextensions' <c>cel.Validator</c>). A rule about a transition is asked where the value has a past;
/// any other rule is not held against a value that has not changed. All rules of one object share one budget.
/// </summary>
internal sealed class RuleEvaluation(Action<string>? warn)
{
    private const int LongestMessage = 5 * 1024;
    private const string TooDear = "operation cancelled: actual cost limit exceeded";
    private readonly EvaluationBudget _budget = new(EvaluationBudget.PerObject);
    private readonly ImmutableArray<StatusCause>.Builder _causes = ImmutableArray.CreateBuilder<StatusCause>();

    /// <param name="schema">Of the whole object; most have no rules, and cost nothing here.</param>
    /// <param name="obj">The object as it would be stored.</param>
    /// <param name="old">What it replaces; null for a creation.</param>
    /// <param name="found">What is wrong with it already: rules are not asked about values that are not of their types.</param>
    /// <param name="warn">Told of what is wrong but was so before.</param>
    public static ImmutableArray<StatusCause> Judge(StructuralSchema schema, JsonObject obj, JsonObject? old, ImmutableArray<StatusCause> found, Action<string>? warn = null)
    {
        if (!schema.HasRules)
        {
            return [];
        }

        if (found.Any(cause => cause.Reason is "FieldValueNotSupported" or "FieldValueRequired" or "FieldValueTooLong" or "FieldValueTooMany" or "FieldValueTypeInvalid"))
        {
            const string Unchecked = "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";
            return [new StatusCause("FieldValueInvalid", $"Invalid value: null: {Unchecked}", "<nil>")];
        }

        var evaluation = new RuleEvaluation(warn);
        evaluation.Visit(schema, true, obj, old is null ? null : new CorrelatedValue(schema, obj, old), around: null, FieldPath.Root);
        return evaluation._causes.ToImmutable();
    }

    /// <param name="schema">Of the value.</param>
    /// <param name="isResource">It is a whole object.</param>
    /// <param name="value">What is judged.</param>
    /// <param name="past">What it was; null when it has no past.</param>
    /// <param name="around">The nearest value around it that has one, which then counts in its place.</param>
    /// <param name="path">Where it is.</param>
    private void Visit(StructuralSchema schema, bool isResource, JsonNode? value, CorrelatedValue? past, CorrelatedValue? around, FieldPath path)
    {
        if (value is null || _budget.Exhausted || !schema.HasRules)
        {
            return;
        }

        if (!schema.Rules.IsEmpty)
        {
            Rules(schema, isResource, value, past, around, path);
        }

        var next = past ?? around;
        switch (value)
        {
            case JsonObject obj:
                foreach (var (name, item) in obj)
                {
                    if (schema.Field(name) is { HasRules: true } field)
                    {
                        // The type of an object is another after each conversion, so that nothing can be said of its past.
                        var typed = ReferenceEquals(path, FieldPath.Root) && name is "apiVersion" or "kind";
                        Visit(field, field.IsEmbeddedResource, item, typed ? null : past?.Field(name, item), typed ? null : next, schema.Properties.ContainsKey(name) ? path.Field(name) : path.Key(name));
                    }
                }

                break;
            case JsonArray array when schema.Items is { HasRules: true } items:
                for (var i = 0; i < array.Count; i++)
                {
                    Visit(items, items.IsEmbeddedResource, array[i], past?.Item(array[i]), next, path.Index(i));
                }

                break;
        }
    }

    private void Rules(StructuralSchema schema, bool isResource, JsonNode value, CorrelatedValue? past, CorrelatedValue? around, FieldPath path)
    {
        var old = past?.Old;
        var compiled = CompiledRules.Of(schema, isResource);
        foreach (var rule in compiled.Rules)
        {
            if (_budget.Exhausted)
            {
                return;
            }

            if (rule.Program is not { } program)
            {
                Add("FieldValueInvalid", schema, path, $"rule compile error: {rule.Error}");
                continue;
            }

            if (rule.IsTransition && old is null && !rule.OldSelfIsOptional)
            {
                continue;
            }

            var bindings = new Dictionary<string, object?>(2) { ["self"] = value };
            if (rule.OldSelfIsOptional)
            {
                bindings["oldSelf"] = old is null ? OptionalValue.None : OptionalValue.Of(JsonValues.Wrap(old, compiled.Self));
            }
            else if (old is not null)
            {
                bindings["oldSelf"] = old;
            }

            var answer = program.Evaluate(bindings, _budget);
            if (_budget.Exhausted)
            {
                Add("FieldValueInvalid", schema, path, EvaluationBudget.ExhaustedMessage);
            }
            else if (answer.Error is { } failure)
            {
                Add("FieldValueInvalid", schema, path, Explain(failure, rule.Source));
                if (failure.StartsWith(TooDear, StringComparison.Ordinal))
                {
                    _budget.Exhaust();
                }
            }
            else if (answer.Value is false)
            {
                var tolerated = !rule.IsTransition && (past ?? around) is { IsUnchanged: true };
                if (!tolerated || warn is not null)
                {
                    Refuse(schema, rule, bindings, value, path, tolerated);
                }
            }
        }
    }

    private void Refuse(StructuralSchema schema, CompiledRule rule, Dictionary<string, object?> bindings, JsonNode value, FieldPath path, bool tolerated)
    {
        var blamed = rule.Path.Aggregate(path, (place, step) => step.IsKey ? place.Key(step.Name) : place.Field(step.Name));
        var own = rule.Message?.Evaluate(bindings, _budget);
        if (own is not null && (_budget.Exhausted || own.Value.Error?.StartsWith(TooDear, StringComparison.Ordinal) == true))
        {
            var problem = _budget.Exhausted
                ? "messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run"
                : $"no further validation rules will be run due to call cost exceeds limit for messageExpression: {JsonValue.Create(rule.Source.MessageExpression).ToJsonString(ObjectWriter.Relaxed)}";
            _budget.Exhaust();
            Tell(new StatusCause("FieldValueInvalid", $"Invalid value: \"{schema.Type}\": {problem}", Place(blamed)), tolerated);
            return;
        }

        // A message that was made for the value tells of it what is to be told.
        var made = own is { Error: null, Value: string text } && text.Trim() is { Length: > 0 } trimmed
            && Encoding.UTF8.GetByteCount(trimmed) <= LongestMessage && !trimmed.Contains('\n', StringComparison.Ordinal) ? trimmed : null;
        var message = made ?? (rule.Source.Message.Length > 0 ? rule.Source.Message.Trim() : $"failed rule: {rule.Source.Rule.Trim()}");
        var shown = made is not null ? "" : schema.Type is "object" or "array" ? $": \"{schema.Type}\"" : $": {value.ToJsonString(ObjectWriter.Relaxed)}";
        var (reason, told) = rule.Source.Reason switch
        {
            "FieldValueForbidden" => ("FieldValueForbidden", $"Forbidden: {message}"),
            "FieldValueRequired" => ("FieldValueRequired", $"Required value: {message}"),
            "FieldValueDuplicate" => ("FieldValueDuplicate", $"Duplicate value{shown}"),
            _ => ("FieldValueInvalid", $"Invalid value{shown}: {message}"),
        };
        Tell(new StatusCause(reason, told, Place(blamed)), tolerated);
    }

    private void Tell(StatusCause cause, bool tolerated)
    {
        if (tolerated)
        {
            warn?.Invoke($"{cause.Field}: {cause.Message}");
        }
        else
        {
            _causes.Add(cause);
        }
    }

    private static string Explain(string failure, ValidationRule rule)
    {
        var named = rule.Message.Length > 0 ? rule.Message.Trim() : rule.Rule.Trim();
        return failure.StartsWith("no such overload", StringComparison.Ordinal)
            ? $"'{failure}': call arguments did not match a supported operator, function or macro signature for rule: {named}"
            : failure.StartsWith(TooDear, StringComparison.Ordinal)
                ? $"'{failure}': no further validation rules will be run due to call cost exceeds limit for rule: {named}"
                : $"{failure} evaluating rule: {named}";
    }

    private void Add(string reason, StructuralSchema schema, FieldPath path, string detail) =>
        _causes.Add(new StatusCause(reason, $"Invalid value: \"{schema.Type}\": {detail}", Place(path)));

    private static string Place(FieldPath path) => path.ToString() is { Length: > 0 } text ? text : "<nil>";
}
