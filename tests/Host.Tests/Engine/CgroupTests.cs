using System.Text;
using ActorOrchestrator.Host.Engine.Cgroups;

namespace ActorOrchestrator.Host.Tests.Engine;

public sealed class CgroupTests : IDisposable
{
    private const string Id = "4f1c0e8d7b2a", Other = "9b8a7c6d5e4f";
    private readonly string _root = Directory.CreateTempSubdirectory("orchestrator-cgroups-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Version_1_has_a_hierarchy_for_each_controller()
    {
        var mounts = CgroupMounts.Read("""
            31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
            32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
            35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:13 - cgroup cgroup rw,memory
            41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
            """)!;
        Assert.False(mounts.IsUnified);
        Assert.Equal(new CgroupPlace($"/sys/fs/cgroup/cpu,cpuacct/docker/{Id}", $"/sys/fs/cgroup/memory/docker/{Id}"), mounts.PlaceOf($"""
            9:name=systemd:/docker/{Id}
            4:memory:/docker/{Id}
            1:cpu,cpuacct:/docker/{Id}
            0::/docker/{Id}
            """));
    }

    [Fact]
    public void Version_2_has_one_for_all()
    {
        var mounts = CgroupMounts.Read("30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n")!;
        Assert.True(mounts.IsUnified);
        var place = mounts.PlaceOf($"0::/system.slice/docker-{Id}.scope\n")!;
        Assert.Equal($"/sys/fs/cgroup/system.slice/docker-{Id}.scope", place.Memory);
        Assert.Equal($"/sys/fs/cgroup/system.slice/docker-{Other}.scope", place.For(Id, Other)!.Cpu);
        Assert.Null(place.For("another", Other));
    }

    [Fact]
    public void A_part_of_a_hierarchy_is_seen_from_where_it_is_mounted()
    {
        var mounts = CgroupMounts.Read("30 23 0:26 /machine/one /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")!;
        Assert.Equal("/sys/fs/cgroup/docker/x", mounts.PlaceOf("0::/machine/one/docker/x")!.Memory);
        Assert.Null(mounts.PlaceOf("0::/machine/two/docker/x"));
        Assert.Null(CgroupMounts.Read("31 23 0:28 / /proc rw,relatime - proc proc rw\n"));
    }

    [Theory]
    [InlineData("cache 1\nrss 2\ntotal_inactive_file 332025856\ntotal_active_file 4\n", "total_inactive_file", 332025856)]
    [InlineData("total_inactive_file_x 1\ntotal_inactive_file 7", "total_inactive_file", 7)]
    [InlineData("usage_usec 68765207016\nuser_usec 5\n", "usage_usec", 68765207016)]
    [InlineData("MemTotal:       24684092 kB\nMemFree: 5 kB\n", "MemTotal", 24684092)]
    [InlineData("Inactive:  1 kB\nInactive(file):   42 kB\n", "Inactive(file)", 42)]
    [InlineData("anon 5\n", "file", 0)]
    [InlineData("", "anon", 0)]
    public void A_field_is_the_number_behind_its_name(string text, string name, long number) =>
        Assert.Equal(number, CgroupText.Field(Encoding.ASCII.GetBytes(text), Encoding.ASCII.GetBytes(name)));

    [Fact]
    public void Processors_are_busy_when_they_do_not_wait() =>
        Assert.Equal(100 + 20 + 30 + 6 + 7 + 8, CgroupText.BusyTicks("cpu  100 20 30 4000 50 6 7 8 9 10\ncpu0 1 1 1 1\n"u8));

    [Fact]
    public void A_container_of_version_1_is_found_by_its_process_and_the_next_one_by_its_id()
    {
        Write("proc/self/mountinfo", $"""
            32 31 0:29 / {_root}/cpuacct rw - cgroup cgroup rw,cpuacct
            35 31 0:32 / {_root}/memory rw - cgroup cgroup rw,memory
            """);
        Write("proc/77/cgroup", $"4:memory:/docker/{Id}\n2:cpuacct:/docker/{Id}\n");
        foreach (var (group, factor) in new[] { ("", 10), ($"docker/{Id}/", 1), ($"docker/{Other}/", 2) })
        {
            Write($"cpuacct/{group}cpuacct.usage", $"{factor * 1_000_000}\n");
            Write($"memory/{group}memory.usage_in_bytes", $"{factor * 4096}\n");
            Write($"memory/{group}memory.stat", $"inactive_file 4096\ntotal_rss {factor * 100}\ntotal_pgfault 12\ntotal_pgmajfault 3\ntotal_inactive_file {factor * 96}\n");
        }

        var meter = new CgroupMeter($"{_root}/proc");
        Assert.Null(meter.Find(Id));
        Assert.Null(meter.Find(Id, 78));
        Assert.True(meter.Find(Id, 77)!.TryRead(out var one));
        Assert.Equal(new(1_000_000, 4000, 4096, 100, 12, 3), one);
        Assert.True(meter.Find(Other)!.TryRead(out var two));
        Assert.Equal((2_000_000, 8000), (two.CpuNanoseconds, two.WorkingSetBytes));
        Assert.Null(meter.Find("0000"));
        Assert.True(meter.Machine.TryRead(out var machine));
        Assert.Equal((10_000_000, 40_000), (machine.CpuNanoseconds, machine.WorkingSetBytes));

        var account = meter.Find(Other)!;
        Directory.Delete($"{_root}/memory/docker/{Other}", recursive: true);
        Assert.False(account.TryRead(out _));
    }

    [Fact]
    public void Version_2_accounts_for_the_machine_in_another_place()
    {
        Write("proc/self/mountinfo", $"30 23 0:26 / {_root}/unified rw - cgroup2 cgroup2 rw\n");
        Write("proc/77/cgroup", $"0::/docker/{Id}\n");
        Write("proc/stat", "cpu  100 0 100 0 0 0 0 0 0 0\n");
        Write("proc/meminfo", "MemTotal: 1000 kB\nMemFree: 400 kB\nInactive(file): 50 kB\nAnonPages: 30 kB\n");
        Write("unified/cpu.stat", "usage_usec 5000\n");
        Write($"unified/docker/{Id}/cpu.stat", "usage_usec 1500\nuser_usec 1000\n");
        Write($"unified/docker/{Id}/memory.current", "1000000\n");
        Write($"unified/docker/{Id}/memory.stat", "anon 700000\nfile 300000\ninactive_file 250000\npgfault 5\npgmajfault 1\n");
        var meter = new CgroupMeter($"{_root}/proc");
        Assert.True(meter.Find(Id, 77)!.TryRead(out var container));
        Assert.Equal(new(1_500_000, 750_000, 1_000_000, 700_000, 5, 1), container);
        Assert.True(meter.Machine.TryRead(out var machine));
        Assert.Equal((5_000_000, 550 * 1024, 600 * 1024), (machine.CpuNanoseconds, machine.WorkingSetBytes, machine.UsageBytes));

        // An old kernel keeps no statistics of the root.
        File.Delete($"{_root}/unified/cpu.stat");
        Assert.True(meter.Machine.TryRead(out machine));
        Assert.Equal(2_000_000_000, machine.CpuNanoseconds);
    }

    [Fact]
    public void This_machine_can_be_measured()
    {
        Assert.True(new CgroupMeter().Machine.TryRead(out var machine));
        Assert.True(machine.CpuNanoseconds > 0 && machine.WorkingSetBytes > 0 && machine.UsageBytes >= machine.WorkingSetBytes, machine.ToString());
    }

    private void Write(string path, string text)
    {
        var full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
