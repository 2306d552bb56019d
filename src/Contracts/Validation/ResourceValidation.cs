using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for requests and limits.</summary>
internal static class ResourceValidation
{
    private static readonly string[] Standard = ["cpu", "memory", "ephemeral-storage"];

    public static void Requirements(JsonObject? resources, FieldPath path, FieldErrors errors)
    {
        if (resources is null)
        {
            return;
        }

        var limits = Amounts(resources, "limits", path.Field("limits"), errors);
        var requests = Amounts(resources, "requests", path.Field("requests"), errors);
        foreach (var (name, request) in requests)
        {
            if (limits.TryGetValue(name, out var limit))
            {
                if (MayBeOvercommitted(name) && request > limit)
                {
                    errors.Invalid(path.Field("requests"), request.ToString(), $"must be less than or equal to {name} limit of {limit}");
                }
                else if (!MayBeOvercommitted(name) && request != limit)
                {
                    errors.Invalid(path.Field("requests"), request.ToString(), $"must be equal to {name} limit of {limit}");
                }
            }
            else if (!MayBeOvercommitted(name))
            {
                errors.Required(path.Field("limits"), "Limit must be set for non overcommitable resources");
            }
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

    private static Dictionary<string, Quantity> Amounts(JsonObject resources, string list, FieldPath path, FieldErrors errors)
    {
        Dictionary<string, Quantity> amounts = new(StringComparer.Ordinal);
        foreach (var (name, text) in resources.Pairs(list))
        {
            var at = path.Key(name);
            errors.Check(at, name, Names.QualifiedName(name));
            if (!name.Contains('/', StringComparison.Ordinal) && !Standard.Contains(name) && !name.StartsWith("hugepages-", StringComparison.Ordinal))
            {
                errors.Invalid(at, name, "must be a standard resource for containers");
            }

            if (!Quantity.TryParse(text, out var amount))
            {
                errors.Invalid(at, text, Quantity.MalformedMessage);
                continue;
            }

            amounts[name] = amount;
            if (amount.Sign < 0)
            {
                errors.Invalid(at, text, "must be greater than or equal to 0");
            }
            else if (name.Contains('/', StringComparison.Ordinal) && decimal.Truncate(amount.Amount) != amount.Amount)
            {
                errors.Invalid(at, text, "must be an integer");
            }
        }

        return amounts;
    }

    /// <summary>Resources of ours may be asked for beyond what is held ready; devices and huge pages may not.</summary>
    private static bool MayBeOvercommitted(string name) =>
        !name.StartsWith("hugepages-", StringComparison.Ordinal) && (!name.Contains('/', StringComparison.Ordinal) || name.Contains("kubernetes.io/", StringComparison.Ordinal));
}
