namespace ActorOrchestrator.Actors.Resources.Admission;

/// <summary>Of the audit policy.</summary>
public enum AnnotationLevel
{
    Metadata,

    /// <summary>Where the request's object is kept too: the annotation shows parts of it.</summary>
    Request,
}

/// <summary>
/// Hears what admission has to say beside yes and no. It must bear being told the same thing again, because a write that lost a race
/// is admitted again, and by several threads, because webhooks are asked at the same time.
/// </summary>
public interface IAdmissionObserver
{
    /// <summary>For the author of the request: a <c>Warning</c> header of the answer.</summary>
    void Warn(string text);

    /// <summary>For the audit log.</summary>
    /// <param name="key">Qualified by the plugin or webhook: <c>pod-security.kubernetes.io/enforce-policy</c>.</param>
    /// <param name="level">The least level of the audit policy at which it is kept.</param>
    void Annotate(string key, string value, AnnotationLevel level = AnnotationLevel.Metadata);
}
