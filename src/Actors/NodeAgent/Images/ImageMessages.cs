using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;

namespace ActorOrchestrator.Actors.NodeAgent.Images;

public static class ImageMessages
{
    /// <summary>Have the image here, by the container's pull policy. Answered by <see cref="Ready"/> or <see cref="Unavailable"/>.</summary>
    /// <param name="Pod">Whose events tell of it.</param>
    public sealed record Ensure(StoredObject Pod, string Container, string Image, string Policy) : INoSerializationVerificationNeeded;

    public sealed record Ready(string Reference, EngineImage Image) : INoSerializationVerificationNeeded;

    /// <param name="Reason"><c>ErrImagePull</c>, <c>ImagePullBackOff</c>, <c>ErrImageNeverPull</c>, <c>ImageInspectError</c>.</param>
    /// <param name="TryAgainIn">When to ask again.</param>
    public sealed record Unavailable(string Reference, string Reason, string Message, TimeSpan TryAgainIn) : INoSerializationVerificationNeeded;

    /// <summary>Images came or went behind our back: what is remembered of them may be wrong.</summary>
    public sealed record Changed : INoSerializationVerificationNeeded;
}
