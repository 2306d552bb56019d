using System.Globalization;
using System.Runtime;
using System.Runtime.InteropServices;

namespace ActorOrchestrator.Host.Composition;

/// <summary>
/// Gives back the memory that only work needed, each time the host has come to rest: garbage and the room around it, what the compiler
/// freed, and the pages of program files that were read once.
/// </summary>
internal static partial class IdleMemory
{
    private const int DontNeed = 4;
    private const double QuietShare = 0.03;
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    public static async Task WatchAsync(TimeProvider time, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Period, time);
        var used = Environment.CpuUsage.TotalTime;
        var owes = true;
        try
        {
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
            {
                var now = Environment.CpuUsage.TotalTime;
                var isQuiet = now - used < Period * QuietShare;
                used = now;
                if (isQuiet && owes)
                {
                    GiveBack();
                }

                owes = !isQuiet;
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private static void GiveBack()
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (RuntimeInformation.RuntimeIdentifier.StartsWith("linux-musl", StringComparison.Ordinal))
        {
            return;
        }

        Trim(0);
        foreach (var (start, length) in CleanProgramPages(File.ReadLines("/proc/self/smaps")))
        {
            Advise(start, length, DontNeed);
        }
    }

    /// <summary>
    /// Mappings of libraries that are read-only and of which no page was ever written: the kernel reads what is needed again from its cache
    /// of the file. A mapping with a written page is left alone, because that page exists nowhere else.
    /// </summary>
    internal static IEnumerable<(nint Start, nuint Length)> CleanProgramPages(IEnumerable<string> smaps)
    {
        (nint Start, nuint Length)? mapping = null;
        foreach (var line in smaps)
        {
            if (char.IsAsciiHexDigitLower(line[0]))
            {
                mapping = ReadMapping(line);
            }
            else if (mapping is { } found && line.StartsWith("Anonymous:", StringComparison.Ordinal))
            {
                if (line.AsSpan(10).Trim() is "0 kB")
                {
                    yield return found;
                }

                mapping = null;
            }
        }
    }

    private static (nint Start, nuint Length)? ReadMapping(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is not [var range, ['r', '-', _, _], _, _, _, var path]
            || !(path.EndsWith(".dll", StringComparison.Ordinal) || path.EndsWith(".so", StringComparison.Ordinal) || path.Contains(".so.", StringComparison.Ordinal)))
        {
            return null;
        }

        var dash = range.IndexOf('-', StringComparison.Ordinal);
        var start = nint.Parse(range.AsSpan(0, dash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        var end = nint.Parse(range.AsSpan(dash + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return (start, (nuint)(end - start));
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint pad);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    private static partial int Advise(nint start, nuint length, int advice);
}
