using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Limits;

/// <summary>
/// How many requests are worked on at once: reads and writes each have their bound, and no user may hold more than a share of it. What comes above is
/// refused at once with 429, so that nothing waits in memory. Requests without an end (watches, logs) do not count. Lock-free.
/// </summary>
/// <remarks>Users are counted in a fixed number of places by their names' hash: two users may share a place, but a thousand invented names take no memory.</remarks>
internal sealed class InFlightLimits(ApiSettings settings)
{
    public const string Masters = "system:masters";
    private const int Places = 1024;

    private readonly Lane _reads = new(settings.MaxReadsInFlight, settings.UserShareInFlight);
    private readonly Lane _writes = new(settings.MaxWritesInFlight, settings.UserShareInFlight);

    public int Reads => _reads.Count;
    public int Writes => _writes.Count;

    /// <summary>False when the bound is reached. Whoever entered must <see cref="Leave"/>.</summary>
    public bool TryEnter(UserInfo user, bool writes) => (writes ? _writes : _reads).TryEnter(Place(user), user);

    public void Leave(UserInfo user, bool writes) => (writes ? _writes : _reads).Leave(Place(user));

    private static int Place(UserInfo user) => (int)((uint)user.Name.GetHashCode(StringComparison.Ordinal) % Places);

    private sealed class Lane(int limit, double share)
    {
        private readonly int[] _users = new int[Places];
        private readonly int _userLimit = limit == 0 ? int.MaxValue : Math.Max(1, (int)(limit * share));
        private readonly int _limit = limit == 0 ? int.MaxValue : limit;
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public bool TryEnter(int place, UserInfo user)
        {
            var all = Interlocked.Increment(ref _count);
            var own = Interlocked.Increment(ref _users[place]);

            // Those who repair an overloaded cluster always get an answer, as upstream has it.
            if ((all <= _limit && own <= _userLimit) || user.Groups.Contains(Masters))
            {
                return true;
            }

            Leave(place);
            return false;
        }

        public void Leave(int place)
        {
            Interlocked.Decrement(ref _count);
            Interlocked.Decrement(ref _users[place]);
        }
    }
}
