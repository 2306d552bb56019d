using System.Diagnostics;
using ActorOrchestrator.Actors.NodeAgent.Usage;
using ActorOrchestrator.Host.Engine.Cgroups;

namespace ActorOrchestrator.Bench.Usage;

/// <summary>What it costs a node to know what 30 pods of one container use: real control groups, made for this and empty, read as the node agent reads them.</summary>
public sealed class UsageBench : IBench
{
    private const int Containers = 30;
    private const int Rounds = 400;
    private const double IntervalMicroseconds = 15_000_000;
    private const string Group = "orchestrator-bench";

    public string Name => "usage";

    public Task RunAsync(Report report, CancellationToken cancellation)
    {
        var proc = Directory.CreateTempSubdirectory("orchestrator-bench-proc-").FullName;
        var made = new List<string>();
        try
        {
            var meter = MeterOf(proc, out var mounts);
            made.AddRange(mounts);
            var accounts = new List<IUsageAccount> { meter.Machine };
            for (var i = 0; i < Containers; i++)
            {
                foreach (var mount in mounts)
                {
                    made.Insert(0, Directory.CreateDirectory($"{mount}/{IdOf(i)}").FullName);
                }

                accounts.Add((i == 0 ? meter.Find(IdOf(i), 1) : meter.Find(IdOf(i))) ?? throw new InvalidOperationException("The control groups of the bench cannot be read."));
            }

            Read(accounts, Rounds / 4);
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var began = Stopwatch.GetTimestamp();
            Read(accounts, Rounds);
            var microseconds = Stopwatch.GetElapsedTime(began).TotalMicroseconds / Rounds;
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            report.Add(new Measurement(Name, $"{Containers} containers and the machine are read once", microseconds, "µs"));
            report.Add(new Measurement(Name, "of it, allocated", allocated / (double)Rounds / 1024, "KiB"));
            report.Add(new Measurement(Name, "at one reading in 15 s", 100 * microseconds / IntervalMicroseconds, "% core", Target: "≤ 0.1"));
        }
        finally
        {
            foreach (var group in made)
            {
                Directory.Delete(group);
            }

            Directory.Delete(proc, recursive: true);
        }

        return Task.CompletedTask;
    }

    private static string IdOf(int container) => $"{container:x64}";

    private static void Read(List<IUsageAccount> accounts, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            foreach (var account in accounts)
            {
                if (!account.TryRead(out _))
                {
                    throw new InvalidOperationException("An account of the bench cannot be read.");
                }
            }
        }
    }

    /// <summary>A meter to which process 1 is in the bench's first group.</summary>
    private static CgroupMeter MeterOf(string proc, out string[] groups)
    {
        var mountInfo = File.ReadAllText("/proc/self/mountinfo");
        var mounts = CgroupMounts.Read(mountInfo) ?? throw new InvalidOperationException("No control groups are mounted here.");
        Directory.CreateDirectory($"{proc}/self");
        Directory.CreateDirectory($"{proc}/1");
        File.WriteAllText($"{proc}/self/mountinfo", mountInfo);
        File.WriteAllText($"{proc}/meminfo", File.ReadAllText("/proc/meminfo"));
        var path = $"/{Group}/{IdOf(0)}";
        File.WriteAllText($"{proc}/1/cgroup", mounts.IsUnified ? $"0::{path}\n" : $"2:cpuacct:{path}\n1:memory:{path}\n");
        groups = [.. new[] { mounts.Cpu.Path, mounts.Memory.Path }.Distinct().Select(mount => Directory.CreateDirectory($"{mount}/{Group}").FullName)];
        return new CgroupMeter(proc);
    }
}
