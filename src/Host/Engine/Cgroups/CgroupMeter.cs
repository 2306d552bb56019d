using ActorOrchestrator.Actors.NodeAgent.Usage;
using Microsoft.Win32.SafeHandles;

namespace ActorOrchestrator.Host.Engine.Cgroups;

/// <summary>
/// The kernel's control groups, version 1 or 2, read where they are mounted: three small files a container, which costs some tens of microseconds, where the
/// engine's own statistics cost milliseconds. For one reader at a time.
/// </summary>
public sealed class CgroupMeter : IUsageMeter
{
    private readonly string _proc;
    private readonly CgroupMounts? _mounts;
    private readonly CgroupFile _file = new();

    // Learnt from processes: an engine keeps all its containers in one place, as a rule.
    private readonly List<(string Id, CgroupPlace Place)> _learnt = [];

    /// <param name="proc">Where the kernel shows processes.</param>
    public CgroupMeter(string proc = "/proc")
    {
        _proc = proc;
        _mounts = CgroupMounts.Read(_file.Text($"{proc}/self/mountinfo"));
        Machine = _mounts is { IsUnified: false } ? new VersionOneAccount(_file, new CgroupPlace(_mounts.Cpu.Path, _mounts.Memory.Path)) : new MachineAccount(_file, _mounts?.Cpu.Path, proc);
    }

    public IUsageAccount Machine { get; }

    public IUsageAccount? Find(string containerId)
    {
        foreach (var (id, place) in _learnt)
        {
            if (place.For(id, containerId) is { } candidate && Directory.Exists(candidate.Memory) && Directory.Exists(candidate.Cpu))
            {
                return AccountAt(candidate);
            }
        }

        return null;
    }

    public IUsageAccount? Find(string containerId, int processId)
    {
        if (_mounts?.PlaceOf(_file.Text($"{_proc}/{processId}/cgroup")) is not { } place || !Directory.Exists(place.Memory) || !Directory.Exists(place.Cpu))
        {
            return null;
        }

        if (place.For(containerId, "") is { } kind && !_learnt.Exists(known => known.Place.For(known.Id, "") == kind))
        {
            _learnt.Add((containerId, place));
        }

        return AccountAt(place);
    }

    private IUsageAccount AccountAt(CgroupPlace place) => _mounts!.IsUnified ? new VersionTwoAccount(_file, place) : new VersionOneAccount(_file, place);

    /// <summary>Version 1: Documentation/admin-guide/cgroup-v1 of the kernel. The totals are those of the whole tree below.</summary>
    private sealed class VersionOneAccount(CgroupFile file, CgroupPlace place) : IUsageAccount
    {
        private readonly string _cpu = place.Cpu + "/cpuacct.usage";
        private readonly string _memory = place.Memory + "/memory.usage_in_bytes";
        private readonly string _statistics = place.Memory + "/memory.stat";

        public bool TryRead(out UsageReading reading)
        {
            reading = default;
            if (!CgroupText.TryNumber(file.Read(_cpu), out var cpu) || !CgroupText.TryNumber(file.Read(_memory), out var memory))
            {
                return false;
            }

            var statistics = file.Read(_statistics);
            reading = new UsageReading(
                cpu,
                Math.Max(0, memory - CgroupText.Field(statistics, "total_inactive_file"u8)),
                memory,
                CgroupText.Field(statistics, "total_rss"u8),
                CgroupText.Field(statistics, "total_pgfault"u8),
                CgroupText.Field(statistics, "total_pgmajfault"u8));
            return true;
        }
    }

    /// <summary>Version 2: Documentation/admin-guide/cgroup-v2 of the kernel.</summary>
    private sealed class VersionTwoAccount(CgroupFile file, CgroupPlace place) : IUsageAccount
    {
        private readonly string _cpu = place.Cpu + "/cpu.stat";
        private readonly string _memory = place.Memory + "/memory.current";
        private readonly string _statistics = place.Memory + "/memory.stat";

        public bool TryRead(out UsageReading reading)
        {
            reading = default;
            if (!CgroupText.TryNumber(file.Read(_memory), out var memory))
            {
                return false;
            }

            var cpu = CgroupText.Field(file.Read(_cpu), "usage_usec"u8) * 1000;
            var statistics = file.Read(_statistics);
            reading = new UsageReading(
                cpu,
                Math.Max(0, memory - CgroupText.Field(statistics, "inactive_file"u8)),
                memory,
                CgroupText.Field(statistics, "anon"u8),
                CgroupText.Field(statistics, "pgfault"u8),
                CgroupText.Field(statistics, "pgmajfault"u8));
            return true;
        }
    }

    /// <summary>The root group of version 2 accounts for no memory; what the kubelet's runtime library takes instead is the machine's own.</summary>
    private sealed class MachineAccount(CgroupFile file, string? root, string proc) : IUsageAccount
    {
        /// <summary>USER_HZ: of the interface, whatever the kernel ticks at.</summary>
        private const long NanosecondsPerTick = 1_000_000_000 / 100;

        private readonly string _cpu = root is null ? "" : root + "/cpu.stat";
        private readonly string _statistics = proc + "/stat";
        private readonly string _memory = proc + "/meminfo";

        public bool TryRead(out UsageReading reading)
        {
            reading = default;
            var microseconds = _cpu.Length > 0 ? CgroupText.Field(file.Read(_cpu), "usage_usec"u8) : 0;
            var cpu = microseconds > 0 ? microseconds * 1000 : CgroupText.BusyTicks(file.Read(_statistics)) * NanosecondsPerTick;
            var memory = file.Read(_memory);
            var total = CgroupText.Field(memory, "MemTotal"u8);
            if (total == 0)
            {
                return false;
            }

            var used = (total - CgroupText.Field(memory, "MemFree"u8)) * 1024;
            reading = new UsageReading(cpu, Math.Max(0, used - CgroupText.Field(memory, "Inactive(file)"u8) * 1024), used, CgroupText.Field(memory, "AnonPages"u8) * 1024);
            return true;
        }
    }
}

/// <summary>Reads the kernel's small files over and over into one buffer.</summary>
internal sealed class CgroupFile
{
    private readonly byte[] _buffer = new byte[16 * 1024];

    /// <summary>What is in the file, until the next call; nothing when it is not there (any more).</summary>
    public ReadOnlySpan<byte> Read(string path)
    {
        try
        {
            using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var length = 0;
            while (length < _buffer.Length && RandomAccess.Read(handle, _buffer.AsSpan(length), length) is var read and > 0)
            {
                length += read;
            }

            return _buffer.AsSpan(0, length);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The whole of a file that may be longer than the others; empty when it is not there.</summary>
    public string Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
