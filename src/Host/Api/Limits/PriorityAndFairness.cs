using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Metrics;

namespace ActorOrchestrator.Host.Api.Limits;

/// <summary>What a request was classified as.</summary>
/// <param name="Schema">Its flow schema.</param>
/// <param name="Level">The priority level that the schema names.</param>
/// <param name="Flow">Which of the schema's flows.</param>
internal readonly record struct FlowMatch(FlowSchema Schema, LevelLimits Level, string Flow)
{
    /// <summary>By ids, so that nobody learns the names by which an administrator tells his users apart.</summary>
    public void Stamp(HttpResponse response)
    {
        if (Level.Uid.Length > 0 && Schema.Uid.Length > 0)
        {
            response.Headers["X-Kubernetes-PF-FlowSchema-UID"] = Schema.Uid;
            response.Headers["X-Kubernetes-PF-PriorityLevel-UID"] = Level.Uid;
        }
    }
}

/// <summary>
/// API priority and fairness: a request is classified by the flow schemas as they are now and takes a seat of its priority level, waits for one, or is refused.
/// The exempt level costs a counter, the others a short lock.
/// </summary>
internal sealed class PriorityAndFairness(IClusterReader reader, ApiSettings settings, TimeProvider time) : IMetricsSource
{
    private readonly ConcurrentDictionary<(string Schema, string Level, string Reason), long> _rejected = new();
    private readonly Lock _lock = new();
    private Current _current = new(null, null, FlowConfiguration.Of([], [], settings.Seats));
    private SeatPool? _pool;
    private int _exempt;
    private int _reads;
    private int _writes;

    public int Reads => Volatile.Read(ref _reads);
    public int Writes => Volatile.Read(ref _writes);

    public FlowMatch Classify(UserInfo user, in RequestAttributes request)
    {
        var configuration = Configuration();
        var schema = configuration.Classify(user, request);
        return new FlowMatch(schema, configuration.Levels[schema.Level], schema.FlowOf(user, request));
    }

    /// <summary>Takes a seat if there is one. Whoever entered must <see cref="Leave"/>.</summary>
    public bool TryEnter(in FlowMatch match, bool writes)
    {
        if (match.Level.IsExempt || settings.Seats == 0)
        {
            Interlocked.Increment(ref _exempt);
        }
        else
        {
            lock (_lock)
            {
                if (!Pool.TryTake(match.Level.Name))
                {
                    return false;
                }
            }
        }

        Interlocked.Increment(ref writes ? ref _writes : ref _reads);
        return true;
    }

    /// <summary>Waits for a seat, a quarter of the time that the request has. False when it is refused. Whoever entered must <see cref="Leave"/>.</summary>
    public async ValueTask<bool> EnterAsync(FlowMatch match, bool writes, CancellationToken cancellation)
    {
        Waiting? waiting;
        lock (_lock)
        {
            waiting = Pool.TryWait(match.Level.Name, HashOf(match));
        }

        if (waiting is null)
        {
            Reject(match, match.Level.Queuing is null ? "concurrency-limit" : "queue-full");
            return false;
        }

        using (var patience = new CancellationTokenSource(settings.RequestTimeout / 4, time))
        using (patience.Token.UnsafeRegister(_ => GiveUp(waiting), null))
        using (cancellation.UnsafeRegister(_ => GiveUp(waiting), null))
        {
            if (!await waiting.Seated.ConfigureAwait(false))
            {
                Reject(match, cancellation.IsCancellationRequested ? "cancelled" : "time-out");
                return false;
            }
        }

        Interlocked.Increment(ref writes ? ref _writes : ref _reads);
        return true;
    }

    public void Leave(in FlowMatch match, bool writes)
    {
        Interlocked.Decrement(ref writes ? ref _writes : ref _reads);
        if (match.Level.IsExempt || settings.Seats == 0)
        {
            Interlocked.Decrement(ref _exempt);
            return;
        }

        lock (_lock)
        {
            Pool.Leave(match.Level.Name);
        }
    }

    public void Write(MetricsWriter writer)
    {
        var levels = Configuration().Levels.Values.OrderBy(level => level.Name, StringComparer.Ordinal).ToArray();
        (LevelLimits Level, int Seats, int Waiting)[] state;
        lock (_lock)
        {
            state = [.. levels.Select(level => (level, level.IsExempt ? Volatile.Read(ref _exempt) : Pool.SeatsOf(level.Name), Pool.WaitingOf(level.Name)))];
        }

        Family("apiserver_flowcontrol_current_executing_seats", "[BETA] Concurrency (number of seats) occupied by the currently executing requests in the API Priority and Fairness subsystem", item => item.Seats);
        Family("apiserver_flowcontrol_current_inqueue_seats", "[ALPHA] Number of seats currently pending in queues of the API Priority and Fairness subsystem", item => item.Waiting);
        Family("apiserver_flowcontrol_nominal_limit_seats", "[BETA] Nominal number of execution seats configured for each priority level", item => item.Level.Nominal);
        writer.Family("apiserver_flowcontrol_rejected_requests_total", "counter", "[BETA] Number of requests rejected by API Priority and Fairness subsystem");
        foreach (var (key, count) in _rejected.OrderBy(pair => pair.Key))
        {
            writer.Sample("apiserver_flowcontrol_rejected_requests_total", $"flow_schema=\"{key.Schema}\",priority_level=\"{key.Level}\",reason=\"{key.Reason}\"", count);
        }

        void Family(string name, string help, Func<(LevelLimits Level, int Seats, int Waiting), int> value)
        {
            writer.Family(name, "gauge", help);
            foreach (var item in state)
            {
                writer.Sample(name, $"priority_level=\"{item.Level.Name}\"", value(item));
            }
        }
    }

    private SeatPool Pool => _pool ??= new SeatPool(_current.Configuration);

    /// <summary>A few hundred names at the most: those of the schemas that administrators make.</summary>
    private void Reject(in FlowMatch match, string reason) => _rejected.AddOrUpdate((match.Schema.Name, match.Level.Name, reason), 1, static (_, count) => count + 1);

    private void GiveUp(Waiting waiting)
    {
        lock (_lock)
        {
            if (!Pool.GiveUp(waiting))
            {
                return;
            }
        }

        waiting.Answer(false);
    }

    private FlowConfiguration Configuration()
    {
        var snapshot = reader.Current;
        var (schemas, levels) = (snapshot.IdentityOf(ResourceTypes.FlowSchemas), snapshot.IdentityOf(ResourceTypes.PriorityLevelConfigurations));
        var current = Volatile.Read(ref _current);
        return ReferenceEquals(current.Schemas, schemas) && ReferenceEquals(current.Levels, levels) ? current.Configuration : Configure(snapshot, schemas, levels);
    }

    private FlowConfiguration Configure(ClusterSnapshot snapshot, object schemas, object levels)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_current.Schemas, schemas) || !ReferenceEquals(_current.Levels, levels))
            {
                var configuration = FlowConfiguration.Of(snapshot.All(ResourceTypes.FlowSchemas), snapshot.All(ResourceTypes.PriorityLevelConfigurations), settings.Seats);
                Pool.Configure(configuration);
                Volatile.Write(ref _current, new Current(schemas, levels, configuration));
            }

            return _current.Configuration;
        }
    }

    private static ulong HashOf(in FlowMatch match) =>
        XxHash64.HashToUInt64(MemoryMarshal.AsBytes(match.Flow.AsSpan()), (long)XxHash64.HashToUInt64(MemoryMarshal.AsBytes(match.Schema.Name.AsSpan())));

    private sealed record Current(object? Schemas, object? Levels, FlowConfiguration Configuration);
}
