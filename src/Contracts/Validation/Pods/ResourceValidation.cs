using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation.Pods;

/// <summary>The rules for requests and limits.</summary>
internal static class ResourceValidation
{
    /// <summary>Of whole pods fewer are known than of containers, which is told in another way.</summary>
    private static readonly Func<string, IReadOnlyList<string>> OfPod = ResourceNames.Any;

    /// <param name="resources">Requests, limits and claims; null when there are none.</param>
    /// <param name="claims">The names of the pod's claims.</param>
    /// <param name="path">Where they stand.</param>
    /// <param name="errors">What is found.</param>
    public static void Requirements(JsonObject? resources, HashSet<string> claims, FieldPath path, FieldErrors errors)
    {
        if (resources is not { Count: > 0 })
        {
            return;
        }

        Amounts(resources, path, errors, ResourceNames.OfContainer);
        Claims(resources, claims, path.Field("claims"), errors);
    }

    /// <summary>What a pod states of itself, beside its containers (KEP-2837).</summary>
    public static void WholePod(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        if (spec.Child("resources") is not { } resources)
        {
            return;
        }

        if (spec.Child("os")?.Text("name") == "windows")
        {
            errors.Forbidden(path, "may not be set for a windows pod");
            return;
        }

        if (resources.Has("claims"))
        {
            errors.Forbidden(path.Field("claims"), "claims may not be set for Resources at pod-level");
        }

        Amounts(resources, path, errors, OfPod);
        var requests = ContainerTotals.Read(resources.Child("requests"));
        foreach (var (name, asked) in ContainerTotals.Of(spec, "requests").OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (requests.TryGetValue(name, out var stated) && asked > stated)
            {
                errors.Invalid(path.Field("requests").Key(name), stated.ToString(), $"must be greater than or equal to aggregate container requests of {asked}");
            }
        }

        var limits = ContainerTotals.Read(resources.Child("limits"));
        foreach (var (name, used) in ContainerTotals.Of(spec, "limits").Where(pair => ResourceNames.IsHuge(pair.Key)).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (limits.TryGetValue(name, out var stated) && used > stated)
            {
                errors.Invalid(path.Field("limits").Key(name), stated.ToString(), $"must be greater than or equal to aggregate container limits of {used}");
            }
        }

        foreach (var (index, container) in spec.Items("containers").Index())
        {
            foreach (var (name, limit) in ContainerTotals.Read(container.Child("resources")?.Child("limits")))
            {
                if (limits.TryGetValue(name, out var stated) && limit > stated)
                {
                    errors.Invalid(path.Field("containers").Index(index).Key(name).Field("limits"), limit.ToString(), $"must be less than or equal to pod limits of {stated}");
                }
            }
        }
    }

    public static void Overhead(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        if (spec.Child("overhead") is { } overhead)
        {
            // Upstream judges it as the limits of a container.
            Amounts(new JsonObject { ["limits"] = overhead.DeepClone() }, path, errors, ResourceNames.OfContainer);
        }
    }

    /// <summary>A map of amounts with any resource names, as a node's capacity.</summary>
    public static void NonNegative(JsonObject holder, string name, FieldPath path, FieldErrors errors)
    {
        foreach (var (key, text) in holder.Pairs(name))
        {
            if (Quantity.TryParse(text, out var amount) && amount.Sign < 0)
            {
                errors.Invalid(path.Key(key), text, "must be greater than or equal to 0");
            }
        }
    }

    private static void Amounts(JsonObject resources, FieldPath path, FieldErrors errors, Func<string, IReadOnlyList<string>> names)
    {
        var limits = Side(resources, "limits", path.Field("limits"), errors, names);
        foreach (var (name, text) in resources.Pairs("requests"))
        {
            var at = path.Field("requests").Key(name);
            if (One(name, text, at, errors, names) is not { } request)
            {
                continue;
            }

            if (!limits.TryGetValue(name, out var limit))
            {
                if (!ResourceNames.MayBeOvercommitted(name))
                {
                    errors.Required(path.Field("limits"), "Limit must be set for non overcommitable resources");
                }
            }
            else if (request != limit && !ResourceNames.MayBeOvercommitted(name))
            {
                errors.Invalid(path.Field("requests"), request.ToString(), $"must be equal to {name} limit of {limit}");
            }
            else if (request > limit)
            {
                errors.Invalid(path.Field("requests"), request.ToString(), $"must be less than or equal to {name} limit of {limit}");
            }

            Huge(name, request, at, errors);
        }

        if ((HasHuge(resources.Child("limits")) || HasHuge(resources.Child("requests"))) && !HasUsual(resources.Child("limits")) && !HasUsual(resources.Child("requests")))
        {
            errors.Forbidden(path, "HugePages require cpu or memory");
        }
    }

    private static bool HasHuge(JsonObject? amounts)
    {
        foreach (var (name, _) in amounts ?? [])
        {
            if (ResourceNames.IsHuge(name))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasUsual(JsonObject? amounts) => amounts is not null && (amounts.ContainsKey("cpu") || amounts.ContainsKey("memory"));

    private static Dictionary<string, Quantity> Side(JsonObject resources, string side, FieldPath path, FieldErrors errors, Func<string, IReadOnlyList<string>> names)
    {
        Dictionary<string, Quantity> amounts = new(StringComparer.Ordinal);
        foreach (var (name, text) in resources.Pairs(side))
        {
            if (One(name, text, path.Key(name), errors, names) is { } amount)
            {
                amounts[name] = amount;
                Huge(name, amount, path.Key(name), errors);
            }
        }

        return amounts;
    }

    private static Quantity? One(string name, string text, FieldPath path, FieldErrors errors, Func<string, IReadOnlyList<string>> names)
    {
        var problems = names(name);
        errors.Check(path, name, problems);
        if (problems.Count == 0 && names == OfPod && name is not ("cpu" or "memory") && !ResourceNames.IsHuge(name))
        {
            errors.NotSupported(path, name, "cpu", "hugepages-", "memory");
        }

        if (!Quantity.TryParse(text, out var amount))
        {
            errors.Invalid(path, text, Quantity.MalformedMessage);
            return null;
        }

        if (amount.Sign < 0)
        {
            errors.Invalid(path, text, "must be greater than or equal to 0");
        }

        if (ResourceNames.IsWhole(name) && decimal.Truncate(amount.Amount) != amount.Amount)
        {
            errors.Invalid(path, text, "must be an integer");
        }

        return amount;
    }

    private static void Huge(string name, Quantity amount, FieldPath path, FieldErrors errors)
    {
        if (ResourceNames.IsHuge(name) && Quantity.TryParse(name["hugepages-".Length..], out var page) && page.Sign > 0 && amount.Amount % page.Amount != 0)
        {
            errors.Invalid(path, amount.ToString(), $"{amount} is not positive integer multiple of {name}");
        }
    }

    private static void Claims(JsonObject resources, HashSet<string> claims, FieldPath path, FieldErrors errors)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var (index, claim) in resources.Items("claims").Index())
        {
            var (at, name, request) = (path.Index(index), claim.Text("name"), claim.Text("request"));
            if (name.Length == 0)
            {
                errors.Required(at);
                continue;
            }

            if (seen.Contains(name))
            {
                errors.Duplicate(at, name);
            }
            else
            {
                var key = request.Length == 0 ? name : $"{name}/{request}";
                if (request.Length > 0)
                {
                    errors.Check(at.Field("request"), request, Names.Dns1123Label(request));
                }

                if (seen.Contains(key) || (request.Length == 0 && seen.Any(other => other.StartsWith(name + "/", StringComparison.Ordinal))))
                {
                    errors.Duplicate(at, key);
                }

                seen.Add(key);
            }

            if (!claims.Contains(name))
            {
                var known = claims.Count == 0 ? " which is empty" : ": " + string.Join(", ", claims.Order(StringComparer.Ordinal));
                errors.NotFound(at, name, $"must be one of the names in pod.spec.resourceClaims{known}");
            }
        }
    }
}
