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
}
