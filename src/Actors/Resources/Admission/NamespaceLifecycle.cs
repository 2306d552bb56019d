using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Admission;

/// <summary>Nothing is created in a namespace that does not exist or is on its way out, and the namespaces that the system lives in stay.</summary>
public sealed class NamespaceLifecycle : IAdmissionPlugin
{
    public ValueTask<ApiStatus?> ValidateAsync(AdmissionRequest request, CancellationToken cancellation) => new(Admit(request));

    private static ApiStatus? Admit(AdmissionRequest request)
    {
        if (request.Operation == AdmissionOperation.Delete)
        {
            return request.Key.Type == ResourceTypes.Namespaces && request.Key.Name is "default" or "kube-system" or "kube-public" or "kube-node-lease"
                ? ApiStatus.Forbidden(request.Key, "this namespace may not be deleted")
                : null;
        }

        if (request.Operation != AdmissionOperation.Create || !request.Descriptor.Namespaced)
        {
            return null;
        }

        var key = new ObjectKey(ResourceTypes.Namespaces, "", request.Key.Namespace);
        if (request.Snapshot.Find(key) is not { } found)
        {
            return ApiStatus.NotFound(key);
        }

        if (found.Metadata.DeletionTimestamp is null)
        {
            return null;
        }

        var refusal = ApiStatus.Forbidden(
            request.Key,
            $"unable to create new content in namespace {request.Key.Namespace} because it is being terminated");
        return refusal with { Causes = [new StatusCause("NamespaceTerminating", $"namespace {request.Key.Namespace} is being terminated", "metadata.namespace")] };
    }
}
