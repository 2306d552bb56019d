namespace ActorOrchestrator.Host.Engine.Cgroups;

/// <summary>One mounted hierarchy of control groups.</summary>
/// <param name="Root">The group that stands at the mount point: <c>/</c>, unless this process sees only a part of the hierarchy.</param>
/// <param name="Path">The mount point.</param>
internal sealed record CgroupMount(string Root, string Path)
{
    /// <summary>The directory of a group as <c>/proc/PID/cgroup</c> names it; null when it is not below this mount's root.</summary>
    public string? DirectoryOf(string group)
    {
        if (Root == "/")
        {
            return group == "/" ? Path : Path + group;
        }

        return group == Root ? Path
            : group.StartsWith(Root + "/", StringComparison.Ordinal) ? Path + group[Root.Length..]
            : null;
    }
}

/// <summary>
/// Where processor time and memory are accounted: version 1 keeps them in hierarchies of their own, version 2 in one. Where version 1 has both controllers it
/// counts, whatever else is mounted (the "hybrid" layout).
/// </summary>
/// <param name="Cpu">The hierarchy with <c>cpuacct</c>; that of version 2 otherwise.</param>
/// <param name="Memory">The hierarchy with <c>memory</c>; that of version 2 otherwise.</param>
/// <param name="IsUnified">They are version 2's.</param>
internal sealed record CgroupMounts(CgroupMount Cpu, CgroupMount Memory, bool IsUnified)
{
    private const string CpuController = "cpuacct";
    private const string MemoryController = "memory";

    /// <param name="mountInfo">The text of <c>/proc/self/mountinfo</c> (proc(5)).</param>
    /// <returns>Null when no control groups are mounted.</returns>
    public static CgroupMounts? Read(string mountInfo)
    {
        CgroupMount? cpu = null, memory = null, unified = null;
        foreach (var line in mountInfo.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(" - ", 2) is not [var place, var what] || place.Split(' ') is not [_, _, _, var root, var path, ..] || what.Split(' ') is not [var type, _, var options, ..])
            {
                continue;
            }

            var mount = new CgroupMount(root, path);
            if (type == "cgroup2")
            {
                unified ??= mount;
            }
            else if (type == "cgroup")
            {
                var controllers = options.Split(',');
                cpu ??= controllers.Contains(CpuController) ? mount : null;
                memory ??= controllers.Contains(MemoryController) ? mount : null;
            }
        }

        return cpu is not null && memory is not null ? new CgroupMounts(cpu, memory, IsUnified: false)
            : unified is not null ? new CgroupMounts(unified, unified, IsUnified: true)
            : null;
    }

    /// <summary>The directories in which a process is accounted.</summary>
    /// <param name="processCgroup">The text of <c>/proc/PID/cgroup</c> (cgroups(7)).</param>
    /// <returns>Null when it is accounted where this process cannot see it.</returns>
    public CgroupPlace? PlaceOf(string processCgroup)
    {
        string? cpu = null, memory = null;
        foreach (var line in processCgroup.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(':', 3) is not [_, var controllers, var group])
            {
                continue;
            }

            if (IsUnified)
            {
                cpu = memory = controllers.Length == 0 ? Cpu.DirectoryOf(group) : cpu;
                continue;
            }

            var names = controllers.Split(',');
            cpu = names.Contains(CpuController) ? Cpu.DirectoryOf(group) : cpu;
            memory = names.Contains(MemoryController) ? Memory.DirectoryOf(group) : memory;
        }

        return cpu is null || memory is null ? null : new CgroupPlace(cpu, memory);
    }
}

/// <summary>The directories of one control group.</summary>
internal sealed record CgroupPlace(string Cpu, string Memory)
{
    /// <summary>The place of another container of the same engine; null when this container's id is no part of its own place.</summary>
    public CgroupPlace? For(string ownId, string otherId) =>
        Cpu.Contains(ownId, StringComparison.Ordinal) && Memory.Contains(ownId, StringComparison.Ordinal)
            ? new CgroupPlace(Cpu.Replace(ownId, otherId, StringComparison.Ordinal), Memory.Replace(ownId, otherId, StringComparison.Ordinal))
            : null;
}
