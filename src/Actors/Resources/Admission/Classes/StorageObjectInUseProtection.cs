using ActorOrchestrator.Actors.Controllers.StorageProtection;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Admission.Classes;

/// <summary>New claims, volumes and attribute classes get the finalizer that keeps them for as long as somebody uses them.</summary>
public sealed class StorageObjectInUseProtection : IAdmissionPlugin
{
    public ValueTask<ApiStatus?> MutateAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        if (request.Operation == AdmissionOperation.Create && request.Options.Subresource.Length == 0 && FinalizerOf(request.Key.Type) is { } finalizer)
        {
            var metadata = request.Object.Ensure("metadata");
            var finalizers = JsonNodes.Strings(metadata, "finalizers");
            if (!finalizers.Contains(finalizer))
            {
                metadata.SetStrings("finalizers", [.. finalizers, finalizer]);
            }
        }

        return default;
    }

    private static string? FinalizerOf(ResourceType type) =>
        type == ResourceTypes.PersistentVolumeClaims ? StorageProtectionReconciler.ClaimFinalizer
        : type == ResourceTypes.PersistentVolumes ? StorageProtectionReconciler.VolumeFinalizer
        : type == ResourceTypes.VolumeAttributesClasses ? StorageProtectionReconciler.AttributesClassFinalizer
        : null;
}
