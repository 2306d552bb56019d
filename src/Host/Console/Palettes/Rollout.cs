using System.Globalization;
using k8s.Models;

namespace ActorOrchestrator.Host.Console.Palettes;

internal enum RolloutState
{
    Going,
    Done,
    Failed,
}

/// <summary>How far a rollout is, in the words of <c>kubectl rollout status</c> (kubectl's polymorphichelpers/rollout_status.go).</summary>
internal static class Rollout
{
    public static (string Text, RolloutState State) Status(V1Deployment deployment)
    {
        var (name, status) = (deployment.Metadata.Name, deployment.Status ?? new V1DeploymentStatus());
        if (deployment.Metadata.Generation > (status.ObservedGeneration ?? 0))
        {
            return ("Waiting for deployment spec update to be observed...", RolloutState.Going);
        }

        if (status.Conditions?.Any(condition => condition is { Type: "Progressing", Reason: "ProgressDeadlineExceeded" }) == true)
        {
            return (Told($"deployment \"{name}\" exceeded its progress deadline", status, "RolledBack"), RolloutState.Failed);
        }

        var (wanted, updated, all, available) = (deployment.Spec.Replicas ?? 1, status.UpdatedReplicas ?? 0, status.Replicas ?? 0, status.AvailableReplicas ?? 0);
        if (updated < wanted)
        {
            return (Told($"Waiting for deployment \"{name}\" rollout to finish: {updated} out of {wanted} new replicas have been updated...", status, "Canary"), RolloutState.Going);
        }

        if (all > updated)
        {
            return ($"Waiting for deployment \"{name}\" rollout to finish: {all - updated} old replicas are pending termination...", RolloutState.Going);
        }

        return available < updated
            ? ($"Waiting for deployment \"{name}\" rollout to finish: {available} of {updated} updated replicas are available...", RolloutState.Going)
            : ($"deployment \"{name}\" successfully rolled out", RolloutState.Done);
    }

    /// <summary>What a condition adds to kubectl's words: where a canary is, or why a rollout went back.</summary>
    private static string Told(string text, V1DeploymentStatus status, string condition) =>
        status.Conditions?.FirstOrDefault(item => item.Type == condition) is { Message.Length: > 0 } told ? $"{text}\n{told.Message}" : text;

    /// <summary>One or two units, as a table column wants it.</summary>
    public static string Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 120 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, (int)age.TotalSeconds)}s"),
        { TotalMinutes: < 120 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalMinutes}m"),
        { TotalHours: < 48 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalHours}h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalDays}d"),
    };
}
