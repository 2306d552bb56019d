namespace ActorOrchestrator.Contracts.Resources;

/// <summary>
/// Which objects keep their typed model and their parsed text: those that were read last, because who reads an object is mostly followed by others. Both are
/// several times as large as the object, so that not every object can keep its own; a weak reference on each would keep the collector busy instead.
/// </summary>
internal static class RecentReadings
{
    private const int Kept = 256;

    /// <summary>Larger objects are read again; few are, and a ring full of them would be memory.</summary>
    private const int MostBytes = 32 * 1024;

    private static readonly StoredObject?[] Ring = new StoredObject?[Kept];
    private static int _next = -1;

    /// <summary>Whether the object may keep what was made of it until so many others have come.</summary>
    public static bool Take(StoredObject stored)
    {
        if (stored.Utf8.Length > MostBytes)
        {
            return false;
        }

        var at = (uint)Interlocked.Increment(ref _next) % Kept;
        Interlocked.Exchange(ref Ring[at], stored)?.ForgetReadings();
        return true;
    }
}
