using System.Collections.Immutable;
using ActorOrchestrator.Actors.Controllers.Deployments.Canaries;

namespace ActorOrchestrator.Actors.Tests.Controllers;

/// <summary>Answers for the pods what the test says, and remembers who was asked.</summary>
internal sealed class CanaryProbeStub : ICanaryProbe
{
    public string? Answer { get; set; }
    public List<Uri> Asked { get; } = [];

    public Task<string?> FailureAsync(ImmutableArray<Uri> addresses, CancellationToken cancellation)
    {
        Asked.AddRange(addresses);
        return Task.FromResult(Answer);
    }
}
