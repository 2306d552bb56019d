using System.Collections.Frozen;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;

namespace ActorOrchestrator.Host.Api.Virtual;

/// <summary>The kinds of which nothing is stored, by type.</summary>
internal sealed class VirtualResources(IEnumerable<IVirtualResource> resources)
{
    private readonly FrozenDictionary<ResourceType, IVirtualResource> _byType = resources.ToFrozenDictionary(resource => resource.Type);

    public Task ServeAsync(in ApiRequest request, string verb) => _byType.TryGetValue(request.Descriptor.Type, out var resource)
        ? resource.ServeAsync(request, verb)
        : StatusWriter.WriteAsync(request.Http, RequestStatuses.NotImplemented($"{request.Descriptor.Plural} are not supported yet by this server"));
}
