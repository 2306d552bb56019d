using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for HorizontalPodAutoscalers: upstream's <c>pkg/apis/autoscaling/validation</c>.</summary>
internal static class AutoscalerValidation
{
    private const int MostPeriodSeconds = 1800;
    private const int MostWindowSeconds = 3600;
    private static readonly string[] Types = ["ContainerResource", "External", "Object", "Pods", "Resource"];

    /// <summary>Sources in upstream's order; of several only the first is looked into.</summary>
    private static readonly string[] Sources = ["object", "external", "pods", "resource", "containerResource"];

    public static void Autoscaler(JsonObject autoscaler, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var spec = autoscaler.Child("spec") ?? [];
        var (least, most) = (spec.Number("minReplicas"), spec.Number("maxReplicas") ?? 0);
        var bound = old?.Child("spec")?.Number("minReplicas") == 0 ? 0 : 1;
        if (least < bound)
        {
            errors.Invalid(path.Field("minReplicas"), least.Value, $"must be greater than or equal to {bound}");
        }

        if (most < 1)
        {
            errors.Invalid(path.Field("maxReplicas"), most, "must be greater than 0");
        }

        if (most < least)
        {
            errors.Invalid(path.Field("maxReplicas"), most, "must be greater than or equal to `minReplicas`");
        }

        Reference(spec.Child("scaleTargetRef") ?? [], path.Field("scaleTargetRef"), errors);
        foreach (var (index, metric) in spec.Items("metrics").Index())
        {
            Metric(metric, path.Field("metrics").Index(index), errors);
        }

        if (least == 0 && !spec.Items("metrics").Any(metric => metric.Text("type") is "Object" or "External"))
        {
            errors.Forbidden(path.Field("metrics"), "must specify at least one Object or External metric to support scaling to zero replicas");
        }

        foreach (var side in (ReadOnlySpan<string>)["scaleUp", "scaleDown"])
        {
            if (spec.Child("behavior")?.Child(side) is { } rules)
            {
                Rules(rules, path.Field("behavior").Field(side), errors);
            }
        }
    }

    /// <summary>Of a status that is written.</summary>
    public static void Status(JsonObject autoscaler, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("status");
        errors.NonNegative(path.Field("currentReplicas"), autoscaler.Child("status")?.Number("currentReplicas"));
        errors.NonNegative(path.Field("desiredReplicas"), autoscaler.Child("status")?.Number("desiredReplicas"));
    }

    private static void Reference(JsonObject reference, FieldPath path, FieldErrors errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["kind", "name"])
        {
            var text = reference.Text(field);
            if (text.Length == 0)
            {
                errors.Required(path.Field(field));
            }
            else
            {
                errors.Check(path.Field(field), text, Names.PathSegment(text));
            }
        }
    }

    private static void Metric(JsonObject metric, FieldPath path, FieldErrors errors)
    {
        var type = metric.Text("type");
        var known = Types.Contains(type);
        if (type.Length == 0)
        {
            errors.Required(path.Field("type"), "must specify a metric source type");
        }

        if (!known)
        {
            errors.NotSupported(path.Field("type"), type, Types);
        }

        string[] present = [.. Sources.Where(source => metric.Child(source) is not null)];
        if (present.Length > 0)
        {
            Source(present[0], metric.Child(present[0])!, path.Field(present[0]), errors);
        }

        var expected = known ? char.ToLowerInvariant(type[0]) + type[1..] : "";
        if (!known)
        {
            // Upstream says it twice.
            errors.NotSupported(path.Field("type"), type, Types);
        }
        else if (!present.Contains(expected))
        {
            errors.Required(path.Field(expected), "must populate information for the given metric source");
        }

        if (present.Length != 1)
        {
            foreach (var other in present.Where(source => source != expected))
            {
                errors.Forbidden(path.Field(other), "must populate the given metric source only");
            }
        }
    }

    private static void Source(string kind, JsonObject source, FieldPath path, FieldErrors errors)
    {
        var (at, target) = (path.Field("target"), source.Child("target") ?? []);
        var (value, average, utilization) = (target.Has("value"), target.Has("averageValue"), target.Has("averageUtilization"));
        switch (kind)
        {
            case "object":
                Reference(source.Child("describedObject") ?? [], path.Field("describedObject"), errors);
                Identifier(source, path, errors);
                Target(target, at, errors);
                Need(value || average, at.Field("averageValue"), "must set either a target value or averageValue", errors);
                break;
            case "external":
                Identifier(source, path, errors);
                Target(target, at, errors);
                Need(value || average, at.Field("averageValue"), "must set either a target value for metric or a per-pod target", errors);
                if (value && average)
                {
                    errors.Forbidden(at.Field("value"), "may not set both a target value for metric and a per-pod target");
                }

                break;
            case "pods":
                Identifier(source, path, errors);
                Target(target, at, errors);
                Need(average, at.Field("averageValue"), "must specify a positive target averageValue", errors);
                break;
            default:
                Resource(kind, source, path, errors);
                Target(target, at, errors);
                Need(utilization || average, at.Field("averageUtilization"), "must set either a target raw value or a target utilization", errors);
                if (utilization && average)
                {
                    errors.Forbidden(at.Field("averageValue"), "may not set both a target raw value and a target utilization");
                }

                break;
        }
    }

    private static void Resource(string kind, JsonObject source, FieldPath path, FieldErrors errors)
    {
        var (name, container) = (source.Text("name"), source.Text("container"));
        Need(name.Length > 0, path.Field("name"), "must specify a resource name", errors);
        if (kind == "resource")
        {
            return;
        }

        if (name.Length > 0)
        {
            errors.Check(path.Field("name"), name, ResourceNames.OfContainer(name));
        }

        Need(container.Length > 0, path.Field("container"), "must specify a container", errors);
        if (container.Length > 0)
        {
            errors.Check(path.Field("container"), container, Names.Dns1123Label(container));
        }
    }

    private static void Identifier(JsonObject source, FieldPath path, FieldErrors errors)
    {
        var (at, name) = (path.Field("metric").Field("name"), (source.Child("metric") ?? []).Text("name"));
        Need(name.Length > 0, at, "must specify a metric name", errors);
        if (name.Length > 0)
        {
            errors.Check(at, name, Names.PathSegment(name));
        }
    }

    private static void Target(JsonObject target, FieldPath path, FieldErrors errors)
    {
        var type = target.Text("type");
        Need(type.Length > 0, path.Field("type"), "must specify a metric target type", errors);
        if (type is not ("Utilization" or "Value" or "AverageValue"))
        {
            errors.Invalid(path.Field("type"), type, "must be either Utilization, Value, or AverageValue");
        }

        foreach (var field in (ReadOnlySpan<string>)["value", "averageValue"])
        {
            if (target.Text(field) is { Length: > 0 } text && Quantity.TryParse(text, out var amount) && amount.Sign != 1)
            {
                errors.Invalid(path.Field(field), amount.ToString(), "must be positive");
            }
        }

        if (target.Number("averageUtilization") is < 1 and var low)
        {
            errors.Invalid(path.Field("averageUtilization"), low, "must be greater than 0");
        }
    }

    private static void Rules(JsonObject rules, FieldPath path, FieldErrors errors)
    {
        var window = rules.Number("stabilizationWindowSeconds");
        if (window < 0)
        {
            errors.Invalid(path.Field("stabilizationWindowSeconds"), window.Value, "must be greater than or equal to zero");
        }

        if (window > MostWindowSeconds)
        {
            errors.Invalid(path.Field("stabilizationWindowSeconds"), window.Value, $"must be less than or equal to {MostWindowSeconds}");
        }

        if (rules.Has("selectPolicy") && rules.Text("selectPolicy") is not ("Disabled" or "Max" or "Min"))
        {
            errors.NotSupported(path.Field("selectPolicy"), rules.Text("selectPolicy"), "Disabled", "Max", "Min");
        }

        Need(rules.Count("policies") > 0, path.Field("policies"), "must specify at least one Policy", errors);
        foreach (var (index, policy) in rules.Items("policies").Index())
        {
            Policy(policy, path.Field("policies").Index(index), errors);
        }

        if (rules.Text("tolerance") is { Length: > 0 } text && Quantity.TryParse(text, out var tolerance) && tolerance.Sign < 0)
        {
            errors.Invalid(path.Field("tolerance"), tolerance.ToString(), "must be greater than or equal to 0");
        }
    }

    private static void Policy(JsonObject policy, FieldPath path, FieldErrors errors)
    {
        if (policy.Text("type") is not ("Percent" or "Pods"))
        {
            errors.NotSupported(path.Field("type"), policy.Text("type"), "Percent", "Pods");
        }

        var (value, period) = (policy.Number("value") ?? 0, policy.Number("periodSeconds") ?? 0);
        if (value <= 0)
        {
            errors.Invalid(path.Field("value"), value, "must be greater than zero");
        }

        if (period <= 0)
        {
            errors.Invalid(path.Field("periodSeconds"), period, "must be greater than zero");
        }

        if (period > MostPeriodSeconds)
        {
            errors.Invalid(path.Field("periodSeconds"), period, $"must be less than or equal to {MostPeriodSeconds}");
        }
    }

    private static void Need(bool given, FieldPath path, string detail, FieldErrors errors)
    {
        if (!given)
        {
            errors.Required(path, detail);
        }
    }
}
