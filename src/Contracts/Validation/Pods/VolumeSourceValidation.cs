using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation.Pods;

/// <summary>The rules for the volumes that others provide: for most of them only what must be named.</summary>
internal static partial class VolumeSourceValidation
{
    private static readonly Dictionary<string, string[]> Required = new(StringComparer.Ordinal)
    {
        ["gitRepo"] = ["repository"], ["gcePersistentDisk"] = ["pdName"], ["awsElasticBlockStore"] = ["volumeID"], ["nfs"] = ["server", "path"],
        ["iscsi"] = ["targetPortal", "iqn"], ["glusterfs"] = ["endpoints", "path"], ["persistentVolumeClaim"] = ["claimName"], ["rbd"] = ["monitors", "image"],
        ["cinder"] = ["volumeID"], ["cephfs"] = ["monitors"], ["quobyte"] = ["registry", "volume"], ["flexVolume"] = ["driver"],
        ["azureFile"] = ["secretName", "shareName"], ["vsphereVolume"] = ["volumePath"], ["photonPersistentDisk"] = ["pdID"],
        ["portworxVolume"] = ["volumeID"], ["azureDisk"] = ["diskName", "diskURI"], ["storageos"] = ["volumeName"],
        ["scaleIO"] = ["gateway", "system", "volumeName"], ["csi"] = ["driver"],
    };

    private static readonly string[] CachingModes = ["None", "ReadOnly", "ReadWrite"];
    private static readonly string[] DiskKinds = ["Dedicated", "Managed", "Shared"];

    /// <param name="kind">The name of the source's field.</param>
    /// <param name="source">The source.</param>
    /// <param name="volume">The name of the volume.</param>
    /// <param name="path">Where the volume stands.</param>
    /// <param name="errors">What is found.</param>
    public static void Source(string kind, JsonObject source, string volume, FieldPath path, FieldErrors errors)
    {
        var at = path.Field(kind == "gcePersistentDisk" ? "persistentDisk" : kind);
        Needs(source, at, errors, Required.GetValueOrDefault(kind, []));
        switch (kind)
        {
            case "gitRepo":
                VolumeValidation.LocalPath(source.Text("directory"), at.Field("directory"), errors);
                break;
            case "gcePersistentDisk" or "awsElasticBlockStore":
                Range(source, "partition", at, errors, told: 1);
                break;
            case "nfs":
                if (!source.Text("path").StartsWith('/'))
                {
                    errors.Invalid(at.Field("path"), source.Text("path"), "must be an absolute path");
                }

                break;
            case "iscsi":
                Iscsi(source, volume, path, at, errors);
                break;
            case "flocker":
                Flocker(source, at, errors);
                break;
            case "cinder" or "storageos":
                Secret(source, "secretRef", at, errors);
                break;
            case "csi":
                Csi(source, at, errors);
                break;
            case "fc":
                FibreChannel(source, at, errors);
                break;
            case "flexVolume":
                Options(source, at, errors);
                break;
            case "azureDisk":
                AzureDisk(source, at, errors);
                break;
        }
    }

    /// <summary>Texts, and lists, that may not be empty.</summary>
    public static void Needs(JsonObject holder, FieldPath path, FieldErrors errors, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            if (holder.Text(field).Length == 0 && holder.Count(field) == 0)
            {
                errors.Required(path.Field(field));
            }
        }
    }

    /// <summary>A driver is named as a domain, in any case.</summary>
    public static void DriverName(string name, FieldPath path, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            return;
        }

        if (name.Length > 63)
        {
            errors.TooLong(path, 63);
        }

        errors.Check(path, name, Names.Dns1123Subdomain(name.ToLowerInvariant()));
    }

    private static void Csi(JsonObject source, FieldPath path, FieldErrors errors)
    {
        DriverName(source.Text("driver"), path.Field("driver"), errors);
        Secret(source, "nodePublishSecretRef", path, errors);
        if (source.Child("nodePublishSecretRef")?.Text("name") is { Length: > 0 } name)
        {
            errors.Check(path.Field("name"), name, Names.Dns1123Subdomain(name));
        }
    }

    private static void Iscsi(JsonObject source, string volume, FieldPath path, FieldPath at, FieldErrors errors)
    {
        if (source.Text("iqn") is { Length: > 0 } target && !IscsiName(target))
        {
            var isKnown = target.StartsWith("iqn", StringComparison.Ordinal) || target.StartsWith("eui", StringComparison.Ordinal) || target.StartsWith("naa", StringComparison.Ordinal);
            errors.Invalid(at.Field("iqn"), target, isKnown ? "must be valid format" : "must be valid format starting with iqn, eui, or naa");
        }

        Range(source, "lun", at, errors);
        if ((source.Flag("chapAuthDiscovery") || source.Flag("chapAuthSession")) && !source.Has("secretRef"))
        {
            errors.Required(at.Field("secretRef"));
        }

        if (!source.Has("initiatorName"))
        {
            return;
        }

        var initiator = source.Text("initiatorName");
        if (!IscsiName(initiator))
        {
            var isKnown = initiator.StartsWith("iqn", StringComparison.Ordinal) || initiator.StartsWith("eui", StringComparison.Ordinal) || initiator.StartsWith("naa", StringComparison.Ordinal);
            errors.Invalid(at.Field("initiatorname"), initiator, isKnown ? "must be valid format" : "must be valid format starting with iqn, eui, or naa");
        }

        if ($"{volume}:{source.Text("targetPortal")}".Length > 64)
        {
            errors.Invalid(path.Field("name"), volume, "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.");
        }
    }

    private static void Flocker(JsonObject source, FieldPath path, FieldErrors errors)
    {
        var (name, id) = (source.Text("datasetName"), source.Text("datasetUUID"));
        if (name.Length + id.Length == 0)
        {
            errors.Required(path, "one of datasetName and datasetUUID is required");
        }
        else if (name.Length > 0 && id.Length > 0)
        {
            errors.Invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously");
        }

        if (name.Contains('/', StringComparison.Ordinal))
        {
            errors.Invalid(path.Field("datasetName"), name, "must not contain '/'");
        }
    }

    private static void FibreChannel(JsonObject source, FieldPath path, FieldErrors errors)
    {
        var (targets, ids) = (source.Count("targetWWNs"), source.Count("wwids"));
        if (targets + ids == 0)
        {
            errors.Required(path.Field("targetWWNs"), "must specify either targetWWNs or wwids, but not both");
        }
        else if (targets > 0 && ids > 0)
        {
            errors.Invalid(path.Field("targetWWNs"), source["targetWWNs"], "targetWWNs and wwids can not be specified simultaneously");
        }

        if (targets > 0 && !source.Has("lun"))
        {
            errors.Required(path.Field("lun"), "lun is required if targetWWNs is specified");
        }
        else if (targets > 0)
        {
            Range(source, "lun", path, errors);
        }
    }

    private static void Options(JsonObject source, FieldPath path, FieldErrors errors)
    {
        foreach (var (key, _) in source.Pairs("options"))
        {
            var owner = "." + key.Split('/')[0].ToLowerInvariant();
            if (owner.EndsWith(".kubernetes.io", StringComparison.Ordinal) || owner.EndsWith(".k8s.io", StringComparison.Ordinal))
            {
                errors.Invalid(path.Field("options").Key(key), key, "kubernetes.io and k8s.io namespaces are reserved");
            }
        }
    }

    private static void AzureDisk(JsonObject source, FieldPath path, FieldErrors errors)
    {
        if (source.Has("cachingMode") && !CachingModes.Contains(source.Text("cachingMode")))
        {
            errors.NotSupported(path.Field("cachingMode"), source.Text("cachingMode"), CachingModes);
        }

        var (kind, uri) = (source.Text("kind"), source.Text("diskURI"));
        if (source.Has("kind") && !DiskKinds.Contains(kind))
        {
            errors.NotSupported(path.Field("kind"), kind, DiskKinds);
        }

        if (kind == "Managed" && !uri.StartsWith("/subscriptions/", StringComparison.Ordinal))
        {
            errors.NotSupported(path.Field("diskURI"), uri, "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}");
        }
        else if (kind.Length > 0 && kind != "Managed" && !uri.StartsWith("https://", StringComparison.Ordinal))
        {
            errors.NotSupported(path.Field("diskURI"), uri, "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd");
        }
    }

    private static void Secret(JsonObject source, string field, FieldPath path, FieldErrors errors)
    {
        if (source.Child(field) is { } reference)
        {
            Needs(reference, path.Field(field), errors, "name");
        }
    }

    private static void Range(JsonObject source, string field, FieldPath path, FieldErrors errors, int told = 0)
    {
        if (source.Number(field) is { } number and (< 0 or > 255))
        {
            errors.Invalid(path.Field(field), number, $"must be between {told} and 255, inclusive");
        }
    }

    private static bool IscsiName(string name) => IscsiPattern().IsMatch(name);

    [GeneratedRegex(@"^iqn\.\d{4}-\d{2}\.[A-Za-z0-9.-]+(:[^,;*&$|\s]+)\z|^eui.[A-Za-z0-9]{16}\z|^naa.[A-Za-z0-9]{32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex IscsiPattern();
}
