using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.NodeAgent.Usage;

namespace ActorOrchestrator.Actors.NodeAgent.Simulation;

/// <summary>What a simulated container uses at the moment.</summary>
/// <param name="CpuNanocores">Billionths of a core.</param>
/// <param name="MemoryBytes">Its working set.</param>
public sealed record SimulatedUse(long CpuNanocores, long MemoryBytes)
{
    public static readonly SimulatedUse Idle = new(0, 1 << 20);
}

/// <summary>The accounting of a machine that is only memory: containers use what the simulation says that they use, and counters grow with its time.</summary>
public sealed class SimulatedUsage(SimulatedEngine engine, TimeProvider time) : IUsageMeter
{
    private Account? _machine;

    /// <summary>What a container uses; it may change at any time and holds until it is asked again.</summary>
    public Func<ContainerIdentity, SimulatedUse> Program { get; set; } = _ => SimulatedUse.Idle;

    /// <summary>What everything else on the machine uses.</summary>
    public SimulatedUse System { get; set; } = SimulatedUse.Idle;

    public IUsageAccount Machine => _machine ??= new Account(time, OfMachine);

    public IUsageAccount? Find(string containerId) => engine.Find(containerId) is null ? null : new Account(time, () => OfContainer(engine.Find(containerId)));

    public IUsageAccount? Find(string containerId, int processId) => Find(containerId);

    private SimulatedUse? OfContainer(EngineContainer? container) =>
        container is { State: EngineContainerState.Running } && ContainerLabels.Read(container.Labels) is { } identity
            ? identity.IsSandbox ? SimulatedUse.Idle : Program(identity)
            : null;

    private SimulatedUse OfMachine()
    {
        var (cpu, memory) = (System.CpuNanocores, System.MemoryBytes);
        foreach (var container in engine.Containers)
        {
            if (OfContainer(container) is { } use)
            {
                (cpu, memory) = (cpu + use.CpuNanocores, memory + use.MemoryBytes);
            }
        }

        return new SimulatedUse(cpu, memory);
    }

    /// <summary>Grows by what is used now, for the time since it was read last.</summary>
    private sealed class Account(TimeProvider time, Func<SimulatedUse?> use) : IUsageAccount
    {
        private long _readAt = time.GetTimestamp();
        private double _nanoseconds;

        public bool TryRead(out UsageReading reading)
        {
            reading = default;
            if (use() is not { } now)
            {
                return false;
            }

            var at = time.GetTimestamp();
            _nanoseconds += now.CpuNanocores * time.GetElapsedTime(_readAt, at).TotalSeconds;
            _readAt = at;
            reading = new UsageReading((long)Math.Round(_nanoseconds), now.MemoryBytes, now.MemoryBytes);
            return true;
        }
    }
}
