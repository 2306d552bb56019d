using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.CustomResources;
using ActorOrchestrator.Contracts.Validation;
using StatusConditions = ActorOrchestrator.Actors.Resources.Conditions;

namespace ActorOrchestrator.Actors.Controllers.CustomResources;

/// <summary>
/// What a definition's status should say: the names that it has got among those of its group, and the conditions of upstream's naming, establishing,
/// approval and structural-schema controllers. Pure.
/// </summary>
internal static class DefinitionStatus
{
    private const string Approved = "api-approved.kubernetes.io";

    /// <param name="definition">A tree that may be changed.</param>
    /// <param name="others">The other definitions of its group.</param>
    /// <param name="now">The time of a condition that changes.</param>
    /// <returns>The definition with its status as it should be; null when it is so already.</returns>
    public static JsonObject? Apply(JsonObject definition, ImmutableArray<JsonObject> others, DateTimeOffset now)
    {
        var before = definition.Object("status")?.DeepClone();
        var status = definition.Ensure("status");
        var time = JsonNodes.Time(now);
        Names(definition, status, others, time);
        Structure(definition, status, time);
        Approval(definition, status, time);
        return JsonNode.DeepEquals(before, status) ? null : definition;
    }

    private static void Names(JsonObject definition, JsonObject status, ImmutableArray<JsonObject> others, string time)
    {
        var wanted = definition.Object("spec").Object("names") ?? [];
        var accepted = status.Ensure("acceptedNames");
        var resources = others.Select(other => other.Object("status").Object("acceptedNames")).SelectMany(names =>
            names.Strings("shortNames").Append(JsonNodes.Text(names, "plural")).Append(JsonNodes.Text(names, "singular"))).ToHashSet(StringComparer.Ordinal);
        var kinds = others.Select(other => other.Object("status").Object("acceptedNames")).SelectMany(names =>
            new[] { JsonNodes.Text(names, "kind"), JsonNodes.Text(names, "listKind") }).ToHashSet(StringComparer.Ordinal);

        (string Reason, string Message)? conflict = null;
        foreach (var (field, reason, taken) in new[] { ("plural", "PluralConflict", resources), ("singular", "SingularConflict", resources) })
        {
            conflict = Take(wanted, accepted, field, taken) is { } problem ? (reason, problem) : conflict;
        }

        conflict = TakeShortNames(wanted, accepted, resources) is { } shared ? ("ShortNamesConflict", shared) : conflict;
        foreach (var (field, reason, taken) in new[] { ("kind", "KindConflict", kinds), ("listKind", "ListKindConflict", kinds) })
        {
            conflict = Take(wanted, accepted, field, taken) is { } problem ? (reason, problem) : conflict;
        }

        accepted.CopyFrom(wanted, "categories");
        if (conflict is { } refused)
        {
            StatusConditions.Set(status, "NamesAccepted", "False", refused.Reason, refused.Message, time);
            if (!StatusConditions.IsTrue(status, "Established"))
            {
                StatusConditions.Set(status, "Established", "False", "NotAccepted", "not all names are accepted", time);
            }
        }
        else
        {
            StatusConditions.Set(status, "NamesAccepted", "True", "NoConflicts", "no conflicts found", time);
            if (StatusConditions.IsTrue(status, "Established"))
            {
                return;
            }

            if (HasBrokenAuthorities(definition))
            {
                StatusConditions.Set(status, "Established", "False", "InvalidCABundle", "The conversion webhook CABundle is invalid", time);
            }
            else
            {
                StatusConditions.Set(status, "Established", "True", "InitialNamesAccepted", "the initial names have been accepted", time);
            }
        }
    }

    private static bool HasBrokenAuthorities(JsonObject definition) =>
        JsonNodes.Text(definition.Object("spec").Object("conversion").Object("webhook").Object("clientConfig"), "caBundle") is { Length: > 0 } bundle
        && !CaBundle.IsReadable(bundle);

    private static string? Take(JsonObject wanted, JsonObject accepted, string field, HashSet<string> taken)
    {
        var name = JsonNodes.Text(wanted, field);
        if (name != JsonNodes.Text(accepted, field) && taken.Contains(name))
        {
            return $"\"{name}\" is already in use";
        }

        accepted[field] = name;
        return null;
    }

    private static string? TakeShortNames(JsonObject wanted, JsonObject accepted, HashSet<string> taken)
    {
        var mine = accepted.Strings("shortNames");
        var problems = wanted.Strings("shortNames").Where(name => !mine.Contains(name) && taken.Contains(name)).Select(name => $"\"{name}\" is already in use").ToArray();
        if (problems.Length == 0)
        {
            accepted.CopyFrom(wanted, "shortNames");
        }

        return problems.Length switch { 0 => null, 1 => problems[0], _ => $"[{string.Join(", ", problems)}]" };
    }

    private static void Structure(JsonObject definition, JsonObject status, string time)
    {
        var problem = DefinitionValidation.StructuralProblems(definition);
        if (problem.Length == 0)
        {
            StatusConditions.Remove(status, "NonStructuralSchema");
        }
        else
        {
            StatusConditions.Set(status, "NonStructuralSchema", "True", "Violations", problem, time);
        }
    }

    private static void Approval(JsonObject definition, JsonObject status, string time)
    {
        if (!ApprovalPolicy.IsProtected(definition.Object("spec").Text("group")))
        {
            StatusConditions.Remove(status, "KubernetesAPIApprovalPolicyConformant");
            return;
        }

        var (state, message) = ApprovalPolicy.Judge(definition.Object("metadata").Object("annotations").Text(Approved));
        var reason = state switch
        {
            ApprovalState.Approved => "ApprovedAnnotation",
            ApprovalState.Bypassed => "UnapprovedAnnotation",
            ApprovalState.Missing => "MissingAnnotation",
            _ => "InvalidAnnotation",
        };
        StatusConditions.Set(status, "KubernetesAPIApprovalPolicyConformant", state == ApprovalState.Approved ? "True" : "False", reason, message, time);
    }
}
