using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Virtual;

/// <summary>
/// Answers for a kind of which nothing is stored (<c>ResourceDescriptor.Virtual</c>): reviews, bindings, component statuses. Register one for each such
/// type; a virtual kind without one answers 501.
/// </summary>
internal interface IVirtualResource
{
    ResourceType Type { get; }

    /// <summary>The request has been authorized and its verb is one that the descriptor allows.</summary>
    Task ServeAsync(in ApiRequest request, string verb);
}
