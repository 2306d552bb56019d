using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Admission.Classes;

/// <summary>A claim that names no class gets the one that is marked as the default; without one it waits.</summary>
public sealed class DefaultStorageClass : IAdmissionPlugin
{
    public ValueTask<ApiStatus?> MutateAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        if (request.Operation == AdmissionOperation.Create && request.Key.Type == ResourceTypes.PersistentVolumeClaims && request.Options.Subresource.Length == 0)
        {
            var spec = request.Object.Ensure("spec");
            var older = request.Object.Object("metadata").Object("annotations")?["volume.beta.kubernetes.io/storage-class"];
            if (spec["storageClassName"] is null && older is null
                && DefaultClass.Among(request, ResourceTypes.StorageClasses, "storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class") is { } name)
            {
                spec["storageClassName"] = name;
            }
        }

        return default;
    }
}

/// <summary>The same for Ingresses.</summary>
public sealed class DefaultIngressClass : IAdmissionPlugin
{
    public ValueTask<ApiStatus?> MutateAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        if (request.Operation == AdmissionOperation.Create && request.Key.Type == ResourceTypes.Ingresses && request.Options.Subresource.Length == 0)
        {
            var spec = request.Object.Ensure("spec");
            var older = request.Object.Object("metadata").Object("annotations")?["kubernetes.io/ingress.class"];
            if (spec["ingressClassName"] is null && older is null
                && DefaultClass.Among(request, ResourceTypes.IngressClasses, "ingressclass.kubernetes.io/is-default-class") is { } name)
            {
                spec["ingressClassName"] = name;
            }
        }

        return default;
    }
}

/// <summary>Of several classes that are marked the newest counts, of those the first by name.</summary>
internal static class DefaultClass
{
    public static string? Among(AdmissionRequest request, ResourceType classes, params string[] marks) => request.Snapshot.All(classes)
        .Where(item => item.ToJson().Object("metadata").Object("annotations") is var annotations && marks.Any(mark => annotations.Text(mark) == "true"))
        .OrderByDescending(item => item.Metadata.CreationTimestamp)
        .ThenBy(item => item.Key.Name, StringComparer.Ordinal)
        .FirstOrDefault()?.Key.Name;
}

/// <summary>A bound claim grows only where its class allows it.</summary>
public sealed class PersistentVolumeClaimResize : IAdmissionPlugin
{
    public ValueTask<ApiStatus?> ValidateAsync(AdmissionRequest request, CancellationToken cancellation) => new(Validate(request));

    private static ApiStatus? Validate(AdmissionRequest request)
    {
        if (request.Operation != AdmissionOperation.Update || request.Key.Type != ResourceTypes.PersistentVolumeClaims || request.Options.Subresource.Length > 0)
        {
            return null;
        }

        var (was, becomes) = (Storage(request.Old), Storage(request.Object));
        if (becomes <= was)
        {
            return null;
        }

        if (request.Old.Object("status").Text("phase") != "Bound")
        {
            return ApiStatus.Forbidden(request.Key, "Only bound persistent volume claims can be expanded");
        }

        var name = request.Object.Object("spec").Text("storageClassName");
        var allows = name.Length > 0 && request.Snapshot.Find(new ObjectKey(ResourceTypes.StorageClasses, "", name))?.ToJson().Flag("allowVolumeExpansion") == true;
        return allows
            ? null
            : ApiStatus.Forbidden(request.Key, "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize");
    }

    private static Quantity Storage(JsonObject? claim) =>
        PodResources.Read(claim.Object("spec").Object("resources").Object("requests")).GetValueOrDefault("storage");
}
