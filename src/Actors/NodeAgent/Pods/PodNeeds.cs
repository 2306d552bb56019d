using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Resources;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Pods;

/// <summary>The ConfigMaps and Secrets that a pod names: its volumes and environment change or wait with them.</summary>
public static class PodNeeds
{
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
