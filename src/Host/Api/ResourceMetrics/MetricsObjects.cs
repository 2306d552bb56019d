using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.ResourceMetrics;

/// <summary>The objects of metrics.k8s.io/v1beta1, as metrics-server writes them: made now, from what was measured last.</summary>
internal static class MetricsObjects
{
    private const string ApiVersion = "metrics.k8s.io/v1beta1";
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="node">The Node object, whose labels go along.</param>
    /// <param name="usage">What it used.</param>
    /// <param name="now">When this object comes to life.</param>
    public static StoredObject Of(StoredObject node, NodeUsage usage, DateTimeOffset now) => Write(
        new ObjectKey(ResourceTypes.NodeMetrics, "", node.Key.Name), "NodeMetrics", node, usage.Timestamp, usage.Window, now, writer => Usage(writer, usage.CpuNanocores, usage.MemoryBytes));

    /// <param name="pod">The Pod object, whose labels go along.</param>
    /// <param name="usage">What its containers used.</param>
    /// <param name="now">When this object comes to life.</param>
    public static StoredObject Of(StoredObject pod, PodUsage usage, DateTimeOffset now) => Write(
        new ObjectKey(ResourceTypes.PodMetrics, pod.Key.Namespace, pod.Key.Name), "PodMetrics", pod, usage.Timestamp, usage.Window, now, writer =>
        {
            writer.WriteStartArray("containers");
            foreach (var container in usage.Containers)
            {
                writer.WriteStartObject();
                writer.WriteString("name", container.Name);
                Usage(writer, container.CpuNanocores, container.MemoryBytes);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });

    /// <summary>As Go prints a duration: <c>15.012s</c>, <c>1m2.5s</c>.</summary>
    internal static string Duration(TimeSpan window)
    {
        var rounded = TimeSpan.FromMilliseconds(Math.Round(window.TotalMilliseconds));
        var (hours, minutes) = ((long)rounded.TotalHours, rounded.Minutes);
        var seconds = rounded.Seconds + (rounded.Milliseconds / 1000m);
        return rounded == TimeSpan.Zero ? "0s"
            : rounded < TimeSpan.FromSeconds(1) ? string.Create(CultureInfo.InvariantCulture, $"{rounded.Milliseconds}ms")
            : string.Create(CultureInfo.InvariantCulture, $"{(hours > 0 ? $"{hours}h" : "")}{(hours > 0 || minutes > 0 ? $"{minutes}m" : "")}{seconds:0.###}s");
    }

    private static StoredObject Write(ObjectKey key, string kind, StoredObject about, DateTimeOffset timestamp, TimeSpan window, DateTimeOffset now, Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("apiVersion", ApiVersion);
            writer.WriteString("kind", kind);
            writer.WriteStartObject("metadata");
            writer.WriteString("name", key.Name);
            if (key.Namespace.Length > 0)
            {
                writer.WriteString("namespace", key.Namespace);
            }

            writer.WriteString("creationTimestamp", Time(now));
            if (about.Metadata.Labels.Count > 0)
            {
                writer.WriteStartObject("labels");
                foreach (var (name, value) in about.Metadata.Labels.OrderBy(label => label.Key, StringComparer.Ordinal))
                {
                    writer.WriteString(name, value);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            writer.WriteString("timestamp", Time(timestamp));
            writer.WriteString("window", Duration(window));
            content(writer);
            writer.WriteEndObject();
        }

        return new StoredObject(key, "", Revision.None, buffer.WrittenMemory, []);
    }

    private static void Usage(Utf8JsonWriter writer, long cpuNanocores, long memoryBytes)
    {
        writer.WriteStartObject("usage");
        writer.WriteString("cpu", new Quantity(cpuNanocores / 1_000_000_000m).ToString());
        writer.WriteString("memory", Quantity.OfBytes(memoryBytes).ToString());
        writer.WriteEndObject();
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
