using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for a pod's volumes.</summary>
internal static class VolumeValidation
{
    private static readonly string[] HostPathTypes =
        ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

    /// <summary>The names of the volumes, which mounts refer to.</summary>
    public static HashSet<string> Volumes(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (var (index, volume) in spec.Items("volumes").Index())
        {
            var at = path.Index(index);
            var name = volume.Text("name");
            if (name.Length == 0)
            {
                errors.Required(at.Field("name"));
            }
            else
            {
                errors.Check(at.Field("name"), name, Names.Dns1123Label(name));
                if (!names.Add(name))
                {
                    errors.Duplicate(at.Field("name"), name);
                }
            }

            var sources = volume.Where(property => property.Key != "name" && property.Value is not null).ToArray();
            if (sources.Length == 0)
            {
                errors.Required(at, "must specify a volume type");
            }

            foreach (var (extra, _) in sources.Skip(1))
            {
                errors.Forbidden(at.Field(extra), "may not specify more than 1 volume type");
            }

            if (sources is [{ Value: JsonObject source }, ..])
            {
                Source(sources[0].Key, source, at.Field(sources[0].Key), errors);
            }
        }

        return names;
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

    private static void Source(string kind, JsonObject source, FieldPath path, FieldErrors errors)
    {
        switch (kind)
        {
            case "hostPath":
                HostPath(source, path, errors);
                break;
            case "emptyDir":
                if (source.Text("sizeLimit") is { Length: > 0 } limit && Quantity.TryParse(limit, out var size) && size.Sign < 0)
                {
                    errors.Forbidden(path.Field("sizeLimit"), "SizeLimit field must be a valid resource quantity");
                }

                break;
            case "secret":
                Needs(source, "secretName", path, errors);
                Files(source, path, errors);
                break;
            case "configMap":
                Needs(source, "name", path, errors);
                Files(source, path, errors);
                break;
            case "persistentVolumeClaim":
                Needs(source, "claimName", path, errors);
                break;
            case "downwardAPI":
                Mode(source, "defaultMode", path, errors);
                Downward(source, path, errors);
                break;
            case "projected":
                Projected(source, path, errors);
                break;
            case "nfs":
                Needs(source, "server", path, errors);
                Needs(source, "path", path, errors);
                break;
        }
    }

    private static void HostPath(JsonObject source, FieldPath path, FieldErrors errors)
    {
        Needs(source, "path", path, errors);
        NoBacksteps(source.Text("path"), path.Field("path"), errors);
        if (!HostPathTypes.Contains(source.Text("type")))
        {
            errors.NotSupported(path.Field("type"), source.Text("type"), HostPathTypes);
        }
    }

    private static void Projected(JsonObject source, FieldPath path, FieldErrors errors)
    {
        Mode(source, "defaultMode", path, errors);
        foreach (var (index, part) in source.Items("sources").Index())
        {
            var at = path.Field("sources").Index(index);
            var kinds = part.Where(property => property.Value is not null).ToArray();
            foreach (var (extra, _) in kinds.Skip(1))
            {
                errors.Forbidden(at.Field(extra), "may not specify more than 1 volume type");
            }

            if (kinds is not [{ Value: JsonObject content }, ..])
            {
                continue;
            }

            switch (kinds[0].Key)
            {
                case "secret" or "configMap":
                    Needs(content, "name", at.Field(kinds[0].Key), errors);
                    Files(content, at.Field(kinds[0].Key), errors);
                    break;
                case "downwardAPI":
                    Downward(content, at.Field("downwardAPI"), errors);
                    break;
                case "serviceAccountToken":
                    Needs(content, "path", at.Field("serviceAccountToken"), errors);
                    break;
            }
        }
    }

    private static void Downward(JsonObject source, FieldPath path, FieldErrors errors)
    {
        foreach (var (index, item) in source.Items("items").Index())
        {
            var at = path.Field("items").Index(index);
            Needs(item, "path", at, errors);
            LocalPath(item.Text("path"), at.Field("path"), errors);
            if (!item.Has("fieldRef") && !item.Has("resourceFieldRef"))
            {
                errors.Required(at, "one of fieldRef and resourceFieldRef is required");
            }

            Mode(item, "mode", at, errors);
        }
    }

    private static void Files(JsonObject source, FieldPath path, FieldErrors errors)
    {
        Mode(source, "defaultMode", path, errors);
        foreach (var (index, item) in source.Items("items").Index())
        {
            var at = path.Field("items").Index(index);
            Needs(item, "key", at, errors);
            Needs(item, "path", at, errors);
            LocalPath(item.Text("path"), at.Field("path"), errors);
            Mode(item, "mode", at, errors);
        }
    }

    private static void Mode(JsonObject holder, string name, FieldPath path, FieldErrors errors)
    {
        if (holder.Number(name) is { } mode and (< 0 or > 511))
        {
            errors.Invalid(path.Field(name), mode, "must be a number between 0 and 0777 (octal), both inclusive");
        }
    }

    private static void Needs(JsonObject holder, string name, FieldPath path, FieldErrors errors)
    {
        if (holder.Text(name).Length == 0)
        {
            errors.Required(path.Field(name));
        }
    }

    private static void NoBacksteps(string value, FieldPath path, FieldErrors errors)
    {
        if (value.Split('/').Contains(".."))
        {
            errors.Invalid(path, value, "must not contain '..'");
        }
    }
}
