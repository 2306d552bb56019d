using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for a container's environment.</summary>
internal static class EnvironmentValidation
{
    private static readonly string[] Sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

    private static readonly string[] Fields =
    [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
        "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
    ];

    private static readonly string[] Resources =
    [
        "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory",
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
            From(source, path.Field("envFrom").Index(index), errors);
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
                FieldRef(reference, path, errors);
                break;
            case "resourceFieldRef":
                var resource = reference.Text("resource");
                if (resource.Length == 0)
                {
                    errors.Required(path.Field("resource"));
                }
                else if (!Resources.Contains(resource) && !resource.Contains(".hugepages-", StringComparison.Ordinal))
                {
                    errors.NotSupported(path.Field("resource"), resource, Resources);
                }

                break;
            case "configMapKeyRef" or "secretKeyRef":
                if (reference.Text("name").Length == 0)
                {
                    errors.Required(path.Field("name"));
                }

                if (reference.Text("key").Length == 0)
                {
                    errors.Required(path.Field("key"));
                }
                else
                {
                    errors.Check(path.Field("key"), reference.Text("key"), Names.ConfigKey(reference.Text("key")));
                }

                break;
        }
    }

    private static void FieldRef(JsonObject reference, FieldPath path, FieldErrors errors)
    {
        var field = reference.Text("fieldPath");
        if (field.Length == 0)
        {
            errors.Required(path.Field("fieldPath"));
            return;
        }

        var isSubscript = field.EndsWith("']", StringComparison.Ordinal)
            && (field.StartsWith("metadata.labels['", StringComparison.Ordinal) || field.StartsWith("metadata.annotations['", StringComparison.Ordinal));
        if (!isSubscript && !Fields.Contains(field))
        {
            errors.NotSupported(path.Field("fieldPath"), field, Fields);
        }
    }

    private static void From(JsonObject source, FieldPath path, FieldErrors errors)
    {
        var sources = new[] { "configMapRef", "secretRef" }.Where(name => source.Has(name)).ToArray();
        foreach (var name in sources)
        {
            if (source.Child(name)?.Text("name").Length == 0)
            {
                errors.Required(path.Field(name).Field("name"));
            }
        }

        if (source.Text("prefix") is { Length: > 0 } prefix)
        {
            errors.Check(path.Field("prefix"), prefix, Names.EnvironmentVariable(prefix));
        }

        if (sources.Length == 0)
        {
            errors.Invalid(path, "", "must specify one of: `configMapRef` or `secretRef`");
        }
        else if (sources.Length > 1)
        {
            errors.Invalid(path, "", "may not have more than one field specified at a time");
        }
    }
}
