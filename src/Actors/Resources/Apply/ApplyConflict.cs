using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema.Fields;

namespace ActorOrchestrator.Actors.Resources.Apply;

/// <summary>The 409 of an apply that would take others' fields.</summary>
internal static class ApplyConflict
{
    public static ApiStatus Status(ImmutableArray<FieldConflict> conflicts) => new(409, "Conflict", Message(conflicts))
    {
        Causes = [.. conflicts.Select(conflict => new StatusCause("FieldManagerConflict", $"conflict with {conflict.Manager}", FieldSet.Spell(conflict.Path)))],
    };

    private static string Message(ImmutableArray<FieldConflict> conflicts)
    {
        if (conflicts is [var only])
        {
            return $"Apply failed with 1 conflict: conflict with {only.Manager}: {FieldSet.Spell(only.Path)}";
        }

        var lines = conflicts.GroupBy(conflict => conflict.Manager).OrderBy(group => group.Key)
            .SelectMany(group => group.Select(conflict => $"- {FieldSet.Spell(conflict.Path)}").Prepend($"conflicts with {group.Key}:"));
        return $"Apply failed with {conflicts.Length} conflicts: {string.Join("\n", lines)}";
    }
}
