using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for probes and life cycle handlers.</summary>
internal static class ProbeValidation
{
    private static readonly string[] ProbeHandlers = ["exec", "httpGet", "tcpSocket", "grpc"];
    private static readonly string[] LifecycleHandlers = ["exec", "httpGet", "tcpSocket", "sleep"];
    private static readonly string[] Counts = ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"];

    public static void All(JsonObject container, string list, FieldPath path, FieldErrors errors)
    {
        // Sidecars (init containers that always restart) are probed like any other; other init containers cannot be.
        var mayBeProbed = list == "containers" || (list == "initContainers" && container.Text("restartPolicy") == "Always");
        foreach (var name in new[] { "livenessProbe", "readinessProbe", "startupProbe" })
        {
            if (container.Child(name) is not { } probe)
            {
                continue;
            }

            if (!mayBeProbed)
            {
                errors.Forbidden(path.Field(name), list == "initContainers" ? "may not be set for init containers without restartPolicy=Always" : "cannot be set for an Ephemeral Container");
                continue;
            }

            Probe(probe, name, path.Field(name), errors);
        }

        if (container.Child("lifecycle") is { } lifecycle)
        {
            if (!mayBeProbed)
            {
                errors.Forbidden(path.Field("lifecycle"), list == "initContainers" ? "may not be set for init containers without restartPolicy=Always" : "cannot be set for an Ephemeral Container");
                return;
            }

            foreach (var name in new[] { "postStart", "preStop" })
            {
                if (lifecycle.Child(name) is { } handler)
                {
                    Handler(handler, LifecycleHandlers, path.Field("lifecycle").Field(name), errors);
                }
            }
        }
    }

    private static void Probe(JsonObject probe, string name, FieldPath path, FieldErrors errors)
    {
        Handler(probe, ProbeHandlers, path, errors);
        foreach (var count in Counts)
        {
            errors.NonNegative(path.Field(count), probe.Number(count));
        }

        if (probe.Number("terminationGracePeriodSeconds") is { } grace)
        {
            if (name == "readinessProbe")
            {
                errors.Invalid(path.Field("terminationGracePeriodSeconds"), grace, "must not be set for readinessProbes");
            }
            else if (grace <= 0)
            {
                errors.Invalid(path.Field("terminationGracePeriodSeconds"), grace, "must be greater than 0");
            }
        }

        if (name != "readinessProbe" && probe.Number("successThreshold") is { } threshold and not 1)
        {
            errors.Invalid(path.Field("successThreshold"), threshold, "must be 1");
        }
    }

    private static void Handler(JsonObject holder, string[] kinds, FieldPath path, FieldErrors errors)
    {
        var given = kinds.Where(kind => holder.Has(kind)).ToArray();
        if (given.Length == 0)
        {
            errors.Required(path, "must specify a handler type");
        }

        foreach (var extra in given.Skip(1))
        {
            errors.Forbidden(path.Field(extra), "may not specify more than 1 handler type");
        }

        if (given is [var kind, ..] && holder.Child(kind) is { } action)
        {
            Action(kind, action, path.Field(kind), errors);
        }
    }

    private static void Action(string kind, JsonObject action, FieldPath path, FieldErrors errors)
    {
        switch (kind)
        {
            case "exec":
                if (action.Count("command") == 0)
                {
                    errors.Required(path.Field("command"));
                }

                break;
            case "httpGet":
                if (action.Text("path").Length == 0)
                {
                    errors.Required(path.Field("path"));
                }

                PortOrName(action["port"], path.Field("port"), errors);
                errors.OneOf(path.Field("scheme"), action.Text("scheme"), ["HTTP", "HTTPS"]);
                break;
            case "tcpSocket":
                PortOrName(action["port"], path.Field("port"), errors);
                break;
            case "grpc":
                errors.Port(path.Field("port"), action.Number("port") ?? 0);
                break;
        }
    }

    /// <summary>A number in range, or the name of one of the container's ports.</summary>
    public static void PortOrName(JsonNode? port, FieldPath path, FieldErrors errors)
    {
        if (port is JsonValue value && value.GetValueKind() == JsonValueKind.String)
        {
            errors.Check(path, value.GetValue<string>(), Names.PortName(value.GetValue<string>()));
            return;
        }

        errors.Port(path, port is JsonValue number && long.TryParse(number.ToJsonString(), out var parsed) ? parsed : 0);
    }
}
