using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for volumes, claims and the kinds of storage.k8s.io that drivers are not behind.</summary>
internal static class StorageValidation
{
    private static readonly string[] AccessModes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
    private static readonly string[] ReclaimPolicies = ["Delete", "Recycle", "Retain"];
    private const string BetaClass = "volume.beta.kubernetes.io/storage-class";
    private static readonly string[] VolumeModes = ["Block", "Filesystem"];

    /// <summary>What of a volume's spec is no source of it.</summary>
    private static readonly string[] Common =
    [
        "accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "persistentVolumeReclaimPolicy", "storageClassName", "volumeAttributesClassName", "volumeMode",
    ];

    public static void PersistentVolume(JsonObject volume, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var spec = volume.Child("spec") ?? [];
        Modes(spec, path, errors, ofClaim: false);
        if (spec.Count("capacity") == 0)
        {
            errors.Required(path.Field("capacity"));
        }
        else if (!spec.Child("capacity")!.Has("storage") || spec.Count("capacity") > 1)
        {
            errors.NotSupported(path.Field("capacity"), string.Join(',', spec.Child("capacity")!.Select(item => item.Key)), "storage");
        }
        else
        {
            Positive(spec.Child("capacity")!.Text("storage"), path.Field("capacity").Key("storage"), errors);
        }

        errors.OneOf(path.Field("persistentVolumeReclaimPolicy"), spec.Text("persistentVolumeReclaimPolicy"), ReclaimPolicies, required: false);
        var sources = spec.Where(item => item.Value is not null && !Common.Contains(item.Key)).Select(item => item.Key).ToArray();
        if (sources.Length == 0)
        {
            errors.Required(path, "must specify a volume type");
        }

        foreach (var extra in sources.Skip(1))
        {
            errors.Forbidden(path.Field(extra), "may not specify more than 1 volume type");
        }

        if (spec.Child("hostPath") is { } host)
        {
            if (host.Text("path").Length == 0)
            {
                errors.Required(path.Field("hostPath").Field("path"));
            }

            if (spec.Text("persistentVolumeReclaimPolicy") == "Recycle" && host.Text("path").TrimEnd('/').Length == 0)
            {
                errors.Forbidden(path.Field("persistentVolumeReclaimPolicy"), "may not be 'recycle' for a hostPath mount of '/'");
            }
        }

        if (spec.Child("nfs") is { } nfs)
        {
            Needs(nfs, path.Field("nfs"), errors, "server", "path");
        }

        if (spec.Child("csi") is { } csi)
        {
            Needs(csi, path.Field("csi"), errors, "driver", "volumeHandle");
        }

        if (spec.Has("local") && !spec.Has("nodeAffinity"))
        {
            errors.Required(path.Field("nodeAffinity"), "Local volume requires node affinity");
        }

        ClassName(spec, path, errors);
        errors.OneOf(path.Field("volumeMode"), spec.Text("volumeMode"), VolumeModes, required: false);
        if (old?.Child("spec") is { } before)
        {
            foreach (var source in sources.Union(before.Select(item => item.Key).Where(name => !Common.Contains(name))))
            {
                if (!JsonNode.DeepEquals(spec[source], before[source]))
                {
                    errors.Forbidden(path.Field("persistentvolumesource"), "spec.persistentvolumesource is immutable after creation");
                    break;
                }
            }

            // Upstream's paths leave the spec out here.
            errors.Immutable(FieldPath.Of("volumeMode"), spec["volumeMode"], before["volumeMode"]);
            if (before.Has("nodeAffinity") && !JsonNode.DeepEquals(spec["nodeAffinity"], before["nodeAffinity"]))
            {
                errors.Invalid(FieldPath.Of("nodeAffinity"), spec["nodeAffinity"], "field is immutable, except for updating from beta label to GA");
            }
        }
    }

    public static void PersistentVolumeClaim(JsonObject claim, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var spec = claim.Child("spec") ?? [];
        ClaimSpec(spec, path, errors);
        if (old?.Child("spec") is { } before)
        {
            ClaimUpdate(claim, spec, old, before, path, errors);
        }
    }

    internal static void ClaimSpec(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        LabelSelectorValidation.Check(spec.Child("selector"), path.Field("selector"), errors);
        Modes(spec, path, errors, ofClaim: true);
        var storage = spec.Child("resources")?.Child("requests")?.Text("storage") ?? "";
        var at = path.Field("resources").Key("storage");
        if (storage.Length == 0)
        {
            errors.Required(at);
        }
        else
        {
            Positive(storage, at, errors);
        }

        ClassName(spec, path, errors);
        errors.OneOf(path.Field("volumeMode"), spec.Text("volumeMode"), VolumeModes, required: false);
        foreach (var field in (ReadOnlySpan<string>)["dataSource", "dataSourceRef"])
        {
            if (spec.Child(field) is { } source)
            {
                Needs(source, path.Field(field), errors, "name", "kind");
                if (source.Text("apiGroup").Length == 0 && source.Text("kind") is not ("PersistentVolumeClaim" or ""))
                {
                    errors.Invalid(path.Field(field), source["kind"], "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
                }
            }
        }
    }

    public static void StorageClass(JsonObject storageClass, JsonObject? old, FieldErrors errors)
    {
        var provisioner = storageClass.Text("provisioner");
        if (provisioner.Length == 0)
        {
            errors.Required(FieldPath.Of("provisioner"));
        }
        else
        {
            errors.Check(FieldPath.Of("provisioner"), provisioner, Names.QualifiedName(provisioner.ToLowerInvariant()));
        }

        foreach (var (key, _) in storageClass.Pairs("parameters").Where(pair => pair.Key.Length == 0))
        {
            errors.Invalid(FieldPath.Of("parameters"), key, "field can not be empty.");
        }

        errors.OneOf(FieldPath.Of("reclaimPolicy"), storageClass.Text("reclaimPolicy"), ["Delete", "Retain"], required: false);
        errors.OneOf(FieldPath.Of("volumeBindingMode"), storageClass.Text("volumeBindingMode"), ["Immediate", "WaitForFirstConsumer"]);
        Topologies(storageClass, FieldPath.Of("allowedTopologies"), errors);
        if (old is null)
        {
            return;
        }

        foreach (var field in (ReadOnlySpan<string>)["parameters", "provisioner", "reclaimPolicy"])
        {
            if (!JsonNode.DeepEquals(storageClass[field], old[field]))
            {
                errors.Forbidden(FieldPath.Of(field), $"updates to {field} are forbidden.");
            }
        }

        errors.Immutable(FieldPath.Of("volumeBindingMode"), storageClass["volumeBindingMode"], old["volumeBindingMode"]);
    }

    private static void Topologies(JsonObject storageClass, FieldPath path, FieldErrors errors)
    {
        foreach (var (index, term) in storageClass.Items("allowedTopologies").Index())
        {
            HashSet<string> keys = [];
            foreach (var (place, requirement) in term.Items("matchLabelExpressions").Index())
            {
                var at = path.Index(index).Field("matchLabelExpressions").Index(place);
                if (requirement.Count("values") == 0)
                {
                    errors.Required(at.Field("values"));
                }

                HashSet<string> values = [];
                foreach (var (number, value) in requirement.Strings("values").Index().Where(entry => !values.Add(entry.Item)))
                {
                    errors.Duplicate(at.Field("values").Index(number), value);
                }

                errors.Check(at.Field("key"), requirement.Text("key"), Names.QualifiedName(requirement.Text("key")));
                if (!keys.Add(requirement.Text("key")))
                {
                    errors.Duplicate(at.Field("key"), requirement.Text("key"));
                }
            }
        }
    }

    public static void VolumeAttachment(JsonObject attachment, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var spec = attachment.Child("spec") ?? [];
        Needs(spec, path, errors, "attacher");
        var source = spec.Child("source") ?? [];
        var named = source.Text("persistentVolumeName").Length > 0;
        if (!named && !source.Has("inlineVolumeSpec"))
        {
            errors.Required(path.Field("source"), "must specify exactly one of inlineVolumeSpec and persistentVolumeName");
        }
        else if (named && source.Has("inlineVolumeSpec"))
        {
            errors.Forbidden(path.Field("source"), "must specify exactly one of inlineVolumeSpec and persistentVolumeName");
        }

        errors.Check(path.Field("nodeName"), spec.Text("nodeName"), Names.Dns1123Subdomain(spec.Text("nodeName")));

        if (old is not null)
        {
            errors.Immutable(path, attachment["spec"], old["spec"]);
        }
    }

    public static void VolumeAttributesClass(JsonObject attributes, JsonObject? old, FieldErrors errors)
    {
        Needs(attributes, FieldPath.Root, errors, "driverName");
        if (attributes.Count("parameters") == 0)
        {
            errors.Required(FieldPath.Of("parameters"), "must contain at least one key/value pair");
        }

        if (old is not null)
        {
            errors.Immutable(FieldPath.Of("driverName"), attributes["driverName"], old["driverName"]);
            errors.Immutable(FieldPath.Of("parameters"), attributes["parameters"], old["parameters"]);
        }
    }

    internal static void Needs(JsonObject holder, FieldPath path, FieldErrors errors, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            if (holder.Text(field).Length == 0)
            {
                errors.Required(path.Field(field));
            }
        }
    }

    private static void ClaimUpdate(JsonObject claim, JsonObject spec, JsonObject old, JsonObject before, FieldPath path, FieldErrors errors)
    {
        // A claim may be bound once, may grow once it is bound, and may change its attributes; the rest of it is fixed.
        var (mine, theirs) = ((JsonObject)spec.DeepClone(), (JsonObject)before.DeepClone());
        if (before.Text("volumeName").Length == 0)
        {
            theirs["volumeName"] = spec["volumeName"]?.DeepClone();
        }

        if (MayNameClass(claim, spec, old, before, errors))
        {
            theirs["storageClassName"] = spec["storageClassName"]?.DeepClone();
        }

        var (wanted, had) = (Storage(spec), Storage(before));
        var bound = claim.Child("status")?.Text("phase") == "Bound";
        if (mine.Child("resources")?.Child("requests") is { } requests && (bound || (wanted is { } size && had is { } earlier && size.Equals(earlier))))
        {
            requests["storage"] = before.Child("resources")?.Child("requests")?["storage"]?.DeepClone();
        }

        theirs["volumeAttributesClassName"] = mine["volumeAttributesClassName"]?.DeepClone();
        if (!SameFields(mine, theirs))
        {
            errors.Forbidden(path, "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims");
        }

        var shown = Quantity.TryParse(old.Child("status")?.Child("capacity")?.Text("storage") ?? "", out var capacity) ? capacity : (Quantity?)null;
        if (wanted < had && wanted <= shown)
        {
            errors.Forbidden(path.Field("resources").Field("requests").Field("storage"), "field can not be less than status.capacity");
        }

        errors.Immutable(FieldPath.Of("volumeMode"), spec["volumeMode"], before["volumeMode"]);
        if (before.Has("volumeAttributesClassName") && spec.Text("volumeAttributesClassName").Length == 0 && !JsonNode.DeepEquals(spec["volumeAttributesClassName"], before["volumeAttributesClassName"]))
        {
            var now = spec.Has("volumeAttributesClassName") ? "an empty string" : "nil";
            errors.Forbidden(path.Field("volumeAttributesClassName"), $"update from non-nil value to {now} is forbidden");
        }
    }

    /// <summary>A claim that named no class may name one afterwards, the one of its old annotation if it had that.</summary>
    private static bool MayNameClass(JsonObject claim, JsonObject spec, JsonObject old, JsonObject before, FieldErrors errors)
    {
        var annotated = old.Child("metadata")?.Child("annotations")?.Text(BetaClass) ?? "";
        var now = claim.Child("metadata")?.Child("annotations")?.Text(BetaClass) ?? "";
        var named = !before.Has("storageClassName") && spec.Has("storageClassName") && (annotated.Length == 0 || spec.Text("storageClassName") == annotated);
        if (now != annotated && !(named && now.Length == 0))
        {
            errors.Invalid(FieldPath.Of("metadata", "annotations", BetaClass), now, "field is immutable");
        }

        return named;
    }

    /// <summary>Equal where null is as good as absent.</summary>
    private static bool SameFields(JsonObject mine, JsonObject theirs) =>
        mine.Select(field => field.Key).Union(theirs.Select(field => field.Key)).All(field => JsonNode.DeepEquals(mine[field], theirs[field]));

    private static Quantity? Storage(JsonObject spec) =>
        Quantity.TryParse(spec.Child("resources")?.Child("requests")?.Text("storage") ?? "", out var amount) ? amount : null;

    private static void Modes(JsonObject spec, FieldPath path, FieldErrors errors, bool ofClaim)
    {
        var at = path.Field("accessModes");
        var modes = spec.Strings("accessModes").ToArray();
        if (modes.Length == 0)
        {
            errors.Required(at, ofClaim ? "at least 1 access mode is required" : "");
        }

        foreach (var mode in modes)
        {
            errors.OneOf(at, mode, AccessModes);
        }

        if (modes.Length > 1 && modes.Contains("ReadWriteOncePod"))
        {
            errors.Forbidden(at, "may not use ReadWriteOncePod with other access modes");
        }
    }

    private static void ClassName(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        if (spec.Text("storageClassName") is { Length: > 0 } name)
        {
            errors.Check(path.Field("storageClassName"), name, Names.Dns1123Subdomain(name));
        }
    }

    private static void Positive(string text, FieldPath path, FieldErrors errors)
    {
        if (Quantity.TryParse(text, out var amount) && amount.Sign <= 0)
        {
            errors.Invalid(path, text, "must be greater than zero");
        }
    }
}
