using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Validation.Pods;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for LimitRanges, ResourceQuotas, PriorityClasses and RuntimeClasses.</summary>
internal static class PolicyValidation
{
    private const long HighestUserPriority = 1_000_000_000;
    private static readonly string[] LimitTypes = ["Container", "PersistentVolumeClaim", "Pod"];

    private static readonly string[] Scopes =
        ["BestEffort", "CrossNamespacePodAffinity", "NotBestEffort", "NotTerminating", "PriorityClass", "Terminating", "VolumeAttributesClass"];

    public static void LimitRange(JsonObject range, JsonObject? old, FieldErrors errors)
    {
        HashSet<string> seen = [];
        foreach (var (index, item) in (range.Child("spec") ?? []).Items("limits").Index())
        {
            var path = FieldPath.Of("spec", "limits").Index(index);
            var type = item.Text("type");
            if (type.Length == 0 || (!LimitTypes.Contains(type) && !type.Contains('/', StringComparison.Ordinal)))
            {
                errors.Invalid(path.Field("type"), type, "must be a standard limit type or fully qualified");
            }

            if (!seen.Add(type))
            {
                errors.Duplicate(path.Field("type"), type);
            }

            if (type == "Pod")
            {
                foreach (var field in (ReadOnlySpan<string>)["default", "defaultRequest"])
                {
                    if (item.Count(field) > 0)
                    {
                        errors.Forbidden(path.Field(field), "may not be specified when `type` is 'Pod'");
                    }
                }
            }

            if (type == "PersistentVolumeClaim" && !(item.Child("min") ?? []).Has("storage") && !(item.Child("max") ?? []).Has("storage"))
            {
                errors.Required(path.Field("limits"), "either minimum or maximum storage value is required, but neither was provided");
            }

            Limits(item, path, errors);
        }
    }

    public static void ResourceQuota(JsonObject quota, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var spec = quota.Child("spec") ?? [];
        foreach (var (name, text) in spec.Pairs("hard"))
        {
            var at = path.Field("hard").Key(name);
            errors.Check(at, name, ResourceNames.OfQuota(name));
            if (Quantity.TryParse(text, out var amount))
            {
                if (amount.Sign < 0)
                {
                    errors.Invalid(at, text, "must be greater than or equal to 0");
                }

                if (ResourceNames.IsWhole(name) && decimal.Truncate(amount.Amount) != amount.Amount)
                {
                    errors.Invalid(at, text, "must be an integer");
                }
            }
        }

        foreach (var scope in spec.Strings("scopes"))
        {
            if (!Scopes.Contains(scope))
            {
                errors.Invalid(path.Field("scopes"), spec["scopes"], "unsupported scope");
            }

            OutOfScope(spec, scope, path.Field("scopes"), spec["scopes"], errors);
        }

        Conflicting([.. spec.Strings("scopes")], path.Field("scopes"), spec, errors);

        foreach (var term in spec.Child("scopeSelector")?.Items("matchExpressions") ?? [])
        {
            var at = path.Field("scopeSelector").Field("matchExpressions");
            if (!Scopes.Contains(term.Text("scopeName")))
            {
                errors.Invalid(at.Field("scopeName"), term.Text("scopeName"), "unsupported scope");
            }

            OutOfScope(spec, term.Text("scopeName"), at, spec["scopeSelector"], errors);
            ScopeTerm(term, at, errors);
        }

        Conflicting(
            [.. (spec.Child("scopeSelector")?.Items("matchExpressions") ?? []).Select(term => term.Text("scopeName"))],
            path.Field("scopeSelector").Field("matchExpressions"), spec, errors);

        if (old?.Child("spec") is { } before && !before.Strings("scopes").ToHashSet().SetEquals(spec.Strings("scopes")))
        {
            errors.Invalid(path.Field("scopes"), spec["scopes"], "field is immutable");
        }
    }

    private static void OutOfScope(JsonObject spec, string scope, FieldPath path, JsonNode? told, FieldErrors errors)
    {
        foreach (var (name, _) in spec.Pairs("hard").OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (ResourceNames.IsStandardOfQuota(name) && !ResourceNames.IsInScope(scope, name))
            {
                errors.Invalid(path, told, "unsupported scope applied to resource");
            }
        }
    }

    private static void Conflicting(HashSet<string> scopes, FieldPath path, JsonObject spec, FieldErrors errors)
    {
        foreach (var (one, other) in (ReadOnlySpan<(string, string)>)[("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")])
        {
            if (scopes.Contains(one) && scopes.Contains(other))
            {
                errors.Invalid(path, spec["scopes"], "conflicting scopes");
            }
        }
    }

    private static void ScopeTerm(JsonObject term, FieldPath path, FieldErrors errors)
    {
        var comparison = term.Text("operator");
        if (term.Text("scopeName") is "BestEffort" or "NotBestEffort" or "Terminating" or "NotTerminating" or "CrossNamespacePodAffinity" && comparison != "Exists")
        {
            errors.Invalid(
                path.Field("operator"),
                comparison,
                "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity");
        }

        switch (comparison)
        {
            case "In" or "NotIn":
                if (term.Count("values") == 0)
                {
                    errors.Required(path.Field("values"), "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
                }

                break;
            case "Exists" or "DoesNotExist":
                if (term.Count("values") > 0)
                {
                    errors.Invalid(path.Field("values"), term["values"], "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
                }

                break;
            default:
                errors.Invalid(path.Field("operator"), comparison, "not a valid selector operator");
                break;
        }
    }

    public static void PriorityClass(JsonObject priorityClass, JsonObject? old, FieldErrors errors)
    {
        var name = priorityClass.Child("metadata")?.Text("name") ?? "";
        var value = priorityClass.Number("value") ?? 0;
        var system = name switch { "system-node-critical" => 2_000_001_000L, "system-cluster-critical" => 2_000_000_000L, _ => (long?)null };
        if (name.StartsWith("system-", StringComparison.Ordinal) && system != value)
        {
            errors.Forbidden(FieldPath.Of("metadata", "name"), $"priority class names with 'system-' prefix are reserved for system use only. error: {(system is null ? $"{name} is not a known system priority class" : $"value of {name} PriorityClass must be {system}")}");
        }
        else if (system is null && value > HighestUserPriority)
        {
            errors.Forbidden(FieldPath.Of("value"), $"maximum allowed value of a user defined priority is {HighestUserPriority}");
        }

        errors.OneOf(FieldPath.Of("preemptionPolicy"), priorityClass.Text("preemptionPolicy"), ["PreemptLowerPriority", "Never"], required: false);
        if (old is not null)
        {
            if ((old.Number("value") ?? 0) != value)
            {
                errors.Forbidden(FieldPath.Of("Value"), "may not be changed in an update.");
            }

            errors.Immutable(FieldPath.Of("preemptionPolicy"), priorityClass["preemptionPolicy"], old["preemptionPolicy"]);
        }
    }

    public static void RuntimeClass(JsonObject runtimeClass, JsonObject? old, FieldErrors errors)
    {
        if (old is not null)
        {
            errors.Immutable(FieldPath.Of("handler"), runtimeClass["handler"], old["handler"]);
            return;
        }

        errors.Check(FieldPath.Of("handler"), runtimeClass.Text("handler"), Names.Dns1123Label(runtimeClass.Text("handler")));
        if (runtimeClass.Child("overhead")?.Child("podFixed") is { } overhead)
        {
            ResourceValidation.Requirements(new JsonObject { ["limits"] = overhead.DeepClone() }, [], FieldPath.Of("overhead"), errors);
        }

        if (runtimeClass.Child("scheduling") is { } scheduling)
        {
            var path = FieldPath.Of("scheduling", "tolerations");
            MetadataValidation.LabelMap(scheduling, "nodeSelector", FieldPath.Of("scheduling", "nodeSelector"), errors);
            PlacementValidation.Tolerations(scheduling, path.Field("tolerations"), errors);
            HashSet<string> seen = [];
            foreach (var (index, toleration) in scheduling.Items("tolerations").Index())
            {
                if (!seen.Add(string.Join('\n', toleration.Text("key"), toleration.Text("operator"), toleration.Text("value"), toleration.Text("effect"))))
                {
                    errors.Duplicate(path.Index(index), toleration);
                }
            }
        }
    }

    private static void Limits(JsonObject item, FieldPath path, FieldErrors errors)
    {
        var names = new[] { "min", "max", "default", "defaultRequest", "maxLimitRequestRatio" }
            .SelectMany(list => item.Child(list)?.Select(pair => pair.Key) ?? []).Distinct(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var (low, high) = (Amount(item, "min", name), Amount(item, "max", name));
            var (request, standard) = (Amount(item, "defaultRequest", name), Amount(item, "default", name));
            void NotAbove(string field, Quantity? value, string than, Quantity? bound)
            {
                if (value > bound)
                {
                    errors.Invalid(path.Field(field).Key(name), value.ToString()!, $"{Told(field)} value {value} is greater than {Told(than)} value {bound}");
                }
            }

            NotAbove("min", low, "max", high);
            if (request is not null && low > request)
            {
                errors.Invalid(path.Field("defaultRequest").Key(name), request.ToString()!, $"min value {low} is greater than default request value {request}");
            }

            NotAbove("defaultRequest", request, "max", high);
            NotAbove("defaultRequest", request, "default", standard);
            if (standard is not null && low > standard)
            {
                errors.Invalid(path.Field("default").Key(name), low.ToString()!, $"min value {low} is greater than default value {standard}");
            }

            NotAbove("default", standard, "max", high);
        }
    }

    private static string Told(string field) => field == "defaultRequest" ? "default request" : field;

    private static Quantity? Amount(JsonObject item, string list, string name) =>
        item.Child(list)?.Text(name) is { Length: > 0 } text && Quantity.TryParse(text, out var amount) ? amount : null;
}
