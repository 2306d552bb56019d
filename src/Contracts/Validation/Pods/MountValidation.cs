using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation.Pods;

/// <summary>The rules for what a container mounts and which devices it gets. Some places are upstream's, which leaves the index out there.</summary>
internal static class MountValidation
{
    private static readonly string[] Propagations = ["Bidirectional", "HostToContainer", "None"];
    private static readonly string[] RecursiveChoices = ["Disabled", "Enabled", "IfPossible"];

    public static void Mounts(JsonObject container, Dictionary<string, JsonObject> volumes, FieldPath path, FieldErrors errors)
    {
        HashSet<string> paths = new(StringComparer.Ordinal);
        foreach (var (index, mount) in container.Items("volumeMounts").Index())
        {
            var at = path.Index(index);
            var (name, mountPath) = (mount.Text("name"), mount.Text("mountPath"));
            if (name.Length == 0)
            {
                errors.Required(at.Field("name"));
            }

            if (!volumes.ContainsKey(name))
            {
                errors.NotFound(at.Field("name"), name);
            }

            if (mountPath.Length == 0)
            {
                errors.Required(at.Field("mountPath"));
            }

            if (!paths.Add(mountPath))
            {
                errors.Invalid(at.Field("mountPath"), mountPath, "must be unique");
            }

            if (container.Items("volumeDevices").Any(device => device.Text("name") == name))
            {
                errors.Invalid(at.Field("name"), name, "must not already exist in volumeDevices");
            }

            if (container.Items("volumeDevices").Any(device => device.Text("devicePath") == mountPath))
            {
                errors.Invalid(at.Field("mountPath"), mountPath, "must not already exist as a path in volumeDevices");
            }

            SubPaths(mount, path, at, errors);
            Propagation(mount, container, path.Field("mountPropagation"), errors);
            RecursiveReadOnly(mount, path.Field("recursiveReadOnly"), errors);
        }
    }

    public static void Devices(JsonObject container, Dictionary<string, JsonObject> volumes, FieldPath path, FieldErrors errors)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        HashSet<string> paths = new(StringComparer.Ordinal);
        foreach (var (index, device) in container.Items("volumeDevices").Index())
        {
            var at = path.Index(index);
            var (name, devicePath) = (device.Text("name"), device.Text("devicePath"));
            var volume = volumes.GetValueOrDefault(name);
            if (name.Length == 0)
            {
                errors.Required(at.Field("name"));
            }
            else if (!names.Add(name))
            {
                errors.Invalid(at.Field("name"), name, "must be unique");
            }

            if (volume is null)
            {
                errors.NotFound(at.Field("name"), name);
            }
            else if (!volume.Has("persistentVolumeClaim") && !volume.Has("ephemeral"))
            {
                errors.Invalid(at.Field("name"), name, "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
            }

            if (devicePath.Length == 0)
            {
                errors.Required(at.Field("devicePath"));
            }

            if (paths.Contains(devicePath))
            {
                errors.Invalid(at.Field("devicePath"), devicePath, "must be unique");
            }

            if (devicePath.Split('/').Contains(".."))
            {
                errors.Invalid(at.Field("devicePath"), devicePath, "can not contain backsteps ('..')");
            }
            else
            {
                paths.Add(devicePath);
            }

            if (container.Items("volumeMounts").Any(mount => mount.Text("name") == name))
            {
                errors.Invalid(at.Field("name"), name, "must not already exist in volumeMounts");
            }

            if (container.Items("volumeMounts").Any(mount => mount.Text("mountPath") == devicePath))
            {
                errors.Invalid(at.Field("devicePath"), devicePath, "must not already exist as a path in volumeMounts");
            }
        }
    }

    private static void SubPaths(JsonObject mount, FieldPath path, FieldPath at, FieldErrors errors)
    {
        VolumeValidation.LocalPath(mount.Text("subPath"), path.Field("subPath"), errors);
        if (mount.Text("subPathExpr") is not { Length: > 0 } expression)
        {
            return;
        }

        if (mount.Text("subPath").Length > 0)
        {
            errors.Invalid(at.Field("subPathExpr"), expression, "subPathExpr and subPath are mutually exclusive");
        }

        VolumeValidation.LocalPath(expression, path.Field("subPathExpr"), errors);
    }

    private static void Propagation(JsonObject mount, JsonObject container, FieldPath path, FieldErrors errors)
    {
        if (!mount.Has("mountPropagation"))
        {
            return;
        }

        var propagation = mount.Text("mountPropagation");
        if (!Propagations.Contains(propagation))
        {
            errors.NotSupported(path, propagation, Propagations);
        }

        if (propagation == "Bidirectional" && container.Child("securityContext")?.Flag("privileged") != true)
        {
            errors.Forbidden(path, "Bidirectional mount propagation is available only to privileged containers");
        }
    }

    private static void RecursiveReadOnly(JsonObject mount, FieldPath path, FieldErrors errors)
    {
        if (!mount.Has("recursiveReadOnly"))
        {
            return;
        }

        var choice = mount.Text("recursiveReadOnly");
        if (!RecursiveChoices.Contains(choice))
        {
            errors.NotSupported(path, choice, RecursiveChoices);
        }
        else if (choice != "Disabled")
        {
            if (!mount.Flag("readOnly"))
            {
                errors.Forbidden(path, "may only be specified when readOnly is true");
            }

            if (mount.Text("mountPropagation") is not ("" or "None"))
            {
                errors.Forbidden(path, "may only be specified when mountPropagation is None or not specified");
            }
        }
    }
}
