using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Warnings;

/// <summary>A Job that is deleted without a word on its pods leaves them behind, for old clients' sake; whoever asks is told so.</summary>
internal static class DeletionWarnings
{
    private const string PodsStay = "child pods are preserved by default when jobs are deleted; "
        + "set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning";

    public static void Add(in ApiRequest request, DeleteRequest deletion)
    {
        if (request.Descriptor.Type == ResourceTypes.Jobs && deletion.PropagationPolicy is null)
        {
            ResponseWarnings.Add(request.Http, PodsStay);
        }
    }
}
