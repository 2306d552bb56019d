namespace ActorOrchestrator.Actors.NodeAgent.Usage;

/// <summary>The kernel's accounting of this machine and of the containers on it. What it counts means something only against an earlier reading.</summary>
public interface IUsageMeter
{
    /// <summary>The whole machine: pods, the system and everything else on it.</summary>
    IUsageAccount Machine { get; }

    /// <summary>The account of a running container by the engine's id; null when its place is not known, so that a process of it must be named.</summary>
    IUsageAccount? Find(string containerId);

    /// <summary>The same by a process of the container; containers like it are found by their ids alone from then on. Null when it is accounted nowhere.</summary>
    IUsageAccount? Find(string containerId, int processId);
}

/// <summary>Where the kernel keeps the figures of one container, or of the machine. Reading it blocks for some microseconds and is cheap enough to be done on an actor's thread.</summary>
public interface IUsageAccount
{
    /// <summary>False when there is nothing to read (any more).</summary>
    bool TryRead(out UsageReading reading);
}

/// <summary>The figures of an account at one instant, with cadvisor's meaning.</summary>
/// <param name="CpuNanoseconds">Processor time used since the account was opened.</param>
/// <param name="WorkingSetBytes">Memory in use without the page cache that the kernel gives back first.</param>
/// <param name="UsageBytes">All memory in use, page cache included.</param>
/// <param name="ResidentBytes">Anonymous memory.</param>
/// <param name="PageFaults">Since the account was opened.</param>
/// <param name="MajorPageFaults">Of these, those that had to wait for a disk.</param>
public readonly record struct UsageReading(long CpuNanoseconds, long WorkingSetBytes, long UsageBytes = 0, long ResidentBytes = 0, long PageFaults = 0, long MajorPageFaults = 0);
