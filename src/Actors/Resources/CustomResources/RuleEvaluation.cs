using System.Collections.Immutable;
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
internal sealed class RuleEvaluation
{
    private const int LongestMessage = 5 * 1024;
    private readonly EvaluationBudget _budget = new(EvaluationBudget.PerObject);
    private readonly ImmutableArray<StatusCause>.Builder _causes = ImmutableArray.CreateBuilder<StatusCause>();

    /// <param name="schema">Of the whole object; most have no rules, and cost nothing here.</param>
    /// <param name="obj">The object as it would be stored.</param>
    /// <param name="old">What it replaces; null for a creation.</param>
    /// <param name="found">What is wrong with it already: rules are not asked about values that are not of their types.</param>
    public static ImmutableArray<StatusCause> Judge(StructuralSchema schema, JsonObject obj, JsonObject? old, ImmutableArray<StatusCause> found)
    {
        if (!schema.HasRules)
        {
            return [];
        }

        if (found.Any(cause => cause.Reason is "FieldValueRequired" or "FieldValueTooLong" or "FieldValueTooMany" or "FieldValueTypeInvalid"))
        {
            const string Unchecked = "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";
            return [new StatusCause("FieldValueInvalid", $"Invalid value: null: {Unchecked}", "<nil>")];
        }

        var evaluation = new RuleEvaluation();
        evaluation.Visit(schema, true, obj, old, hasPast: old is not null, unchanged: false, FieldPath.Root);
        return evaluation._causes.ToImmutable();
    }

    private void Visit(StructuralSchema schema, bool isResource, JsonNode? value, JsonNode? old, bool hasPast, bool unchanged, FieldPath path)
    {
        if (value is null || _budget.Exhausted || !schema.HasRules)
        {
            return;
        }

        if (!schema.Rules.IsEmpty)
        {
            // Where a value has no past of its own, that of the value around it counts.
            var same = hasPast ? JsonNode.DeepEquals(value, old) : unchanged;
            Rules(schema, isResource, value, hasPast ? old : null, same, path);
        }

        switch (value)
        {
            case JsonObject obj:
                foreach (var (name, item) in obj)
                {
                    if (schema.Field(name) is not { HasRules: true } field)
                    {
                        continue;
                    }

                    JsonNode? before = null;
                    var correlated = hasPast && schema.MapType != "atomic" && old is JsonObject map && map.TryGetPropertyValue(name, out before);
                    Visit(field, field.IsEmbeddedResource, item, before, correlated, unchanged || (hasPast && !correlated && JsonNode.DeepEquals(value, old)),
                        schema.Properties.ContainsKey(name) ? path.Field(name) : path.Key(name));
                }

                break;
            case JsonArray array when schema.Items is { HasRules: true } items:
                for (var i = 0; i < array.Count; i++)
                {
                    var before = hasPast && schema.ListType == "map" ? SameKeys(schema, array[i], old as JsonArray) : null;
                    Visit(items, items.IsEmbeddedResource, array[i], before, before is not null, unchanged || (hasPast && before is null && JsonNode.DeepEquals(value, old)), path.Index(i));
                }

                break;
        }
    }

    private static JsonObject? SameKeys(StructuralSchema schema, JsonNode? item, JsonArray? old) => item is not JsonObject mine ? null
        : (old ?? []).OfType<JsonObject>().FirstOrDefault(other => schema.MapKeys.All(key => JsonNode.DeepEquals(other[key], mine[key])));

    private void Rules(StructuralSchema schema, bool isResource, JsonNode value, JsonNode? old, bool unchanged, FieldPath path)
    {
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
            }
            else if (answer.Value is false && (rule.IsTransition || !unchanged))
            {
                Refuse(schema, rule, bindings, value, path);
            }
        }
    }

    private void Refuse(StructuralSchema schema, CompiledRule rule, Dictionary<string, object?> bindings, JsonNode value, FieldPath path)
    {
        var blamed = rule.Path.Aggregate(path, (place, step) => step.IsKey ? place.Key(step.Name) : place.Field(step.Name));
        var message = MessageOf(rule, bindings);
        var shown = value is JsonObject or JsonArray ? $"\"{schema.Type}\"" : value.ToJsonString(ObjectWriter.Relaxed);
        var (reason, text) = rule.Source.Reason switch
        {
            "FieldValueForbidden" => ("FieldValueForbidden", $"Forbidden: {message}"),
            "FieldValueRequired" => ("FieldValueRequired", $"Required value: {message}"),
            "FieldValueDuplicate" => ("FieldValueDuplicate", $"Duplicate value: {shown}"),
            _ => ("FieldValueInvalid", $"Invalid value: {shown}: {message}"),
        };
        _causes.Add(new StatusCause(reason, text, Place(blamed)));
    }

    private string MessageOf(CompiledRule rule, Dictionary<string, object?> bindings)
    {
        if (rule.Message?.Evaluate(bindings, _budget) is { Error: null, Value: string message }
            && message.Trim() is { Length: > 0 and <= LongestMessage } text && text.AsSpan().IndexOfAny('\n', '\r') < 0)
        {
            return text;
        }

        return rule.Source.Message.Length > 0 ? rule.Source.Message.Trim() : $"failed rule: {rule.Source.Rule.Trim()}";
    }

    private static string Explain(string failure, ValidationRule rule)
    {
        var named = rule.Message.Length > 0 ? rule.Message.Trim() : rule.Rule.Trim();
        return failure.StartsWith("no such overload", StringComparison.Ordinal)
            ? $"'{failure}': call arguments did not match a supported operator, function or macro signature for rule: {named}"
            : failure.StartsWith("operation cancelled: actual cost limit exceeded", StringComparison.Ordinal)
                ? $"'{failure}': no further validation rules will be run due to call cost exceeds limit for rule: {named}"
                : $"{failure} evaluating rule: {named}";
    }

    private void Add(string reason, StructuralSchema schema, FieldPath path, string detail) =>
        _causes.Add(new StatusCause(reason, $"Invalid value: \"{schema.Type}\": {detail}", Place(path)));

    private static string Place(FieldPath path) => path.ToString() is { Length: > 0 } text ? text : "<nil>";
}
