using System.Collections.Immutable;
using System.Text;
using ActorOrchestrator.Actors.Access.Tokens;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Contracts.Resources;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Volumes;

/// <summary>What must be on disk for one volume of a pod.</summary>
public abstract record PlannedVolume(string Name)
{
    public sealed record Directory(string Name, bool InMemory, long? SizeLimit) : PlannedVolume(Name);

    /// <summary>Kept up to date as its sources change.</summary>
    public sealed record Projection(string Name, ImmutableArray<ProjectedFile> Files) : PlannedVolume(Name)
    {
        /// <summary>Files whose content is asked for, and asked for again before it is too old.</summary>
        public ImmutableArray<PlannedToken> Tokens { get; init; } = [];
    }

    public sealed record HostPath(string Name, string Path, string Type) : PlannedVolume(Name);

    /// <summary>A folder of this node that outlives the pod.</summary>
    public sealed record LocalFolder(string Name, string Handle) : PlannedVolume(Name);

    /// <summary>It cannot be set up as things are; the pod waits.</summary>
    public sealed record Missing(string Name, string Error) : PlannedVolume(Name);
}

/// <summary>A ServiceAccount's token in a projected volume.</summary>
/// <param name="Audience">Empty for the API.</param>
public sealed record PlannedToken(string Path, string Audience, long ExpirationSeconds, int Mode);

/// <summary>From a pod's volumes and the objects they name to files: pure, so that a change of a source is simply planned again.</summary>
public static class VolumePlan
{
    private const int DefaultMode = 0b110_100_100;

    public static ImmutableArray<PlannedVolume> Of(V1Pod pod, PodFacts facts, Func<ObjectKey, StoredObject?> find) =>
        [.. (pod.Spec.Volumes ?? []).Select(volume => Plan(pod, volume, facts, find))];

    private static PlannedVolume Plan(V1Pod pod, V1Volume volume, PodFacts facts, Func<ObjectKey, StoredObject?> find)
    {
        if (volume.EmptyDir is { } empty)
        {
            return new PlannedVolume.Directory(volume.Name, empty.Medium == "Memory", empty.SizeLimit is { } limit ? Quantity.Parse(limit.ToString()).Value : null);
        }

        if (volume.HostPath is { } host)
        {
            return new PlannedVolume.HostPath(volume.Name, host.Path, host.Type ?? "");
        }

        if (volume.PersistentVolumeClaim is not null || volume.Ephemeral is not null)
        {
            return ClaimedVolume.Plan(pod, volume, facts.NodeName, find);
        }

        var files = new SortedDictionary<string, ProjectedFile>(StringComparer.Ordinal);
        var tokens = ImmutableArray.CreateBuilder<PlannedToken>();
        var error =
            volume.ConfigMap is { } map ? AddConfigMap(pod, files, map.Name, map.Items, map.Optional, map.DefaultMode, find)
            : volume.Secret is { } secret ? AddSecret(pod, files, secret.SecretName, secret.Items, secret.Optional, secret.DefaultMode, find)
            : volume.DownwardAPI is { } downward ? AddDownward(pod, files, downward.Items, downward.DefaultMode, facts)
            : volume.Projected is { } projected ? AddProjected(pod, files, tokens, projected, facts, find)
            : "this volume type is not supported by this node; emptyDir, hostPath, configMap, secret, downwardAPI, projected and persistentVolumeClaim are";
        return error.Length > 0 ? new PlannedVolume.Missing(volume.Name, error) : new PlannedVolume.Projection(volume.Name, [.. files.Values]) { Tokens = tokens.ToImmutable() };
    }

    private static string AddProjected(
        V1Pod pod, SortedDictionary<string, ProjectedFile> files, ImmutableArray<PlannedToken>.Builder tokens, V1ProjectedVolumeSource projected, PodFacts facts, Func<ObjectKey, StoredObject?> find)
    {
        foreach (var source in projected.Sources ?? [])
        {
            if (source.ServiceAccountToken is { } token)
            {
                tokens.Add(new PlannedToken(token.Path, token.Audience ?? "", token.ExpirationSeconds ?? TokenSpec.DefaultSeconds, projected.DefaultMode ?? DefaultMode));
                continue;
            }

            var error =
                source.ConfigMap is { } map ? AddConfigMap(pod, files, map.Name, map.Items, map.Optional, projected.DefaultMode, find)
                : source.Secret is { } secret ? AddSecret(pod, files, secret.Name, secret.Items, secret.Optional, projected.DefaultMode, find)
                : source.DownwardAPI is { } downward ? AddDownward(pod, files, downward.Items, projected.DefaultMode, facts)
                : "this projected source is not supported by this node; configMap, secret, downwardAPI and serviceAccountToken are";
            if (error.Length > 0)
            {
                return error;
            }
        }

        return "";
    }

    private static string AddConfigMap(
        V1Pod pod, SortedDictionary<string, ProjectedFile> files, string name, IList<V1KeyToPath>? items, bool? optional, int? mode, Func<ObjectKey, StoredObject?> find)
    {
        var map = find(new ObjectKey(ResourceTypes.ConfigMaps, pod.Metadata.NamespaceProperty, name))?.As<V1ConfigMap>();
        if (map is null)
        {
            return optional == true ? "" : $"configmap \"{name}\" not found";
        }

        var content = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (key, text) in map.Data ?? new Dictionary<string, string>())
        {
            content[key] = Encoding.UTF8.GetBytes(text);
        }

        foreach (var (key, bytes) in map.BinaryData ?? new Dictionary<string, byte[]>())
        {
            content[key] = bytes;
        }

        return AddItems(files, content, items, optional, mode, key => $"configmap references non-existent config key: {key}");
    }

    private static string AddSecret(
        V1Pod pod, SortedDictionary<string, ProjectedFile> files, string name, IList<V1KeyToPath>? items, bool? optional, int? mode, Func<ObjectKey, StoredObject?> find)
    {
        var secret = find(new ObjectKey(ResourceTypes.Secrets, pod.Metadata.NamespaceProperty, name))?.As<V1Secret>();
        return secret is null
            ? optional == true ? "" : $"secret \"{name}\" not found"
            : AddItems(files, secret.Data ?? new Dictionary<string, byte[]>(), items, optional, mode, key => $"references non-existent secret key: {key}");
    }

    private static string AddItems(
        SortedDictionary<string, ProjectedFile> files, IDictionary<string, byte[]> content, IList<V1KeyToPath>? items, bool? optional, int? mode, Func<string, string> missing)
    {
        if (items is not { Count: > 0 })
        {
            foreach (var (key, bytes) in content)
            {
                files[key] = new ProjectedFile(key, bytes, mode ?? DefaultMode);
            }

            return "";
        }

        foreach (var item in items)
        {
            if (content.TryGetValue(item.Key, out var bytes))
            {
                files[item.Path] = new ProjectedFile(item.Path, bytes, item.Mode ?? mode ?? DefaultMode);
            }
            else if (optional != true)
            {
                return missing(item.Key);
            }
        }

        return "";
    }

    private static string AddDownward(V1Pod pod, SortedDictionary<string, ProjectedFile> files, IList<V1DownwardAPIVolumeFile>? items, int? mode, PodFacts facts)
    {
        foreach (var item in items ?? [])
        {
            string error;
            var value = item.FieldRef is { } field
                ? FieldReferences.Field(pod, field.FieldPath, facts, out error)
                : FieldReferences.Resource(pod, pod.Spec.Containers[0], item.ResourceFieldRef, facts, out error);
            if (error.Length > 0)
            {
                return error;
            }

            files[item.Path] = new ProjectedFile(item.Path, Encoding.UTF8.GetBytes(value ?? ""), item.Mode ?? mode ?? DefaultMode);
        }

        return "";
    }
}
