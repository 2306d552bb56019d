using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Admission.Matching;
using ActorOrchestrator.Actors.Resources.Expressions;
using ActorOrchestrator.Actors.Resources.Expressions.Functions;

namespace ActorOrchestrator.Actors.Resources.Admission.Policies;

/// <summary>Whether the expressions of policies and webhooks compile, when they are written: nobody should find out by the first request that matches.</summary>
internal static class PolicyExpressionChecks
{
    public static void Webhooks(JsonObject configuration, FieldErrors errors)
    {
        var webhooks = configuration.Array("webhooks") ?? [];
        for (var i = 0; i < webhooks.Count; i++)
        {
            Conditions(webhooks[i].Array("matchConditions"), $"webhooks[{i}]", AdmissionExpressions.Conditions, errors);
        }
    }

    public static void Validating(JsonObject policy, FieldErrors errors)
    {
        var spec = policy.Object("spec");
        var expressions = Common(spec, errors);
        foreach (var (index, validation) in (spec.Array("validations") ?? []).Index())
        {
            Check(validation.Text("expression"), $"spec.validations[{index}].expression", expressions.Environment, errors, ExpressionType.Bool);
            Check(validation.Text("messageExpression"), $"spec.validations[{index}].messageExpression", expressions.ForMessages, errors, ExpressionType.String);
        }

        foreach (var (index, annotation) in (spec.Array("auditAnnotations") ?? []).Index())
        {
            Check(annotation.Text("valueExpression"), $"spec.auditAnnotations[{index}].valueExpression", expressions.Environment, errors, ExpressionType.String, ExpressionType.Null);
        }
    }

    public static void Mutating(JsonObject policy, FieldErrors errors)
    {
        var spec = policy.Object("spec");
        var environment = Common(spec, errors).Environment.ForPatches();
        foreach (var (index, mutation) in (spec.Array("mutations") ?? []).Index())
        {
            var isJsonPatch = mutation.Text("patchType") == "JSONPatch";
            var field = isJsonPatch ? "jsonPatch" : "applyConfiguration";
            Check(mutation.Object(field).Text("expression").Trim(), $"spec.mutations[{index}].{field}.expression", environment, errors, isJsonPatch ? PatchTypes.JsonPatches : PatchTypes.Object);
        }
    }

    private static PolicyExpressions Common(JsonObject? spec, FieldErrors errors)
    {
        var expressions = new PolicyExpressions(spec, ExpressionType.Dyn, spec.Object("paramKind") is null ? null : ExpressionType.Dyn);
        Conditions(spec.Array("matchConditions"), "spec", expressions.WithoutVariables, errors);
        foreach (var (index, (variable, item)) in expressions.Variables.Zip(spec.Array("variables") ?? []).Index())
        {
            if (variable.Compiled.Error is { } error && item.Text("expression").Trim().Length > 0)
            {
                errors.Invalid($"spec.variables[{index}].expression", item.Text("expression"), error);
            }
        }

        return expressions;
    }

    private static void Conditions(JsonArray? conditions, string holder, ExpressionEnvironment environment, FieldErrors errors)
    {
        foreach (var (index, condition) in (conditions ?? []).Index())
        {
            Check(condition.Text("expression").Trim(), $"{holder}.matchConditions[{index}].expression", environment, errors, ExpressionType.Bool);
        }
    }

    private static void Check(string text, string field, ExpressionEnvironment environment, FieldErrors errors, params System.Collections.Immutable.ImmutableArray<ExpressionType> results)
    {
        if (text.Trim().Length > 0 && Expression.Compile(text, environment, results).Error is { } error)
        {
            errors.Invalid(field, text, error);
        }
    }
}
