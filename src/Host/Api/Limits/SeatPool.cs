namespace ActorOrchestrator.Host.Api.Limits;

/// <summary>One request that waits for a seat.</summary>
internal sealed class Waiting(string level, ulong flow)
{
    private readonly TaskCompletionSource<bool> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Level => level;
    public ulong Flow => flow;

    /// <summary>Whether it has got one.</summary>
    public Task<bool> Seated => _answer.Task;

    public void Answer(bool seated) => _answer.TrySetResult(seated);
}

/// <summary>
/// Who sits and who waits. Invariants:
///   1. a level may always take what it never lends (<see cref="LevelLimits.Least"/>), whatever the others do;
///   2. no more sit than there are seats, and of one level no more than it may borrow;
///   3. above its own share a level takes no seat while another waits below its share;
///   4. who waits goes in the order of its level's fair queues.
/// Seats are lent the moment somebody asks, where upstream moves them every ten seconds by what was asked for before. A request has one seat. Not for two threads at once.
/// </summary>
internal sealed class SeatPool
{
    private readonly Dictionary<string, Level> _levels = new(StringComparer.Ordinal);
    private int _seats;

    // Seats that are taken or kept for a level that never lends them.
    private int _committed;

    public SeatPool(FlowConfiguration configuration) => Configure(configuration);

    public int Waiting { get; private set; }

    public int SeatsOf(string level) => _levels.TryGetValue(level, out var known) ? known.Taken : 0;

    public int WaitingOf(string level) => _levels.TryGetValue(level, out var known) ? known.Queues.Count : 0;

    /// <summary>From now on these limits count; who sits and who waits goes on.</summary>
    public void Configure(FlowConfiguration configuration)
    {
        foreach (var limits in configuration.Levels.Values)
        {
            if (_levels.TryGetValue(limits.Name, out var level))
            {
                level.Change(limits);
            }
            else
            {
                _levels.Add(limits.Name, new Level(limits));
            }
        }

        foreach (var level in _levels.Values.Where(level => !configuration.Levels.ContainsKey(level.Limits.Name)).ToArray())
        {
            // It is gone; its last requests use what others leave.
            level.Change(level.Limits with { Nominal = 0, Least = 0, Most = configuration.Seats, Queuing = null });
            if (level is { Taken: 0, Queues.Count: 0 })
            {
                _levels.Remove(level.Limits.Name);
            }
        }

        _seats = configuration.Seats;
        _committed = _levels.Values.Sum(level => Math.Max(level.Limits.Least, level.Taken));
        Seat();
    }

    /// <summary>Takes a seat at once, or says that the request must wait or be refused.</summary>
    public bool TryTake(string name)
    {
        // Who comes while others of its level wait waits behind them.
        if (!_levels.TryGetValue(name, out var level) || level.Queues.Count > 0 || !MayTake(level))
        {
            return false;
        }

        Take(level);
        return true;
    }

    /// <summary>Null when the level has no queues, or those of the flow are full.</summary>
    public Waiting? TryWait(string name, ulong flow)
    {
        if (!_levels.TryGetValue(name, out var level) || level.Limits.Queuing is null)
        {
            return null;
        }

        var waiting = new Waiting(name, flow);
        if (!level.Queues.TryAdd(waiting, flow))
        {
            return null;
        }

        Waiting++;
        return waiting;
    }

    /// <summary>Its patience is over. False when it has got its seat in the meantime.</summary>
    public bool GiveUp(Waiting waiting)
    {
        if (!_levels.TryGetValue(waiting.Level, out var level) || !level.Queues.Remove(waiting))
        {
            return false;
        }

        Waiting--;
        Seat();
        return true;
    }

    /// <summary>A seat is free again, for whoever waits.</summary>
    public void Leave(string name)
    {
        var level = _levels[name];
        if (level.Taken > level.Limits.Least)
        {
            _committed--;
        }

        level.Taken--;
        Seat();
    }

    private bool MayTake(Level level)
    {
        var limits = level.Limits;
        return level.Taken < limits.Least
            || (level.Taken < limits.Most && _committed < _seats && (level.Taken < limits.Nominal || Waiting == 0 || !_levels.Values.Any(other => other != level && other.IsShort)));
    }

    private void Take(Level level)
    {
        if (level.Taken >= level.Limits.Least)
        {
            _committed++;
        }

        level.Taken++;
    }

    private void Seat()
    {
        while (Waiting > 0)
        {
            Level? next = null;
            foreach (var level in _levels.Values)
            {
                if (level.Queues.Count > 0 && (next is null || level.Fill < next.Fill) && MayTake(level))
                {
                    next = level;
                }
            }

            if (next?.Queues.Take() is not { } waiting)
            {
                return;
            }

            Waiting--;
            Take(next);
            waiting.Answer(true);
        }
    }

    private sealed class Level(LevelLimits limits)
    {
        // What waits where nothing may wait any more goes on as one queue.
        private static readonly Queuing Leftover = new(1, 1, 0);

        public LevelLimits Limits { get; private set; } = limits;
        public FairQueues<Waiting> Queues { get; private set; } = new(limits.Queuing ?? Leftover);
        public int Taken { get; set; }

        /// <summary>How much of its share it has.</summary>
        public double Fill => (double)Taken / Math.Max(Limits.Nominal, 1);

        public bool IsShort => Queues.Count > 0 && Taken < Limits.Nominal;

        public void Change(LevelLimits limits)
        {
            var before = Queues;
            if (limits.Queuing != Limits.Queuing)
            {
                Queues = new FairQueues<Waiting>(limits.Queuing ?? Leftover);
                foreach (var waiting in before.Waiters)
                {
                    Queues.TryAdd(waiting, waiting.Flow, force: true);
                }
            }

            Limits = limits;
        }
    }
}
