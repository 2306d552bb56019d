using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Expressions;
using ActorOrchestrator.Actors.Resources.Expressions.Functions;
using ActorOrchestrator.Actors.Resources.Expressions.Values;
using ActorOrchestrator.Actors.Resources.Patching;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Schema.Fields;

namespace ActorOrchestrator.Actors.Resources.Admission.Policies;

/// <summary>What one mutation of a policy makes of an object. Pure.</summary>
internal static class PolicyPatch
{
    /// <param name="mutation">The mutation.</param>
    /// <param name="bindings">Its variables.</param>
    /// <param name="live">The object in the version of the policy; left as it is.</param>
    /// <param name="view">That version.</param>
    /// <returns>The changed object, or why there is none, as the policy's refusal says it.</returns>
    public static (JsonObject? Patched, string? Error) Make(
        PolicyMutation mutation, Dictionary<string, object?> bindings, EvaluationBudget budget, JsonObject live, ResourceDescriptor view, CancellationToken cancellation)
    {
        if (mutation.Compiled.Program is not { } program)
        {
            return (null, mutation.Compiled.Error);
        }

        var result = program.Evaluate(bindings, budget, cancellation);
        if (budget.Exhausted)
        {
            return (null, EvaluationBudget.ExhaustedMessage);
        }

        if (!result.Ok)
        {
            return (null, $"expression '{mutation.Text}' resulted in error: {result.Error}");
        }

        return mutation.IsJsonPatch ? ApplyJsonPatch(result.Value, live) : ApplyConfiguration(result.Value, live, view);
    }

    private static (JsonObject? Patched, string? Error) ApplyJsonPatch(object? value, JsonObject live)
    {
        if (value is not CelList list)
        {
            return (null, "type mismatch: JSONPatchType.expression should evaluate to array");
        }

        var patch = new JsonArray();
        foreach (var item in list)
        {
            if (item is not MessageValue message || message.TypeName != PatchTypes.JsonPatch.Name)
            {
                return (null, $"type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch, got element of {Values.TypeOf(item)}");
            }

            if (message.Fields.GetValueOrDefault("value") is MessageValue made && TypeMismatch(made, made.TypeName) is { } wrong)
            {
                return (null, wrong);
            }

            patch.Add(Operation(message));
        }

        try
        {
            return JsonPatch.Apply(live.DeepClone(), patch) is JsonObject patched ? (patched, null) : (null, "JSON Patch: the result is no object");
        }
        catch (PatchException failed) when (failed.IsFailedTest)
        {
            // The author's own condition: nothing is to be done.
            return ((JsonObject)live.DeepClone(), null);
        }
        catch (PatchException impossible)
        {
            return (null, $"JSON Patch: {(impossible.Status.Causes is [var cause, ..] ? cause.Message : impossible.Status.Message)}");
        }
    }

    private static JsonObject Operation(MessageValue message)
    {
        var operation = new JsonObject
        {
            ["op"] = message.Fields.GetValueOrDefault("op") as string ?? "",
            ["path"] = message.Fields.GetValueOrDefault("path") as string ?? "",
        };
        if (message.Fields.GetValueOrDefault("from") is string { Length: > 0 } from)
        {
            operation["from"] = from;
        }

        if (message.Fields.TryGetValue("value", out var value))
        {
            operation["value"] = JsonValues.Unwrap(value);
        }

        return operation;
    }

    private static (JsonObject? Patched, string? Error) ApplyConfiguration(object? value, JsonObject live, ResourceDescriptor view)
    {
        if (value is not MessageValue made)
        {
            return (null, $"unsupported return type from ApplyConfiguration expression: {Values.TypeOf(value)}");
        }

        if (TypeMismatch(made, PatchTypes.Object.Name) is { } wrong)
        {
            return (null, wrong);
        }

        var config = (JsonObject)JsonValues.Unwrap(made)!;
        config["apiVersion"] = view.ApiVersion;
        config["kind"] = view.Kind;
        var schema = ObjectSchema.Of(view);
        var problems = AppliedConfiguration.Check(config, schema);
        if (problems.Count > 0)
        {
            var list = problems.Count == 1 ? problems[0] : "errors:\n" + string.Join("\n", problems.Select(problem => "  " + problem));
            return (null, $"error applying patch: failed to convert patch object to typed object: {list}");
        }

        // Whoever sets one item of an atomic list would take away all others without having meant to.
        var atomics = AppliedConfiguration.Atomics(config, schema);
        if (atomics.Count > 0)
        {
            return (null, $"error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: {string.Join(", ", atomics)}");
        }

        try
        {
            return (FieldMerge.Merge(live, config, schema), null);
        }
        catch (FieldMergeException impossible)
        {
            return (null, $"error applying patch: failed to merge patch: {impossible.Message}");
        }
    }

    private static string? TypeMismatch(MessageValue made, string root)
    {
        var misplaced = PatchTypes.Misplaced(made, root).ToArray();
        return misplaced.Length == 0 ? null : $"type mismatch: {string.Join('\n', misplaced)}";
    }
}
