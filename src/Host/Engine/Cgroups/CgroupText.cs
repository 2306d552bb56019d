using System.Buffers.Text;

namespace ActorOrchestrator.Host.Engine.Cgroups;

/// <summary>What the kernel writes into the files of control groups and of <c>/proc</c>: numbers, and lines of a name and a number.</summary>
internal static class CgroupText
{
    /// <summary>The number that a file holds, or with which a line goes on. False when there is none.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> text, out long number) => Utf8Parser.TryParse(text.TrimStart(" \t:"u8), out number, out _);

    /// <summary>The number behind a name at the beginning of a line.</summary>
    /// <returns>Zero when the kernel has no such line.</returns>
    public static long Field(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        while (!text.IsEmpty)
        {
            if (text.StartsWith(name) && text.Length > name.Length && text[name.Length] is (byte)' ' or (byte)':')
            {
                return TryNumber(text[name.Length..], out var number) ? number : 0;
            }

            var end = text.IndexOf((byte)'\n');
            text = end < 0 ? [] : text[(end + 1)..];
        }

        return 0;
    }

    /// <summary>Everything that processors did but wait, of all of them, in the ticks of the first line of <c>/proc/stat</c>.</summary>
    public static long BusyTicks(ReadOnlySpan<byte> stat)
    {
        // cpu user nice system idle iowait irq softirq steal; guests are in user and nice already.
        const int Idle = 3, Waiting = 4, Last = 7;
        var rest = stat.StartsWith("cpu"u8) ? stat[3..] : [];
        var busy = 0L;
        for (var column = 0; column <= Last; column++)
        {
            rest = rest.TrimStart((byte)' ');
            if (!Utf8Parser.TryParse(rest, out long ticks, out var length))
            {
                break;
            }

            busy += column is Idle or Waiting ? 0 : ticks;
            rest = rest[length..];
        }

        return busy;
    }
}
