using System.Text.Json;

namespace ActorOrchestrator.Actors.Controllers.Pods;

/// <summary>
/// A container that will not come to run without somebody's doing. What may pass by itself, such as a ConfigMap that is yet to be made
/// (<c>CreateContainerConfigError</c>), is none: a deadline judges that.
/// </summary>
public sealed record ContainerFailure(string Container, string Reason, string Message)
{
    private static readonly string[] Reasons = ["CrashLoopBackOff", "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"];

    /// <summary>The reason that the reader stands on if it is one of these, or nothing.</summary>
    internal static string Known(ref Utf8JsonReader reader)
    {
        foreach (var reason in Reasons)
        {
            if (reader.ValueTextEquals(reason))
            {
                return reason;
            }
        }

        return "";
    }
}
