using System.Collections.Immutable;
using System.Text;

namespace ActorOrchestrator.Actors.Metrics;

/// <summary>
/// A report as bytes: numbers as variable-length integers of seven bits a byte, texts as UTF-8 behind their length. A node, then its pods, then what a later
/// version may add; a reader stops where it knows no more.
/// </summary>
internal static class UsageReportFormat
{
    /// <summary>More is no report of a node: it is not allocated for.</summary>
    private const int MostItems = 100_000;

    public static byte[] Write(UsageReport report)
    {
        using var buffer = new MemoryStream(256 + report.Pods.Length * 128);
        using var writer = new BinaryWriter(buffer, Encoding.UTF8);
        var node = report.Node;
        writer.Write(node.Name);
        Write(writer, node.Timestamp, node.Window);
        writer.Write7BitEncodedInt64(node.CpuNanocores);
        writer.Write7BitEncodedInt64(node.MemoryBytes);
        writer.Write7BitEncodedInt(report.Pods.Length);
        foreach (var pod in report.Pods)
        {
            writer.Write(pod.Namespace);
            writer.Write(pod.Name);
            writer.Write(pod.Uid);
            Write(writer, pod.Timestamp, pod.Window);
            writer.Write7BitEncodedInt(pod.Containers.Length);
            foreach (var container in pod.Containers)
            {
                writer.Write(container.Name);
                writer.Write7BitEncodedInt64(container.CpuNanocores);
                writer.Write7BitEncodedInt64(container.MemoryBytes);
            }
        }

        writer.Flush();
        return buffer.ToArray();
    }

    /// <exception cref="FormatException">These are not the bytes of a report.</exception>
    public static UsageReport Read(byte[] bytes)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes, writable: false), Encoding.UTF8);
            var name = reader.ReadString();
            var (timestamp, window) = ReadTimes(reader);
            var node = new NodeUsage(name, timestamp, window, reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64());
            var pods = ImmutableArray.CreateBuilder<PodUsage>();
            for (var left = ReadCount(reader); left > 0; left--)
            {
                pods.Add(ReadPod(reader));
            }

            return new UsageReport(node, pods.DrainToImmutable());
        }
        catch (EndOfStreamException cutOff)
        {
            throw new FormatException("A node's report of its use ends too early.", cutOff);
        }
    }

    private static PodUsage ReadPod(BinaryReader reader)
    {
        var (@namespace, name, uid) = (reader.ReadString(), reader.ReadString(), reader.ReadString());
        var (timestamp, window) = ReadTimes(reader);
        var containers = ImmutableArray.CreateBuilder<ContainerUsage>();
        for (var left = ReadCount(reader); left > 0; left--)
        {
            containers.Add(new ContainerUsage(reader.ReadString(), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64()));
        }

        return new PodUsage(@namespace, name, uid, timestamp, window, containers.DrainToImmutable());
    }

    private static void Write(BinaryWriter writer, DateTimeOffset timestamp, TimeSpan window)
    {
        writer.Write7BitEncodedInt64(timestamp.UtcTicks);
        writer.Write7BitEncodedInt64(window.Ticks);
    }

    private static (DateTimeOffset Timestamp, TimeSpan Window) ReadTimes(BinaryReader reader)
    {
        var ticks = reader.Read7BitEncodedInt64();
        return ticks < 0 || ticks > DateTimeOffset.MaxValue.UtcTicks
            ? throw new FormatException("A node's report of its use has an instant that is none.")
            : (new DateTimeOffset(ticks, TimeSpan.Zero), new TimeSpan(reader.Read7BitEncodedInt64()));
    }

    private static int ReadCount(BinaryReader reader) => reader.Read7BitEncodedInt() is var count and >= 0 and <= MostItems
        ? count
        : throw new FormatException("A node's report of its use names more than a node can have.");
}
