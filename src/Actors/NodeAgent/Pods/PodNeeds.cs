using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Resources;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Pods;

/// <summary>The ConfigMaps, Secrets and claims that a pod names: its volumes and environment change or wait with them.</summary>
public static class PodNeeds
{
    /// <summary>With the volumes that its claims are bound to: what a node keeps, to be able to start the pod on its own.</summary>
    public static IEnumerable<StoredObject> Find(V1Pod pod, Func<ObjectKey, StoredObject?> find)
    {
        foreach (var need in Of(pod).Select(find).OfType<StoredObject>())
        {
            yield return need;
            if (need.Key.Type == ResourceTypes.PersistentVolumeClaims && need.As<V1PersistentVolumeClaim>().Spec?.VolumeName is { Length: > 0 } name
                && find(new ObjectKey(ResourceTypes.PersistentVolumes, "", name)) is { } volume)
            {
                yield return volume;
            }
        }
    }

    public static ImmutableHashSet<ObjectKey> Of(V1Pod pod)
    {
        var needs = ImmutableHashSet.CreateBuilder<ObjectKey>();
        var ns = pod.Metadata.NamespaceProperty;
        foreach (var container in QosClass.AllContainers(pod))
        {
            foreach (var from in container.EnvFrom ?? [])
            {
                Add(ResourceTypes.ConfigMaps, from.ConfigMapRef?.Name);
                Add(ResourceTypes.Secrets, from.SecretRef?.Name);
            }

            foreach (var variable in container.Env ?? [])
            {
                Add(ResourceTypes.ConfigMaps, variable.ValueFrom?.ConfigMapKeyRef?.Name);
                Add(ResourceTypes.Secrets, variable.ValueFrom?.SecretKeyRef?.Name);
            }
        }

        foreach (var volume in pod.Spec.Volumes ?? [])
        {
            Add(ResourceTypes.ConfigMaps, volume.ConfigMap?.Name);
            Add(ResourceTypes.Secrets, volume.Secret?.SecretName);
            Add(ResourceTypes.PersistentVolumeClaims, volume.Ephemeral is null ? volume.PersistentVolumeClaim?.ClaimName : $"{pod.Metadata.Name}-{volume.Name}");
            foreach (var source in volume.Projected?.Sources ?? [])
            {
                Add(ResourceTypes.ConfigMaps, source.ConfigMap?.Name);
                Add(ResourceTypes.Secrets, source.Secret?.Name);
            }
        }

        foreach (var secret in pod.Spec.ImagePullSecrets ?? [])
        {
            Add(ResourceTypes.Secrets, secret.Name);
        }

        return needs.ToImmutable();

        void Add(ResourceType type, string? name)
        {
            if (!string.IsNullOrEmpty(name))
            {
                needs.Add(new ObjectKey(type, ns, name));
            }
        }
    }
}
