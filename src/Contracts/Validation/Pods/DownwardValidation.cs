using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation.Pods;

/// <summary>The rules for what a pod says of itself to its containers, in variables and in files.</summary>
internal static class DownwardValidation
{
    private const string Bytes = "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the";
    private static readonly string[] Expressions =
    [
        "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory",
    ];

    private static readonly string[] Divisors = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

    /// <summary>Fields that upstream's conversion knows at all, whether they are supported at a place or not.</summary>
    private static readonly string[] Known =
    [
        "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.restartPolicy",
        "spec.serviceAccountName", "spec.schedulerName", "status.phase", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs", "spec.host",
    ];

    public static void Field(JsonObject reference, string[] supported, FieldPath path, FieldErrors errors)
    {
        var field = reference.Text("fieldPath");
        if (field.Length == 0)
        {
            errors.Required(path.Field("fieldPath"));
            return;
        }

        var version = reference.Text("apiVersion");
        if (version is not ("" or "v1"))
        {
            errors.Invalid(path.Field("fieldPath"), field, $"error converting fieldPath: unsupported pod version: {version}");
            return;
        }

        if (Subscript(field) is var (holder, key))
        {
            if (holder is not ("metadata.annotations" or "metadata.labels"))
            {
                errors.Invalid(path.Field("fieldPath"), field, $"error converting fieldPath: field label does not support subscript: {field}");
                return;
            }

            errors.Check(path, key, Names.QualifiedName(holder == "metadata.annotations" ? key.ToLowerInvariant() : key));
        }
        else if (!Known.Contains(field))
        {
            errors.Invalid(path.Field("fieldPath"), field, $"error converting fieldPath: field label not supported: {field}");
        }
        else if (!supported.Contains(field == "spec.host" ? "spec.nodeName" : field))
        {
            errors.NotSupported(path.Field("fieldPath"), field, supported);
        }
    }

    public static void Resource(JsonObject reference, FieldPath path, FieldErrors errors, bool isVolume)
    {
        var resource = reference.Text("resource");
        var isHuge = resource.StartsWith("requests.hugepages-", StringComparison.Ordinal) || resource.StartsWith("limits.hugepages-", StringComparison.Ordinal);
        if (isVolume && reference.Text("containerName").Length == 0)
        {
            errors.Required(path.Field("containerName"));
        }
        else if (resource.Length == 0)
        {
            errors.Required(path.Field("resource"));
        }
        else if (!Expressions.Contains(resource) && !isHuge)
        {
            errors.NotSupported(path.Field("resource"), resource, Expressions);
        }

        var divisor = reference.Text("divisor");
        if (!Quantity.TryParse(divisor, out var amount) || amount.IsZero)
        {
            return;
        }

        var told = resource switch
        {
            "limits.cpu" or "requests.cpu" => divisor is "1m" or "1" ? "" : "only divisor's values 1m and 1 are supported with the cpu resource",
            "limits.memory" or "requests.memory" => Divisors.Contains(divisor) ? "" : $"{Bytes} memory resource",
            "limits.ephemeral-storage" or "requests.ephemeral-storage" => Divisors.Contains(divisor) ? "" : $"{Bytes} local ephemeral storage resource",
            _ => !isHuge || Divisors.Contains(divisor) ? "" : $"{Bytes} hugepages resource",
        };
        if (told.Length > 0)
        {
            errors.Invalid(path.Field("divisor"), resource, told);
        }
    }

    /// <summary><c>metadata.labels['key']</c>.</summary>
    private static (string Holder, string Key)? Subscript(string field)
    {
        var open = field.IndexOf("['", StringComparison.Ordinal);
        return open > 0 && field.EndsWith("']", StringComparison.Ordinal) && field.Length >= open + 4 ? (field[..open], field[(open + 2)..^2]) : null;
    }
}
