using System.Collections.Immutable;
using System.Globalization;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;

namespace ActorOrchestrator.Actors.Controllers.Deployments;

/// <summary>
/// What became of a template, noted on its ReplicaSet: there it survives every crash, leaves nothing in the Deployment that an applier
/// could disagree with, and is forgotten together with the revision.
/// </summary>
internal static class RolloutMarks
{
    /// <summary>The revision at which every replica of the Deployment was of this template and available.</summary>
    public const string Available = "orchestrator/available-revision";

    /// <summary>The revision at which the template failed.</summary>
    public const string Failed = "orchestrator/failed-revision";

    /// <summary>Why it failed: a reason, a colon and a message.</summary>
    public const string FailedBecause = "orchestrator/failed-because";

    /// <summary>How far a canary is: revision, step, and since when the share of the step is available.</summary>
    public const string Canary = "orchestrator/canary-progress";

    private const int LongestMessage = 1024;

    public static bool IsMark(string annotation) => annotation is Available or Failed or FailedBecause or Canary or Canaries.Canary.PausedAtAnnotation;

    /// <summary>0 while it never was.</summary>
    public static long AvailableAt(this ReplicaSetView set) => Number(set, Available);

    /// <summary>The rollout of its present revision has come to its end.</summary>
    public static bool IsProven(this ReplicaSetView set) => set.AvailableAt() is > 0 and var at && at == RevisionAnnotations.RevisionOf(set.Metadata.Annotations);

    /// <summary>Why and at which revision the template failed; null when it did not.</summary>
    public static RolloutFailure? FailureOf(this ReplicaSetView set)
    {
        if (Number(set, Failed) is not (> 0 and var revision))
        {
            return null;
        }

        var because = set.Metadata.Annotations.GetValueOrDefault(FailedBecause, "").Split(": ", 2);
        return new RolloutFailure(revision, because[0].Length > 0 ? because[0] : "Unknown", because[^1]);
    }

    public static ImmutableDictionary<string, string> WithFailure(this ImmutableDictionary<string, string> annotations, RolloutFailure failure) => annotations
        .Remove(Available)
        .Remove(Canary)
        .SetItem(Failed, failure.Revision.ToString(CultureInfo.InvariantCulture))
        .SetItem(FailedBecause, $"{failure.Reason}: {(failure.Message.Length > LongestMessage ? failure.Message[..LongestMessage] : failure.Message)}");

    public static ImmutableDictionary<string, string> WithProof(this ImmutableDictionary<string, string> annotations) => annotations
        .Remove(Failed)
        .Remove(FailedBecause)
        .Remove(Canary)
        .SetItem(Available, annotations.GetValueOrDefault(RevisionAnnotations.Revision, "0"));

    private static long Number(ReplicaSetView set, string annotation) =>
        long.TryParse(set.Metadata.Annotations.GetValueOrDefault(annotation), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}

/// <param name="Revision">Which revision failed.</param>
/// <param name="Reason">One word, such as <c>CrashLoopBackOff</c>.</param>
/// <param name="Message">What was seen.</param>
internal sealed record RolloutFailure(long Revision, string Reason, string Message);
