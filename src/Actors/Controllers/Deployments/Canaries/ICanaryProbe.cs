using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.Controllers.Deployments.Canaries;

/// <summary>Asks the pods of a canary how they are.</summary>
public interface ICanaryProbe
{
    /// <summary>Null when every address answers with a status from 200 to 399; otherwise what one of them did instead.</summary>
    Task<string?> FailureAsync(ImmutableArray<Uri> addresses, CancellationToken cancellation);
}
