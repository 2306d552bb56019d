using System.Globalization;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Strategies;

namespace ActorOrchestrator.Actors.Resources;

internal enum DeletionStep
{
    /// <summary>Nothing holds it: remove the object.</summary>
    Remove,

    /// <summary>The tree was changed: write it, and somebody else's act completes the deletion.</summary>
    Mark,

    /// <summary>It is being deleted and this request adds nothing.</summary>
    AlreadyUnderWay,
}

/// <summary>
/// How an object leaves, as upstream's <c>registry.Store.Delete</c> and <c>rest.BeforeDelete</c>: finalizers by propagation policy, then a
/// grace period, then gone.
/// </summary>
internal static class Deletion
{
    private const string Orphan = "orphan";
    private const string Foreground = "foregroundDeletion";

    /// <summary>Decides the next step and, for <see cref="DeletionStep.Mark"/>, makes the tree what is to be written.</summary>
    public static DeletionStep Next(JsonObject obj, ResourceStrategy strategy, DeleteRequest request, DateTimeOffset now)
    {
        var metadata = obj.Ensure("metadata");
        var grace = strategy.GracePeriod(obj, request);
        strategy.OnDeletionRequested(obj);
        var finalizersChanged = ApplyPropagation(metadata, request.PropagationPolicy ?? DefaultOf(strategy, metadata));
        var held = metadata.Array("finalizers") is { Count: > 0 } || strategy.IsHeld(obj);
        var marked = metadata.Text("deletionTimestamp").Length > 0;
        if (!held && grace == 0)
        {
            return DeletionStep.Remove;
        }

        if (marked)
        {
            var pending = metadata.Number("deletionGracePeriodSeconds") ?? 0;
            var sooner = request.GracePeriodSeconds is { } asked && Math.Max(asked, 0) < pending && grace < pending;
            if (sooner)
            {
                Shorten(metadata, pending, grace, now);
            }

            return sooner || finalizersChanged ? DeletionStep.Mark : DeletionStep.AlreadyUnderWay;
        }

        SetGrace(metadata, grace, now);
        if (metadata.Number("generation") is > 0 and var generation)
        {
            metadata["generation"] = generation + 1;
        }

        strategy.OnDeletionMarked(obj);
        return DeletionStep.Mark;
    }

    /// <summary>An update has taken the last thing away that held a deleted object back.</summary>
    public static bool IsComplete(JsonObject obj, ResourceStrategy strategy)
    {
        var metadata = obj.Object("metadata");
        return metadata.Text("deletionTimestamp").Length > 0
            && metadata.Array("finalizers") is not { Count: > 0 }
            && (metadata.Number("deletionGracePeriodSeconds") ?? 0) == 0
            && !strategy.IsHeld(obj);
    }

    /// <summary>The kind's default counts only while the object says nothing itself.</summary>
    private static string? DefaultOf(ResourceStrategy strategy, JsonObject metadata) =>
        metadata.Strings("finalizers").Exists(name => name is Orphan or Foreground) ? null : strategy.DefaultPropagation;

    /// <summary>
    /// The time of the first request counts: the new period runs from there, never into the past. What is over already is left one second, in which
    /// whoever ends the object gracefully sees it.
    /// </summary>
    private static void Shorten(JsonObject metadata, long pending, long grace, DateTimeOffset now)
    {
        var begun = DateTimeOffset.TryParse(metadata.Text("deletionTimestamp"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var due)
            ? due - TimeSpan.FromSeconds(pending)
            : now;
        var moved = begun + TimeSpan.FromSeconds(grace);
        if (moved < now)
        {
            (moved, grace) = (now, Math.Min(grace, 1));
        }

        metadata["deletionTimestamp"] = JsonNodes.Time(moved);
        metadata["deletionGracePeriodSeconds"] = grace;
    }

    private static void SetGrace(JsonObject metadata, long grace, DateTimeOffset now)
    {
        metadata["deletionTimestamp"] = JsonNodes.Time(now + TimeSpan.FromSeconds(grace));
        metadata["deletionGracePeriodSeconds"] = grace;
    }

    private static bool ApplyPropagation(JsonObject metadata, string? policy)
    {
        var before = metadata.Strings("finalizers");
        var after = policy switch
        {
            "Orphan" => [.. before.Where(name => name is not (Orphan or Foreground)), Orphan],
            "Foreground" => [.. before.Where(name => name is not (Orphan or Foreground)), Foreground],
            "Background" => before.Where(name => name is not (Orphan or Foreground)).ToList(),
            _ => before,
        };
        if (before.ToHashSet().SetEquals(after))
        {
            return false;
        }

        metadata.SetStrings("finalizers", after);
        return true;
    }
}
