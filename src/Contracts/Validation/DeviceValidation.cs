using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for what asks for devices: ResourceClaims, their templates, DeviceClasses and DeviceTaintRules.</summary>
internal static partial class DeviceValidation
{
    private const int MostRequests = 32;
    private const int MostAlternatives = 8;
    private const int LongestParameters = 10 * 1024;
    private const int LongestExpression = 10 * 1024;
    private const int LongestDomain = 63;
    private const int LongestIdentifier = 32;
    private const int LongestPool = 253;
    private static readonly string[] TaintEffects = ["NoExecute", "NoSchedule", "None"];

    public static void Claim(JsonObject claim, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        if (old is null)
        {
            Devices((claim.Child("spec") ?? []).Child("devices") ?? [], path.Field("devices"), errors);
        }
        else
        {
            errors.Immutable(path, claim["spec"], old["spec"]);
            ClaimStatus(claim, old, errors);
        }
    }

    public static void Template(JsonObject template, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        if (old is null)
        {
            var spec = template.Child("spec") ?? [];
            MetadataValidation.Labels(spec.Child("metadata") ?? [], path.Field("metadata").Field("labels"), errors);
            MetadataValidation.Annotations(spec.Child("metadata") ?? [], path.Field("metadata").Field("annotations"), errors);
            Devices((spec.Child("spec") ?? []).Child("devices") ?? [], path.Field("spec").Field("devices"), errors);
        }
        else
        {
            errors.Immutable(path, template["spec"], old["spec"]);
        }
    }

    public static void Class(JsonObject deviceClass, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var spec = deviceClass.Child("spec") ?? [];
        Selectors(spec, path.Field("selectors"), errors);
        foreach (var (at, configuration) in Bounded(spec, "config", MostRequests, path, errors))
        {
            Configuration(configuration, at, errors);
        }

        if (spec.Has("extendedResourceName"))
        {
            var name = spec.Text("extendedResourceName");
            var domain = name.Split('/')[0];
            if (!name.Contains('/', StringComparison.Ordinal) || domain == "kubernetes.io" || domain.EndsWith(".kubernetes.io", StringComparison.Ordinal)
                || name.StartsWith("requests.", StringComparison.Ordinal) || Names.QualifiedName("requests." + name).Count > 0)
            {
                errors.Invalid(path.Field("extendedResourceName"), name, "must be a valid extended resource name");
            }
        }
    }

    public static void TaintRule(JsonObject rule, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var spec = rule.Child("spec") ?? [];
        if (spec.Child("deviceSelector") is { } selector)
        {
            var at = path.Field("deviceSelector");
            if (selector.Has("driver"))
            {
                Driver(selector.Text("driver"), at.Field("driver"), errors);
            }

            if (selector.Has("pool"))
            {
                Pool(selector.Text("pool"), at.Field("pool"), errors);
            }

            if (selector.Has("device"))
            {
                errors.Check(at.Field("device"), selector.Text("device"), Names.Dns1123Label(selector.Text("device")));
            }
        }

        Taint(spec.Child("taint") ?? [], path.Field("taint"), errors);
    }

    internal static void Taint(JsonObject taint, FieldPath path, FieldErrors errors)
    {
        errors.Check(path.Field("key"), taint.Text("key"), Names.QualifiedName(taint.Text("key")));
        if (taint.Text("value") is { Length: > 0 } value)
        {
            errors.Check(path.Field("value"), value, Names.LabelValue(value));
        }

        errors.OneOf(path.Field("effect"), taint.Text("effect"), TaintEffects);
    }

    internal static void Driver(string name, FieldPath path, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(path);
            return;
        }

        if (name.Length > LongestDomain)
        {
            errors.TooLong(path, LongestDomain);
        }

        errors.Check(path, name, Names.Dns1123Subdomain(name.ToLowerInvariant()));
    }

    internal static void Pool(string name, FieldPath path, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(path);
            return;
        }

        if (name.Length > LongestPool)
        {
            errors.TooLong(path, LongestPool);
        }

        foreach (var part in name.Split('/'))
        {
            errors.Check(path, part, Names.Dns1123Subdomain(part));
        }
    }

    /// <summary>A C identifier, perhaps with a domain before it.</summary>
    internal static void Identifier(string name, FieldPath path, FieldErrors errors, bool qualified = false)
    {
        var parts = name.Split('/');
        if (parts is [var domain, var local])
        {
            if (domain.Length == 0)
            {
                errors.Invalid(path, "", "the domain must not be empty");
            }
            else
            {
                Driver(domain, path, errors);
            }

            if (local.Length == 0)
            {
                errors.Invalid(path, "", "the name must not be empty");
            }
            else
            {
                Simple(local, path, errors);
            }
        }
        else if (parts.Length == 1)
        {
            Simple(name, path, errors);
        }

        if (qualified && parts.Length == 1)
        {
            errors.Invalid(path, name, "a fully qualified name must be a domain and a name separated by a slash");
        }
    }

    /// <summary>The entries of a list that is not too long; of one that is, nothing but that is said.</summary>
    internal static IEnumerable<(FieldPath Path, JsonObject Item)> Bounded(JsonObject holder, string field, int most, FieldPath path, FieldErrors errors)
    {
        if (holder.Count(field) > most)
        {
            errors.TooMany(path.Field(field), holder.Count(field), most);
            return [];
        }

        return holder.Items(field).Index().Select(entry => (path.Field(field).Index(entry.Index), entry.Item));
    }

    private static void Simple(string name, FieldPath path, FieldErrors errors)
    {
        if (name.Length > LongestIdentifier)
        {
            errors.TooLong(path, LongestIdentifier);
        }

        if (!CIdentifier().IsMatch(name))
        {
            errors.Invalid(path, name, Names.WithPattern("a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'", "[A-Za-z_][A-Za-z0-9_]*", "my_name", "MY_NAME", "MyName"));
        }
    }

    private static void Devices(JsonObject devices, FieldPath path, FieldErrors errors)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (var request in devices.Items("requests"))
        {
            names.Add(request.Text("name"));
            names.UnionWith(request.Items("firstAvailable").Select(alternative => $"{request.Text("name")}/{alternative.Text("name")}"));
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var (at, request) in Bounded(devices, "requests", MostRequests, path, errors))
        {
            Request(request, at, errors);
            if (!seen.Add(request.Text("name")))
            {
                errors.Duplicate(at, request.Text("name"));
            }
        }

        foreach (var (at, constraint) in Bounded(devices, "constraints", MostRequests, path, errors))
        {
            References(constraint, names, at, errors);
            if (constraint.Has("matchAttribute"))
            {
                Identifier(constraint.Text("matchAttribute"), at.Field("matchAttribute"), errors, qualified: true);
            }
            else
            {
                errors.Required(at.Field("matchAttribute"));
            }
        }

        foreach (var (at, configuration) in Bounded(devices, "config", MostRequests, path, errors))
        {
            References(configuration, names, at, errors);
            Configuration(configuration, at, errors);
        }
    }

    private static void Request(JsonObject request, FieldPath path, FieldErrors errors)
    {
        errors.Check(path.Field("name"), request.Text("name"), Names.Dns1123Label(request.Text("name")));
        switch (request.Child("exactly"), request.Count("firstAvailable") > 0)
        {
            case (null, false):
                errors.Required(path, "exactly one of `exactly` or `firstAvailable` is required");
                break;
            case (not null, true):
                errors.Invalid(path, (JsonNode?)null, "exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set");
                break;
            case ({ } exactly, false):
                Asked(exactly, path.Field("exactly"), errors);
                break;
            default:
                HashSet<string> seen = new(StringComparer.Ordinal);
                foreach (var (at, alternative) in Bounded(request, "firstAvailable", MostAlternatives, path, errors))
                {
                    errors.Check(at.Field("name"), alternative.Text("name"), Names.Dns1123Label(alternative.Text("name")));
                    Asked(alternative, at, errors);
                    if (!seen.Add(alternative.Text("name")))
                    {
                        errors.Duplicate(at, alternative.Text("name"));
                    }
                }

                break;
        }
    }

    private static void Asked(JsonObject request, FieldPath path, FieldErrors errors)
    {
        var deviceClass = request.Text("deviceClassName");
        if (deviceClass.Length == 0)
        {
            errors.Required(path.Field("deviceClassName"));
        }
        else
        {
            errors.Check(path.Field("deviceClassName"), deviceClass, Names.Dns1123Subdomain(deviceClass));
        }

        Selectors(request, path.Field("selectors"), errors);
        var count = request.Number("count") ?? 0;
        switch (request.Text("allocationMode"))
        {
            case "All":
                if (count != 0)
                {
                    errors.Invalid(path.Field("count"), count, "must not be specified when allocationMode is 'All'");
                }

                break;
            case "ExactCount":
                if (count <= 0)
                {
                    errors.Invalid(path.Field("count"), count, "must be greater than zero");
                }

                break;
            case var other:
                errors.NotSupported(path.Field("allocationMode"), other, "All", "ExactCount");
                break;
        }

        foreach (var (index, toleration) in request.Items("tolerations").Index())
        {
            Toleration(toleration, path.Field("tolerations").Index(index), errors);
        }
    }

    private static void Toleration(JsonObject toleration, FieldPath path, FieldErrors errors)
    {
        if (toleration.Text("key") is { Length: > 0 } key)
        {
            errors.Check(path.Field("key"), key, Names.QualifiedName(key));
        }

        switch (toleration.Text("operator"))
        {
            case "Exists":
                if (toleration.Text("value").Length > 0)
                {
                    errors.Invalid(path.Field("value"), toleration.Text("value"), "must be empty for operator `Exists`");
                }

                break;
            case "Equal":
                errors.Check(path.Field("value"), toleration.Text("value"), Names.LabelValue(toleration.Text("value")));
                break;
            case "":
                errors.Required(path.Field("operator"));
                break;
            case var other:
                errors.NotSupported(path.Field("operator"), other, "Equal", "Exists");
                break;
        }

        errors.OneOf(path.Field("effect"), toleration.Text("effect"), TaintEffects, required: false);
    }

    private static void Selectors(JsonObject holder, FieldPath path, FieldErrors errors)
    {
        if (holder.Count("selectors") > MostRequests)
        {
            errors.TooMany(path, holder.Count("selectors"), MostRequests);
            return;
        }

        foreach (var (index, selector) in holder.Items("selectors").Index())
        {
            var at = path.Index(index).Field("cel");
            if (selector.Child("cel") is not { } cel)
            {
                errors.Required(at);
            }
            else if (Encoding.UTF8.GetByteCount(cel.Text("expression")) > LongestExpression)
            {
                errors.TooLong(at.Field("expression"), LongestExpression);
            }
        }
    }

    private static void References(JsonObject holder, HashSet<string> names, FieldPath path, FieldErrors errors)
    {
        const string Rule = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
        var at = path.Field("requests");
        if (holder.Count("requests") > MostRequests)
        {
            errors.TooMany(at, holder.Count("requests"), MostRequests);
            return;
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var (index, name) in holder.Strings("requests").Index())
        {
            var segments = name.Split('/');
            if (segments.Length <= 2)
            {
                foreach (var segment in segments)
                {
                    errors.Check(at.Index(index), segment, Names.Dns1123Label(segment));
                }
            }

            if (!names.Contains(name))
            {
                errors.Invalid(at.Index(index), name, Rule);
            }

            if (!seen.Add(name))
            {
                errors.Duplicate(at.Index(index), name);
            }
        }
    }

    private static void Configuration(JsonObject configuration, FieldPath path, FieldErrors errors)
    {
        var at = path.Field("opaque");
        if (configuration.Child("opaque") is not { } opaque)
        {
            errors.Required(at);
            return;
        }

        Driver(opaque.Text("driver"), at.Field("driver"), errors);
        switch (opaque["parameters"])
        {
            case null:
                errors.Required(at.Field("parameters"));
                break;
            case JsonObject parameters:
                if (Encoding.UTF8.GetByteCount(parameters.ToJsonString()) > LongestParameters)
                {
                    errors.TooLong(at.Field("parameters"), LongestParameters);
                }

                break;
            default:
                errors.Invalid(at.Field("parameters"), "<value omitted>", "must be a valid JSON object");
                break;
        }
    }

    private static void ClaimStatus(JsonObject claim, JsonObject old, FieldErrors errors)
    {
        const int MostConsumers = 256;
        var path = FieldPath.Of("status");
        var (status, before) = (claim.Child("status") ?? [], old.Child("status") ?? []);
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var (at, consumer) in Bounded(status, "reservedFor", MostConsumers, path, errors))
        {
            StorageValidation.Needs(consumer, at, errors, "resource", "name", "uid");
            if (!seen.Add(consumer.Text("uid")))
            {
                errors.Duplicate(at, consumer.Text("uid"));
            }
        }

        if (status.Count("reservedFor") > 0 && !status.Has("allocation"))
        {
            errors.Forbidden(path.Field("reservedFor"), "may not be specified when `allocated` is not set");
        }
        else if (claim.Child("metadata")?.Has("deletionTimestamp") == true
            && status.Items("reservedFor").Any(consumer => !before.Items("reservedFor").Any(known => JsonNode.DeepEquals(known, consumer))))
        {
            errors.Forbidden(path.Field("reservedFor"), "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set");
        }

        if (before.Has("allocation") && status.Has("allocation"))
        {
            errors.Immutable(path.Field("allocation"), status["allocation"], before["allocation"]);
        }
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex CIdentifier();
}
