using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Namespaces;

internal sealed record NamespaceCondition(string Type, bool Status, string Reason, string Message);

/// <summary>What a terminating namespace says of itself, in the words of upstream's namespace deleter.</summary>
internal static class NamespaceConditions
{
    /// <param name="failing">API groups' versions of which it is not known what they have.</param>
    /// <param name="content">What remains.</param>
    /// <param name="failures">Why something could not be deleted.</param>
    public static ImmutableArray<NamespaceCondition> For(ImmutableArray<string> failing, ImmutableArray<StoredObject> content, ImmutableArray<string> failures) =>
    [
        failing.IsEmpty
            ? new("NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered", "All resources successfully discovered")
            : new("NamespaceDeletionDiscoveryFailure", true, "DiscoveryFailed", $"Discovery failed for some groups, {failing.Length} failing: unable to retrieve the complete list of server APIs: "
                + string.Join(", ", failing.Select(group => $"{group}: stale GroupVersion discovery: {group}"))),
        new("NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions", "All legacy kube types successfully parsed"),
        failures.IsEmpty
            ? new("NamespaceDeletionContentFailure", false, "ContentDeleted", "All content successfully deleted, may be waiting on finalization")
            : new("NamespaceDeletionContentFailure", true, "ContentDeletionFailed", $"Failed to delete all resource types, {failures.Length} remaining: {string.Join(", ", failures)}"),
        ContentRemaining(content),
        FinalizersRemaining(content),
    ];

    /// <summary>The object with the conditions; null when it has them already.</summary>
    public static JsonObject? Apply(JsonObject obj, ImmutableArray<NamespaceCondition> wanted, DateTimeOffset now)
    {
        var status = obj.Ensure("status");
        if (status.Array("conditions") is not { } conditions)
        {
            status["conditions"] = conditions = [];
        }

        var changed = false;
        foreach (var condition in wanted)
        {
            var state = condition.Status ? "True" : "False";
            var before = conditions.OfType<JsonObject>().FirstOrDefault(item => JsonNodes.Text(item, "type") == condition.Type);
            if (before is not null && JsonNodes.Text(before, "status") == state && JsonNodes.Text(before, "reason") == condition.Reason
                && JsonNodes.Text(before, "message") == condition.Message)
            {
                continue;
            }

            changed = true;
            var turned = before is not null && JsonNodes.Text(before, "status") == state ? JsonNodes.Text(before, "lastTransitionTime") : JsonNodes.Time(now);
            if (before is not null)
            {
                conditions.Remove(before);
            }

            conditions.Add((JsonNode)new JsonObject
            {
                ["type"] = condition.Type,
                ["status"] = state,
                ["lastTransitionTime"] = turned,
                ["reason"] = condition.Reason,
                ["message"] = condition.Message,
            });
        }

        return changed ? obj : null;
    }

    private static NamespaceCondition ContentRemaining(ImmutableArray<StoredObject> content)
    {
        var remaining = content.GroupBy(obj => obj.Key.Type)
            .Select(group => $"{group.Key.Plural}.{group.Key.Group} has {group.Count()} resource instances").Order(StringComparer.Ordinal).ToArray();
        return remaining.Length == 0
            ? new("NamespaceContentRemaining", false, "ContentRemoved", "All content successfully removed")
            : new("NamespaceContentRemaining", true, "SomeResourcesRemain", $"Some resources are remaining: {string.Join(", ", remaining)}");
    }

    private static NamespaceCondition FinalizersRemaining(ImmutableArray<StoredObject> content)
    {
        var remaining = content.SelectMany(obj => obj.Metadata.Finalizers).GroupBy(name => name)
            .Select(group => $"{group.Key} in {group.Count()} resource instances").Order(StringComparer.Ordinal).ToArray();
        return remaining.Length == 0
            ? new("NamespaceFinalizersRemaining", false, "ContentHasNoFinalizers", "All content-preserving finalizers finished")
            : new("NamespaceFinalizersRemaining", true, "SomeFinalizersRemain", $"Some content in the namespace has finalizers remaining: {string.Join(", ", remaining)}");
    }
}
