using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation.Pods;

/// <summary>The rules for a container's environment.</summary>
internal static class EnvironmentValidation
{
    private static readonly string[] Sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

    private static readonly string[] Fields =
    [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
        "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
    ];

    public static void Env(JsonObject container, FieldPath path, FieldErrors errors)
    {
        foreach (var (index, variable) in container.Items("env").Index())
        {
            var at = path.Field("env").Index(index);
            var name = variable.Text("name");
            if (name.Length == 0)
            {
                errors.Required(at.Field("name"));
            }
            else
            {
                errors.Check(at.Field("name"), name, Names.EnvironmentVariable(name));
            }

            if (variable.Child("valueFrom") is { } from)
            {
                ValueFrom(from, variable.Text("value"), at.Field("valueFrom"), errors);
            }
        }

        foreach (var (index, source) in container.Items("envFrom").Index())
        {
            From(source, path.Field("envFrom"), path.Field("envFrom").Index(index), errors);
        }
    }

    private static void ValueFrom(JsonObject from, string value, FieldPath path, FieldErrors errors)
    {
        var sources = Sources.Where(source => from.Has(source)).ToArray();
        foreach (var source in sources)
        {
            if (from.Child(source) is { } reference)
            {
                Source(source, reference, path.Field(source), errors);
            }
        }

        if (sources.Length == 0)
        {
            errors.Invalid(path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
        }
        else if (value.Length > 0)
        {
            errors.Invalid(path, "", "may not be specified when `value` is not empty");
        }
        else if (sources.Length > 1)
        {
            errors.Invalid(path, "", "may not have more than one field specified at a time");
        }
    }

    private static void Source(string kind, JsonObject reference, FieldPath path, FieldErrors errors)
    {
        switch (kind)
        {
            case "fieldRef":
                DownwardValidation.Field(reference, Fields, path, errors);
                break;
            case "resourceFieldRef":
                DownwardValidation.Resource(reference, path, errors, isVolume: false);
                break;
            case "configMapKeyRef" or "secretKeyRef":
                errors.Check(path.Field("name"), reference.Text("name"), Names.Dns1123Subdomain(reference.Text("name")));
                if (reference.Text("key").Length == 0)
                {
                    errors.Required(path.Field("key"));
                }
                else
                {
                    errors.Check(path.Field("key"), reference.Text("key"), Names.ConfigKey(reference.Text("key")));
                }

                break;
            case "fileKeyRef":
                FileKey(reference, path, errors);
                break;
        }
    }

    private static void FileKey(JsonObject reference, FieldPath path, FieldErrors errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["key", "volumeName", "path"])
        {
            var (at, value) = (path.Field(field), reference.Text(field));
            if (value.Length == 0)
            {
                errors.Required(at);
            }
            else if (field == "path")
            {
                VolumeValidation.NoBacksteps(value, at, errors);
            }
            else
            {
                errors.Check(at, value, field == "key" ? Names.EnvironmentVariable(value) : Names.Dns1123Label(value));
            }
        }
    }

    /// <summary>How many sources there are is told of the whole list.</summary>
    private static void From(JsonObject source, FieldPath list, FieldPath path, FieldErrors errors)
    {
        if (source.Text("prefix") is { Length: > 0 } prefix)
        {
            errors.Check(path.Field("prefix"), prefix, Names.EnvironmentVariable(prefix));
        }

        var sources = new[] { "configMapRef", "secretRef" }.Where(name => source.Has(name)).ToArray();
        foreach (var name in sources)
        {
            if (source.Child(name)?.Text("name") is not { Length: > 0 } from)
            {
                errors.Required(path.Field(name).Field("name"));
            }
            else
            {
                errors.Check(path.Field(name).Field("name"), from, Names.Dns1123Subdomain(from));
            }
        }

        if (sources.Length == 0)
        {
            errors.Invalid(list, "", "must specify one of: `configMapRef` or `secretRef`");
        }
        else if (sources.Length > 1)
        {
            errors.Invalid(list, "", "may not have more than one field specified at a time");
        }
    }
}
