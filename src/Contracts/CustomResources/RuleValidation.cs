using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Validation;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>
/// The rules for <c>x-kubernetes-validations</c> in a schema. The form of an entry is judged here; whether its expressions compile and what they may
/// cost is judged on the write path, where the engine for expressions is.
/// </summary>
internal static class RuleValidation
{
    private static readonly string[] Reasons = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];

    internal static void Form(JsonObject schema, FieldPath path, FieldErrors errors)
    {
        var i = 0;
        foreach (var rule in schema.Items("x-kubernetes-validations"))
        {
            Entry(schema, rule, path.Field("x-kubernetes-validations").Index(i++), errors);
        }
    }

    private static void Entry(JsonObject schema, JsonObject rule, FieldPath path, FieldErrors errors)
    {
        var (text, message) = (rule.Text("rule").Trim(), rule.Text("message"));
        if (text.Length == 0)
        {
            errors.Required(path.Field("rule"), "rule is not specified");
        }
        else if (message.Length > 0 && message.Trim().Length == 0)
        {
            errors.Invalid(path.Field("message"), message, "must be non-empty if specified");
        }
        else if (HasLineBreak(message.Trim()))
        {
            errors.Invalid(path.Field("message"), message, "must not contain line breaks");
        }
        else if (HasLineBreak(text) && message.Trim().Length == 0)
        {
            errors.Required(path.Field("message"), "message must be specified if rule contains line breaks");
        }

        if (rule.Text("messageExpression") is { Length: > 0 } expression && expression.Trim().Length == 0)
        {
            errors.Required(path.Field("messageExpression"), "messageExpression must be non-empty if specified");
        }

        if (rule.Text("reason") is { Length: > 0 } reason && !Reasons.Contains(reason))
        {
            errors.NotSupported(path.Field("reason"), reason, Reasons);
        }

        if (rule.Text("fieldPath") is { Length: > 0 } field)
        {
            if (field.Trim().Length == 0)
            {
                errors.Invalid(path.Field("fieldPath"), field, "must be non-empty if specified");
            }

            if (HasLineBreak(field))
            {
                errors.Invalid(path.Field("fieldPath"), field, "must not contain line breaks");
            }

            if (!RuleFieldPath.TryParse(field, StructuralSchema.Read(schema), out _))
            {
                errors.Invalid(path.Field("fieldPath"), field, "must be a valid path");
            }
        }
    }

    private static bool HasLineBreak(string text) => text.AsSpan().IndexOfAny('\n', '\r') >= 0;
}
