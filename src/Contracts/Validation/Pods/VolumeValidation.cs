using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation.Pods;

/// <summary>The rules for a pod's volumes.</summary>
internal static class VolumeValidation
{
    private const string OneType = "may not specify more than 1 volume type";

    /// <summary>In upstream's order; how its messages spell them where that differs is in <see cref="Spelled"/>.</summary>
    private static readonly string[] Kinds =
    [
        "emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs", "iscsi", "glusterfs", "flocker",
        "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte", "downwardAPI", "fc", "flexVolume", "configMap", "azureFile", "vsphereVolume",
        "photonPersistentDisk", "portworxVolume", "azureDisk", "storageos", "projected", "scaleIO", "csi", "ephemeral", "image",
    ];

    private static readonly Dictionary<string, string> Spelled = new(StringComparer.Ordinal) { ["cephfs"] = "cephFS", ["downwardAPI"] = "downwarAPI" };

    private static readonly string[] HostPathTypes =
        ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

    private static readonly string[] FileFields = ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];
    private static readonly string[] PullPolicies = ["Always", "IfNotPresent", "Never"];

    /// <summary>The sound volumes by their names, which mounts refer to.</summary>
    /// <param name="spec">The pod's specification.</param>
    /// <param name="pod">The pod's name; empty for a template.</param>
    /// <param name="path">Where the volumes stand.</param>
    /// <param name="errors">What is found.</param>
    public static Dictionary<string, JsonObject> Volumes(JsonObject spec, string pod, FieldPath path, FieldErrors errors)
    {
        Dictionary<string, JsonObject> sound = new(StringComparer.Ordinal);
        HashSet<string> made = pod.Length == 0 ? [] : [.. spec.Items("volumes").Where(volume => volume.Has("ephemeral")).Select(volume => $"{pod}-{volume.Text("name")}")];
        foreach (var (index, volume) in spec.Items("volumes").Index())
        {
            var (at, name, before) = (path.Index(index), volume.Text("name"), errors.Count);
            Source(volume, pod, at, errors);
            if (name.Length == 0)
            {
                errors.Required(at.Field("name"));
            }
            else
            {
                errors.Check(at.Field("name"), name, Names.Dns1123Label(name));
            }

            if (sound.ContainsKey(name))
            {
                errors.Duplicate(at.Field("name"), name);
            }

            if (errors.Count == before)
            {
                sound.Add(name, volume);
            }

            if (volume.Child("persistentVolumeClaim")?.Text("claimName") is { } claim && made.Contains(claim))
            {
                errors.Invalid(at.Field("persistentVolumeClaim").Field("claimName"), claim, "must not reference a PVC that gets created for an ephemeral volume");
            }
        }

        return sound;
    }

    /// <summary>A path below a directory that cannot leave it.</summary>
    public static void LocalPath(string value, FieldPath path, FieldErrors errors)
    {
        if (value.StartsWith('/'))
        {
            errors.Invalid(path, value, "must be a relative path");
        }

        NoBacksteps(value, path, errors);
    }

    /// <summary>As the other, and not one of the names that the node keeps for itself.</summary>
    public static void LocalFile(string value, FieldPath path, FieldErrors errors)
    {
        LocalPath(value, path, errors);
        if (value.StartsWith("..", StringComparison.Ordinal) && !value.StartsWith("../", StringComparison.Ordinal))
        {
            errors.Invalid(path, value, "must not start with '..'");
        }
    }

    public static void NoBacksteps(string value, FieldPath path, FieldErrors errors)
    {
        if (value.Contains("..", StringComparison.Ordinal) && value.Split('/').Contains(".."))
        {
            errors.Invalid(path, value, "must not contain '..'");
        }
    }

    public static void DownwardFile(JsonObject item, FieldPath path, FieldErrors errors)
    {
        VolumeSourceValidation.Needs(item, path, errors, "path");
        LocalFile(item.Text("path"), path.Field("path"), errors);
        if (item.Child("fieldRef") is { } field)
        {
            DownwardValidation.Field(field, FileFields, path.Field("fieldRef"), errors);
            if (item.Has("resourceFieldRef"))
            {
                errors.Invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
            }
        }
        else if (item.Child("resourceFieldRef") is { } resource)
        {
            DownwardValidation.Resource(resource, path.Field("resourceFieldRef"), errors, isVolume: true);
        }
        else
        {
            errors.Required(path, "one of fieldRef and resourceFieldRef is required");
        }

        Mode(item, "mode", path, errors);
    }

    public static void Items(JsonObject source, FieldPath path, FieldErrors errors)
    {
        foreach (var (index, item) in source.Items("items").Index())
        {
            var at = path.Field("items").Index(index);
            VolumeSourceValidation.Needs(item, at, errors, "key", "path");
            LocalFile(item.Text("path"), at.Field("path"), errors);
            Mode(item, "mode", at, errors);
        }
    }

    public static void Mode(JsonObject holder, string name, FieldPath path, FieldErrors errors)
    {
        if (holder.Number(name) is { } mode and (< 0 or > 511))
        {
            errors.Invalid(path.Field(name), mode, "must be a number between 0 and 0777 (octal), both inclusive");
        }
    }

    private static void Source(JsonObject volume, string pod, FieldPath path, FieldErrors errors)
    {
        var isFirst = true;
        foreach (var kind in volume.Count <= 2 ? volume.Select(property => property.Key).Where(key => key != "name") : Kinds)
        {
            if (volume.Child(kind) is not { } source)
            {
                continue;
            }

            if (isFirst)
            {
                One(kind, source, volume.Text("name"), pod, path, errors);
            }
            else
            {
                errors.Forbidden(path.Field(Spelled.GetValueOrDefault(kind, kind)), OneType);
            }

            isFirst = false;
        }

        if (isFirst)
        {
            errors.Required(path, "must specify a volume type");
        }
    }

    private static void One(string kind, JsonObject source, string name, string pod, FieldPath path, FieldErrors errors)
    {
        var at = path.Field(kind);
        switch (kind)
        {
            case "emptyDir":
                if (source.Text("sizeLimit") is { Length: > 0 } limit && Quantity.TryParse(limit, out var size) && size.Sign < 0)
                {
                    errors.Forbidden(at.Field("sizeLimit"), "SizeLimit field must be a valid resource quantity");
                }

                break;
            case "hostPath":
                HostPath(source, at, errors);
                break;
            case "secret" or "configMap":
                VolumeSourceValidation.Needs(source, at, errors, kind == "secret" ? "secretName" : "name");
                Mode(source, "defaultMode", at, errors);
                Items(source, at, errors);
                break;
            case "downwardAPI":
                Mode(source, "defaultMode", at, errors);
                foreach (var item in source.Items("items"))
                {
                    DownwardFile(item, at, errors);
                }

                break;
            case "projected":
                Mode(source, "defaultMode", at, errors);
                ProjectedValidation.Sources(source, at, errors);
                break;
            case "ephemeral":
                Ephemeral(source, name, pod, path, errors);
                break;
            case "image":
                VolumeSourceValidation.Needs(source, at, errors, "reference");
                errors.OneOf(at.Field("pullPolicy"), source.Text("pullPolicy"), PullPolicies);
                break;
            default:
                VolumeSourceValidation.Source(kind, source, name, path, errors);
                break;
        }
    }

    private static void HostPath(JsonObject source, FieldPath path, FieldErrors errors)
    {
        if (source.Text("path").Length == 0)
        {
            errors.Required(path.Field("path"));
            return;
        }

        NoBacksteps(source.Text("path"), path.Field("path"), errors);
        if (!HostPathTypes.Contains(source.Text("type")))
        {
            errors.NotSupported(path.Field("type"), source.Text("type"), HostPathTypes);
        }
    }

    private static void Ephemeral(JsonObject source, string name, string pod, FieldPath path, FieldErrors errors)
    {
        var at = path.Field("ephemeral").Field("volumeClaimTemplate");
        if (source.Child("volumeClaimTemplate") is not { } template)
        {
            errors.Required(at);
        }
        else
        {
            var metadata = template.Child("metadata") ?? [];
            MetadataValidation.Annotations(metadata, at.Field("metadata").Field("annotations"), errors);
            MetadataValidation.Labels(metadata, at.Field("metadata").Field("labels"), errors);
            foreach (var (field, value) in metadata)
            {
                if (field is not ("annotations" or "labels") && value is JsonValue or JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
                {
                    errors.Forbidden(at.Field("metadata").Field(field), "cannot be set");
                }
            }

            StorageValidation.ClaimSpec(template.Child("spec") ?? [], at.Field("spec"), errors);
        }

        if (pod.Length > 0 && name.Length > 0)
        {
            foreach (var problem in Names.Dns1123Subdomain($"{pod}-{name}"))
            {
                errors.Invalid(path.Field("name"), name, $"PVC name \"{pod}-{name}\": {problem}");
            }
        }
    }
}
