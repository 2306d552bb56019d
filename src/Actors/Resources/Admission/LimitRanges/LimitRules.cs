using System.Globalization;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Admission.LimitRanges;

/// <summary>One item of a LimitRange against one object.</summary>
internal static class LimitRules
{
    /// <summary>Ratios of small amounts are compared in thousandths.</summary>
    private const long LargestMilli = 9_223_372_036_854_775;

    public static void Check(JsonObject? limit, JsonObject obj, bool isClaim, List<string> errors)
    {
        if (isClaim)
        {
            if (limit.Text("type") == "PersistentVolumeClaim")
            {
                var asked = PodResources.Read(obj.Object("spec").Object("resources").Object("requests"));
                Minimum(limit, asked, [], errors);
                MaximumRequest(limit, asked, errors);
            }

            return;
        }

        var spec = obj.Object("spec");
        switch (limit.Text("type"))
        {
            case "Container":
                foreach (var container in (spec.Array("containers") ?? []).Concat(spec.Array("initContainers") ?? []))
                {
                    var resources = container.Object("resources");
                    All(limit, PodResources.Read(resources.Object("requests")), PodResources.Read(resources.Object("limits")), errors);
                }

                break;
            case "Pod":
                All(limit, PodResources.Requests(spec), PodResources.Limits(spec), errors);
                break;
        }
    }

    private static void All(JsonObject? limit, Dictionary<string, Quantity> requests, Dictionary<string, Quantity> limits, List<string> errors)
    {
        Minimum(limit, requests, limits, errors);
        Maximum(limit, requests, limits, errors);
        foreach (var (name, ratio) in Sorted(limit, "maxLimitRequestRatio"))
        {
            Ratio(name, limit.Text("type"), ratio, requests, limits, errors);
        }
    }

    private static void Minimum(JsonObject? limit, Dictionary<string, Quantity> requests, Dictionary<string, Quantity> limits, List<string> errors)
    {
        foreach (var (name, enforced) in Sorted(limit, "min"))
        {
            var rule = $"minimum {name} usage per {limit.Text("type")} is {enforced}";
            if (!requests.TryGetValue(name, out var request))
            {
                errors.Add($"{rule}.  No request is specified");
            }
            else if (request < enforced)
            {
                errors.Add($"{rule}, but request is {request}");
            }
            else if (limits.TryGetValue(name, out var most) && most < enforced)
            {
                errors.Add($"{rule}, but limit is {most}");
            }
        }
    }

    private static void Maximum(JsonObject? limit, Dictionary<string, Quantity> requests, Dictionary<string, Quantity> limits, List<string> errors)
    {
        foreach (var (name, enforced) in Sorted(limit, "max"))
        {
            var rule = $"maximum {name} usage per {limit.Text("type")} is {enforced}";
            if (!limits.TryGetValue(name, out var most))
            {
                errors.Add($"{rule}.  No limit is specified");
            }
            else if (most > enforced)
            {
                errors.Add($"{rule}, but limit is {most}");
            }
            else if (requests.TryGetValue(name, out var request) && request > enforced)
            {
                errors.Add($"{rule}, but request is {request}");
            }
        }
    }

    private static void MaximumRequest(JsonObject? limit, Dictionary<string, Quantity> requests, List<string> errors)
    {
        foreach (var (name, enforced) in Sorted(limit, "max"))
        {
            var rule = $"maximum {name} usage per {limit.Text("type")} is {enforced}";
            if (!requests.TryGetValue(name, out var request))
            {
                errors.Add($"{rule}.  No request is specified");
            }
            else if (request > enforced)
            {
                errors.Add($"{rule}, but request is {request}");
            }
        }
    }

    private static void Ratio(
        string name, string type, Quantity enforced, Dictionary<string, Quantity> requests, Dictionary<string, Quantity> limits, List<string> errors)
    {
        var rule = $"{name} max limit to request ratio per {type} is {enforced}";
        if (!requests.TryGetValue(name, out var request) || request.IsZero)
        {
            errors.Add($"{rule}, but no request is specified or request is 0");
            return;
        }

        if (!limits.TryGetValue(name, out var most) || most.IsZero)
        {
            errors.Add($"{rule}, but no limit is specified or limit is 0");
            return;
        }

        var ratio = (double)most.Amount / (double)request.Amount;
        var exceeds = enforced.Value <= LargestMilli ? ratio * 1000 > enforced.MilliValue : ratio > enforced.Value;
        if (exceeds)
        {
            errors.Add($"{rule}, but provided ratio is {ratio.ToString("F6", CultureInfo.InvariantCulture)}");
        }
    }

    private static IEnumerable<KeyValuePair<string, Quantity>> Sorted(JsonObject? limit, string rule) =>
        PodResources.Read(limit.Object(rule)).OrderBy(pair => pair.Key, StringComparer.Ordinal);
}
