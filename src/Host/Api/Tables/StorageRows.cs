using System.Text.Json;

namespace ActorOrchestrator.Host.Api.Tables;

/// <summary>Volumes, claims and their classes.</summary>
internal static class StorageRows
{
    private const string Unset = "<unset>";
    private const string OldClass = "volume.beta.kubernetes.io/storage-class";

    public static TableRow PersistentVolume(JsonElement volume, DateTimeOffset now)
    {
        var (spec, status) = (volume.At("spec"), volume.At("status"));
        var claim = spec.At("claimRef");
        return new TableRow(
        [
            TableRows.Name(volume), Size(spec), Modes(spec), spec.Text("persistentVolumeReclaimPolicy"), Phase(volume),
            claim.Exists() ? $"{claim.Text("namespace")}/{claim.Text("name")}" : "",
            Class(volume), spec.Text("volumeAttributesClassName").Or(Unset), status.Text("reason"), TableRows.Age(volume, now), spec.Text("volumeMode").Or(Unset),
        ]);
    }

    public static TableRow PersistentVolumeClaim(JsonElement claim, DateTimeOffset now)
    {
        var (spec, status) = (claim.At("spec"), claim.At("status"));
        var bound = spec.Text("volumeName").Length > 0;
        return new TableRow(
        [
            TableRows.Name(claim), Phase(claim), spec.Text("volumeName"),
            bound ? Size(status) : "", bound ? Modes(status) : "",
            Class(claim), spec.Text("volumeAttributesClassName").Or(Unset), TableRows.Age(claim, now), spec.Text("volumeMode").Or(Unset),
        ]);
    }

    public static TableRow StorageClass(JsonElement storageClass, DateTimeOffset now)
    {
        var annotations = storageClass.At("metadata", "annotations");
        var isDefault = annotations.Text("storageclass.kubernetes.io/is-default-class") == "true" || annotations.Text("storageclass.beta.kubernetes.io/is-default-class") == "true";
        return new TableRow(
        [
            TableRows.Name(storageClass) + (isDefault ? " (default)" : ""), storageClass.Text("provisioner"), storageClass.Text("reclaimPolicy").Or("Delete"),
            storageClass.Text("volumeBindingMode").Or("Immediate"), storageClass.Flag("allowVolumeExpansion"), TableRows.Age(storageClass, now),
        ]);
    }

    public static TableRow VolumeAttachment(JsonElement attachment, DateTimeOffset now)
    {
        var spec = attachment.At("spec");
        return new TableRow(
        [
            TableRows.Name(attachment), spec.Text("attacher"), spec.At("source").Text("persistentVolumeName"), spec.Text("nodeName"),
            attachment.At("status").Flag("attached"), TableRows.Age(attachment, now),
        ]);
    }

    public static TableRow VolumeAttributesClass(JsonElement attributes, DateTimeOffset now) =>
        new([TableRows.Name(attributes), attributes.Text("driverName"), TableRows.Age(attributes, now)]);

    public static TableRow CsiDriver(JsonElement driver, DateTimeOffset now)
    {
        var spec = driver.At("spec");
        var audiences = spec.At("tokenRequests").Exists() ? string.Join(',', spec.Items("tokenRequests").Select(request => request.Text("audience"))) : Unset;
        var modes = string.Join(',', spec.Items("volumeLifecycleModes").Select(mode => mode.GetString()));
        return new TableRow(
        [
            TableRows.Name(driver), !spec.At("attachRequired").Exists() || spec.Flag("attachRequired"), spec.Flag("podInfoOnMount"), spec.Flag("storageCapacity"),
            audiences, spec.Flag("requiresRepublish"), modes.Or("<none>"), TableRows.Age(driver, now),
        ]);
    }

    public static TableRow CsiNode(JsonElement node, DateTimeOffset now) =>
        new([TableRows.Name(node), (long)node.At("spec").Count("drivers"), TableRows.Age(node, now)]);

    public static TableRow CsiStorageCapacity(JsonElement capacity, DateTimeOffset now) =>
        new([TableRows.Name(capacity), capacity.Text("storageClassName"), capacity.Text("capacity").Or(Unset)]);

    /// <summary>A size that nobody has stated is the quantity zero.</summary>
    private static string Size(JsonElement holder) => holder.At("capacity").Text("storage").Or("0");

    private static string Phase(JsonElement obj) => obj.At("metadata").At("deletionTimestamp").Exists() ? "Terminating" : obj.At("status").Text("phase");

    private static string Class(JsonElement obj) => obj.At("metadata", "annotations").Text(OldClass).Or(obj.At("spec").Text("storageClassName"));

    private static string Modes(JsonElement holder)
    {
        var modes = holder.Items("accessModes").Select(mode => mode.GetString()).ToHashSet();
        List<string> told = [];
        foreach (var (mode, word) in (ReadOnlySpan<(string, string)>)
            [("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP")])
        {
            if (modes.Contains(mode))
            {
                told.Add(word);
            }
        }

        return string.Join(',', told);
    }
}
