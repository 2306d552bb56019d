using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation.Pods;

/// <summary>The rules for probes and life cycle handlers of the containers that have them.</summary>
internal static class ProbeValidation
{
    private static readonly string[] ProbeHandlers = ["exec", "httpGet", "tcpSocket", "grpc"];
    private static readonly string[] LifecycleHandlers = ["exec", "httpGet", "tcpSocket", "sleep"];
    private static readonly string[] Counts = ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"];
    private static readonly string[] Schemes = ["HTTP", "HTTPS"];

    public static void All(JsonObject container, JsonObject spec, FieldPath path, FieldErrors errors)
    {
        if (container.Child("lifecycle") is { } lifecycle)
        {
            foreach (var name in (ReadOnlySpan<string>)["postStart", "preStop"])
            {
                if (lifecycle.Child(name) is { } handler)
                {
                    Handler(handler, LifecycleHandlers, spec, path.Field("lifecycle").Field(name), errors);
                }
            }

            if (lifecycle.Has("stopSignal"))
            {
                OperatingSystemValidation.StopSignal(lifecycle.Text("stopSignal"), spec, path.Field("lifecycle").Field("stopSignal"), errors);
            }
        }

        foreach (var name in (ReadOnlySpan<string>)["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container.Child(name) is { } probe)
            {
                Probe(probe, name, spec, path.Field(name), errors);
            }
        }
    }

    private static void Probe(JsonObject probe, string name, JsonObject spec, FieldPath path, FieldErrors errors)
    {
        Handler(probe, ProbeHandlers, spec, path, errors);
        foreach (var count in Counts)
        {
            errors.NonNegative(path.Field(count), probe.Number(count));
        }

        var grace = probe.Number("terminationGracePeriodSeconds");
        if (grace <= 0)
        {
            errors.Invalid(path.Field("terminationGracePeriodSeconds"), grace.Value, "must be greater than 0");
        }

        if (name == "readinessProbe" && grace is not null)
        {
            errors.Invalid(path.Field("terminationGracePeriodSeconds"), grace.Value, "must not be set for readinessProbes");
        }

        if (name != "readinessProbe" && probe.Number("successThreshold") is { } threshold and not 1)
        {
            errors.Invalid(path.Field("successThreshold"), threshold, "must be 1");
        }
    }

    private static void Handler(JsonObject holder, string[] kinds, JsonObject spec, FieldPath path, FieldErrors errors)
    {
        var given = kinds.Where(kind => holder.Has(kind)).ToArray();
        if (given.Length == 0)
        {
            errors.Required(path, "must specify a handler type");
            return;
        }

        if (holder.Child(given[0]) is { } action)
        {
            Action(given[0], action, spec, path.Field(given[0]), errors);
        }

        foreach (var extra in given.Skip(1))
        {
            errors.Forbidden(path.Field(extra), "may not specify more than 1 handler type");
        }
    }

    private static void Action(string kind, JsonObject action, JsonObject spec, FieldPath path, FieldErrors errors)
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
                HttpGet(action, path, errors);
                break;
            case "tcpSocket":
                PortOrName(action["port"], path.Field("port"), errors);
                break;
            case "grpc":
                errors.Port(path.Field("port"), action.Number("port") ?? 0);
                break;
            case "sleep":
                var seconds = action.Number("seconds") ?? 0;
                if (spec.Number("terminationGracePeriodSeconds") is { } grace && (seconds < 0 || seconds > grace))
                {
                    errors.Invalid(path, seconds, $"must be non-negative and less than terminationGracePeriodSeconds ({grace})");
                }

                break;
        }
    }

    private static void HttpGet(JsonObject action, FieldPath path, FieldErrors errors)
    {
        if (action.Text("path").Length == 0)
        {
            errors.Required(path.Field("path"));
        }

        PortOrName(action["port"], path.Field("port"), errors);
        if (!Schemes.Contains(action.Text("scheme")))
        {
            errors.NotSupported(path.Field("scheme"), action.Text("scheme"), Schemes);
        }

        foreach (var header in action.Items("httpHeaders"))
        {
            errors.Check(path.Field("httpHeaders"), header.Text("name"), Names.HttpHeader(header.Text("name")));
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
