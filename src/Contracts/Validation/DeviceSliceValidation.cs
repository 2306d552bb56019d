using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for ResourceSlices: what devices a driver has, where, and what is known of them.</summary>
internal static partial class DeviceSliceValidation
{
    private const int MostDevices = 128;
    private const int MostDevicesWithTaintsOrCounters = 64;
    private const int MostTaints = 4;
    private const int MostCounters = 32;
    private const int MostCounterSets = 8;
    private const int MostFacts = 32;
    private const int LongestValue = 64;
    private const string OneOf = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";

    private const string OneOfDevice =
        "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec";

    public static void Slice(JsonObject slice, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var spec = slice.Child("spec") ?? [];
        DeviceValidation.Driver(spec.Text("driver"), path.Field("driver"), errors);
        PoolOf(spec.Child("pool") ?? [], path.Field("pool"), errors);
        if (old?.Child("spec") is { } before)
        {
            errors.Immutable(path.Field("pool").Field("name"), spec.Child("pool")?["name"], before.Child("pool")?["name"]);
            errors.Immutable(path.Field("driver"), spec["driver"], before["driver"]);
            errors.Immutable(path.Field("nodeName"), spec["nodeName"], before["nodeName"]);
        }

        var places = Places(spec, path, errors, "must be either unset or set to a non-empty string");
        Truth(spec, "perDeviceNodeSelection", places, path, errors);
        Only(places, path, OneOf, $"{OneOf}, but multiple fields are set", errors);
        if (spec.Has("sharedCounters") && spec.Has("devices"))
        {
            errors.Invalid(path, "", "only one of `sharedCounters` or `devices` is allowed");
        }

        var heavy = spec.Items("devices").Any(device => device.Count("taints") > 0 || device.Count("consumesCounters") > 0);
        Unique(spec, "devices", "name", heavy ? MostDevicesWithTaintsOrCounters : MostDevices, path, errors, (device, at) => Device(device, spec.Flag("perDeviceNodeSelection"), at, errors));
        Unique(spec, "sharedCounters", "name", MostCounterSets, path, errors, (set, at) => Counters(set, "name", at, errors));
    }

    private static void PoolOf(JsonObject pool, FieldPath path, FieldErrors errors)
    {
        DeviceValidation.Pool(pool.Text("name"), path.Field("name"), errors);
        if (pool.Number("resourceSliceCount") is null or <= 0)
        {
            errors.Invalid(path.Field("resourceSliceCount"), pool.Number("resourceSliceCount") ?? 0, "must be greater than zero");
        }

        if (pool.Number("generation") is < 0 and var generation)
        {
            errors.Invalid(path.Field("generation"), generation, "must be greater than or equal to zero");
        }
    }

    private static void Device(JsonObject device, bool placed, FieldPath path, FieldErrors errors)
    {
        errors.Check(path.Field("name"), device.Text("name"), Names.Dns1123Label(device.Text("name")));
        var facts = device.Count("attributes") + device.Count("capacity");
        if (facts > MostFacts)
        {
            errors.Invalid(path, facts, $"the total number of attributes and capacities must not exceed {MostFacts}");
        }

        foreach (var (name, attribute) in device.Child("attributes") ?? [])
        {
            DeviceValidation.Identifier(name, path.Field("attributes").Key(name), errors);
            Attribute(attribute as JsonObject ?? [], path.Field("attributes").Key(name), errors);
        }

        foreach (var (name, capacity) in device.Child("capacity") ?? [])
        {
            var at = path.Field("capacity").Key(name);
            DeviceValidation.Identifier(name, at, errors);
            if (!device.Flag("allowMultipleAllocations") && (capacity as JsonObject)?.Has("requestPolicy") == true)
            {
                errors.Forbidden(at.Field("requestPolicy"), "allowMultipleAllocations must be true");
            }
        }

        foreach (var (at, taint) in DeviceValidation.Bounded(device, "taints", MostTaints, path, errors))
        {
            DeviceValidation.Taint(taint, at, errors);
        }

        Unique(device, "consumesCounters", "counterSet", MostCounterSets, path, errors, (consumed, at) => Counters(consumed, "counterSet", at, errors));
        if (placed)
        {
            Only(Places(device, path, errors, "must not be empty"), path, OneOfDevice, OneOfDevice, errors);
        }
        else if (device.Has("nodeName") || device.Has("nodeSelector") || device.Has("allNodes"))
        {
            errors.Invalid(path, (JsonNode?)null, "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec");
        }
    }

    private static void Attribute(JsonObject attribute, FieldPath path, FieldErrors errors)
    {
        var given = new[] { "bool", "int", "string", "version" }.Count(attribute.Has);
        if (attribute.Has("string") && attribute.Text("string").Length > LongestValue)
        {
            errors.TooLong(path.Field("string"), LongestValue);
        }

        if (attribute.Has("version"))
        {
            var version = attribute.Text("version");
            if (!Semver().IsMatch(version))
            {
                errors.Invalid(path.Field("version"), version, "must be a string compatible with semver.org spec 2.0.0");
            }

            if (version.Length > LongestValue)
            {
                errors.TooLong(path.Field("version"), LongestValue);
            }
        }

        switch (given)
        {
            case 0:
                errors.Invalid(path, "", "exactly one value must be specified");
                break;
            case > 1:
                errors.Invalid(path, attribute, "exactly one value must be specified");
                break;
        }
    }

    private static void Counters(JsonObject holder, string name, FieldPath path, FieldErrors errors)
    {
        if (holder.Text(name).Length == 0)
        {
            errors.Required(path.Field(name));
        }
        else
        {
            errors.Check(path.Field(name), holder.Text(name), Names.Dns1123Label(holder.Text(name)));
        }

        var at = path.Field("counters");
        switch (holder.Count("counters"))
        {
            case 0:
                errors.Required(at);
                break;
            case > MostCounters and var count:
                errors.TooMany(at, count, MostCounters);
                break;
            default:
                foreach (var (counter, _) in holder.Child("counters") ?? [])
                {
                    errors.Check(at.Key(counter), counter, Names.Dns1123Label(counter));
                }

                break;
        }
    }

    /// <summary>Which of the fields that say where devices are is set, as they are named in errors.</summary>
    private static List<string> Places(JsonObject holder, FieldPath path, FieldErrors errors, string emptyName)
    {
        List<string> places = [];
        if (holder.Has("nodeName"))
        {
            if (holder.Text("nodeName") is { Length: > 0 } node)
            {
                places.Add("`nodeName`");
                errors.Check(path.Field("nodeName"), node, Names.Dns1123Subdomain(node));
            }
            else
            {
                errors.Invalid(path.Field("nodeName"), "", emptyName);
            }
        }

        if (holder.Child("nodeSelector") is { } selector)
        {
            places.Add("`nodeSelector`");
            if (path.ToString() == "spec" && selector.Count("nodeSelectorTerms") != 1)
            {
                errors.Invalid(path.Field("nodeSelector").Field("nodeSelectorTerms"), selector["nodeSelectorTerms"], "must have exactly one node selector term");
            }
        }

        Truth(holder, "allNodes", places, path, errors);
        return places;
    }

    private static void Truth(JsonObject holder, string field, List<string> places, FieldPath path, FieldErrors errors)
    {
        if (holder.Flag(field))
        {
            places.Add($"`{field}`");
        }
        else if (holder[field] is JsonValue value && value.GetValueKind() == JsonValueKind.False)
        {
            errors.Invalid(path.Field(field), value, "must be either unset or set to true");
        }
    }

    private static void Only(List<string> places, FieldPath path, string none, string many, FieldErrors errors)
    {
        if (places.Count == 0)
        {
            errors.Required(path, none);
        }
        else if (places.Count > 1)
        {
            errors.Invalid(path, $"{{{string.Join(", ", places)}}}", many);
        }
    }

    private static void Unique(JsonObject holder, string field, string key, int most, FieldPath path, FieldErrors errors, Action<JsonObject, FieldPath> check)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var (at, item) in DeviceValidation.Bounded(holder, field, most, path, errors))
        {
            check(item, at);
            if (!seen.Add(item.Text(key)))
            {
                errors.Duplicate(at, item.Text(key));
            }
        }
    }

    [GeneratedRegex(@"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$")]
    private static partial Regex Semver();
}
