using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Rollouts;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>
/// The annotations by which a Deployment says how it is rolled out. A typo there would be a rollout without the care that was asked for, so it is an
/// error when it is written, and not a warning that an automatic writer never sees. What is stored already does not stand in the way of other changes.
/// </summary>
internal static class RolloutAnnotations
{
    private const string AutoRollback = "orchestrator/auto-rollback";

    public static void Check(JsonObject deployment, JsonObject? old, FieldErrors errors)
    {
        if (deployment.Child("metadata")?.Child("annotations") is not { Count: > 0 } annotations)
        {
            return;
        }

        var path = FieldPath.Of("metadata").Field("annotations");
        var before = old?.Child("metadata")?.Child("annotations");
        if (annotations.ContainsKey(AutoRollback) && annotations.Text(AutoRollback) is not ("true" or "false") and var flag && IsNew(AutoRollback))
        {
            errors.NotSupported(path.Key(AutoRollback), flag, "false", "true");
        }

        if (!annotations.ContainsKey(CanaryPlan.StepsAnnotation) || (CanaryPlan.Annotations.All(name => !IsNew(name)) && Strategy(deployment) == Strategy(old)))
        {
            return;
        }

        if (Strategy(deployment) == "Recreate")
        {
            errors.Invalid(path.Key(CanaryPlan.StepsAnnotation), annotations.Text(CanaryPlan.StepsAnnotation), "a canary runs beside the old pods, which the strategy Recreate does not allow");
        }

        _ = CanaryPlan.Read(CanaryPlan.Annotations.Where(annotations.ContainsKey).ToDictionary(name => name, name => annotations.Text(name)), out var problems);
        foreach (var problem in problems)
        {
            errors.Invalid(path.Key(problem.Annotation), problem.Value, problem.Detail);
        }

        bool IsNew(string name) => before is null || before.Text(name) != annotations.Text(name) || !before.ContainsKey(name);
    }

    private static string Strategy(JsonObject? deployment) => deployment?.Child("spec")?.Child("strategy")?.Text("type") ?? "";
}
