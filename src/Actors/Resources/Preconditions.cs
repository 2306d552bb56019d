using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources;

/// <summary>What a writer assumes of the object it writes.</summary>
internal static class Preconditions
{
    /// <summary>409 when the object is another one, or the same at another revision; null when the assumptions hold.</summary>
    public static ApiStatus? Check(StoredObject current, string? uid, Revision? revision)
    {
        if (!string.IsNullOrEmpty(uid) && uid != current.Uid)
        {
            return ApiStatus.Conflict(current.Key, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Uid}");
        }

        return revision is { } wanted && wanted != current.Revision ? ApiStatus.StaleRevision(current.Key) : null;
    }

    /// <summary>The same of a deletion, which upstream words by itself: it names the kind, what was assumed and what there is.</summary>
    public static ApiStatus? CheckDeletion(StoredObject current, string kind, string? uid, Revision? revision)
    {
        if (!string.IsNullOrEmpty(uid) && uid != current.Uid)
        {
            return Refused($"the UID in the precondition ({uid}) does not match the UID in record ({current.Uid}). The object might have been deleted and then recreated");
        }

        return revision is { } wanted && wanted != current.Revision
            ? Refused($"the ResourceVersion in the precondition ({wanted}) does not match the ResourceVersion in record ({current.Revision}). The object might have been modified")
            : null;

        ApiStatus Refused(string why) => ApiStatus.Conflict(current.Key with { Type = current.Key.Type with { Plural = kind } }, why);
    }
}
