namespace ActorOrchestrator.Contracts.CustomResources;

public enum ApprovalState : byte
{
    Missing,
    Invalid,
    Approved,
    Bypassed,
}

/// <summary>Groups of the Kubernetes community may only be defined by whoever says that they were reviewed, or that they were not (KEP-1111).</summary>
public static class ApprovalPolicy
{
    public const string Annotation = "api-approved.kubernetes.io";

    public static bool IsProtected(string group) =>
        group is "k8s.io" or "kubernetes.io" || group.EndsWith(".k8s.io", StringComparison.Ordinal) || group.EndsWith(".kubernetes.io", StringComparison.Ordinal);

    public static (ApprovalState State, string Message) Judge(string annotation)
    {
        const string See = "see https://github.com/kubernetes/enhancements/pull/1111";
        return annotation.Length == 0 ? (ApprovalState.Missing, $"protected groups must have approval annotation \"{Annotation}\", {See}")
            : annotation.StartsWith("unapproved", StringComparison.Ordinal) ? (ApprovalState.Bypassed, $"not approved: \"{annotation}\"")
            : Uri.TryCreate(annotation, UriKind.Absolute, out var url) && url.Host.Length > 0 ? (ApprovalState.Approved, $"approved in {annotation}")
            : (ApprovalState.Invalid, $"protected groups must have approval annotation \"{Annotation}\" with either a URL or a reason starting with \"unapproved\", {See}");
    }
}
