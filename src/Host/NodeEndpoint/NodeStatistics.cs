using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActorOrchestrator.Actors.NodeAgent.Nodes;
using ActorOrchestrator.Actors.NodeAgent.Usage;

namespace ActorOrchestrator.Host.NodeEndpoint;

/// <summary>What a node and its containers use, in the kubelet's two forms: <c>/stats/summary</c> (stats/v1alpha1) and <c>/metrics/resource</c> for Prometheus.</summary>
/// <param name="measure">Asks the node agent; null as long as there is nothing to tell.</param>
/// <param name="machine">For its disk.</param>
internal sealed class NodeStatistics(Func<CancellationToken, Task<MeasuredNode?>> measure, INodeMachine machine)
{
    private const string PrometheusText = "text/plain; version=0.0.4; charset=utf-8";
    private const double Nanoseconds = 1_000_000_000;
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task ServeSummaryAsync(HttpContext http)
    {
        if (await measure(http.RequestAborted) is not { } node)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await http.Response.WriteAsync("this node does not measure what it uses (orchestrator.node.metrics-interval), or has not begun to\n", http.RequestAborted);
            return;
        }

        var asked = http.Request.Query["only_cpu_and_memory"].ToString();
        var facts = asked is "true" or "1" ? null : await machine.ReadAsync(http.RequestAborted);
        http.Response.ContentType = "application/json";
        await http.Response.BodyWriter.WriteAsync(Summary(node, facts), http.RequestAborted);
    }

    public async Task ServeResourceAsync(HttpContext http)
    {
        http.Response.ContentType = PrometheusText;
        await http.Response.WriteAsync(Resource(await measure(http.RequestAborted)), http.RequestAborted);
    }

    /// <param name="node">What is used.</param>
    /// <param name="facts">With the disk's figures; null when only processor and memory are asked for.</param>
    internal static ReadOnlyMemory<byte> Summary(MeasuredNode node, MachineFacts? facts)
    {
        var buffer = new ArrayBufferWriter<byte>(8192);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("node");
            writer.WriteString("nodeName", node.Name);
            writer.WriteString("startTime", Time(node.StartedAt));
            if (node.Machine is { } machine)
            {
                Use(writer, node.Time, machine, node.CpuNanocores);
            }

            if (facts is not null)
            {
                writer.WriteStartObject("fs");
                writer.WriteString("time", Time(node.Time));
                writer.WriteNumber("availableBytes", facts.DiskAvailableBytes);
                writer.WriteNumber("capacityBytes", facts.DiskBytes);
                writer.WriteNumber("usedBytes", facts.DiskBytes - facts.DiskAvailableBytes);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            writer.WriteStartArray("pods");
            foreach (var pod in node.Pods)
            {
                Pod(writer, node.Time, pod);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    internal static string Resource(MeasuredNode? node)
    {
        var text = new StringBuilder(4096);
        if (node is not null)
        {
            var stamp = node.Time.ToUnixTimeMilliseconds();
            var containers = node.Pods.SelectMany(pod => pod.Containers.Select(container => (Labels: $"container=\"{container.Name}\",{LabelsOf(pod)}", Container: container))).ToArray();
            var pods = node.Pods.Where(pod => !pod.Containers.IsEmpty).Select(pod => (Labels: LabelsOf(pod), Sum: SumOf(pod))).ToArray();
            Family(text, "container_cpu_usage_seconds_total", "counter", "Cumulative cpu time consumed by the container in core-seconds",
                containers.Select(entry => (entry.Labels, entry.Container.Reading.CpuNanoseconds / Nanoseconds)), stamp);
            Family(text, "container_memory_working_set_bytes", "gauge", "Current working set of the container in bytes",
                containers.Select(entry => (entry.Labels, (double)entry.Container.Reading.WorkingSetBytes)), stamp);
            Family(text, "container_start_time_seconds", "gauge", "Start time of the container since unix epoch in seconds",
                containers.Select(entry => (entry.Labels, entry.Container.StartedAt.ToUnixTimeMilliseconds() / 1000.0)), null);
            Family(text, "node_cpu_usage_seconds_total", "counter", "Cumulative cpu time consumed by the node in core-seconds",
                node.Machine is { } used ? [("", used.CpuNanoseconds / Nanoseconds)] : [], stamp);
            Family(text, "node_memory_working_set_bytes", "gauge", "Current working set of the node in bytes", node.Machine is { } held ? [("", held.WorkingSetBytes)] : [], stamp);
            Family(text, "pod_cpu_usage_seconds_total", "counter", "Cumulative cpu time consumed by the pod in core-seconds",
                pods.Select(entry => (entry.Labels, entry.Sum.CpuNanoseconds / Nanoseconds)), stamp);
            Family(text, "pod_memory_working_set_bytes", "gauge", "Current working set of the pod in bytes", pods.Select(entry => (entry.Labels, (double)entry.Sum.WorkingSetBytes)), stamp);
        }

        Family(text, "resource_scrape_error", "gauge", "1 if there was an error while getting container metrics, 0 otherwise", [("", node is null ? 1 : 0)], null);
        return text.ToString();
    }

    private static void Pod(Utf8JsonWriter writer, DateTimeOffset time, MeasuredPod pod)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("podRef");
        writer.WriteString("name", pod.Name);
        writer.WriteString("namespace", pod.Namespace);
        writer.WriteString("uid", pod.Uid);
        writer.WriteEndObject();
        if (!pod.Containers.IsEmpty)
        {
            writer.WriteString("startTime", Time(pod.Containers.Min(container => container.StartedAt)));
        }

        writer.WriteStartArray("containers");
        foreach (var container in pod.Containers)
        {
            writer.WriteStartObject();
            writer.WriteString("name", container.Name);
            writer.WriteString("startTime", Time(container.StartedAt));
            Use(writer, time, container.Reading, container.CpuNanocores);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (!pod.Containers.IsEmpty)
        {
            Use(writer, time, SumOf(pod), pod.Containers.All(container => container.CpuNanocores is not null) ? pod.Containers.Sum(container => container.CpuNanocores) : null);
        }

        writer.WriteEndObject();
    }

    private static void Use(Utf8JsonWriter writer, DateTimeOffset time, in UsageReading reading, long? nanocores)
    {
        writer.WriteStartObject("cpu");
        writer.WriteString("time", Time(time));
        if (nanocores is { } rate)
        {
            writer.WriteNumber("usageNanoCores", rate);
        }

        writer.WriteNumber("usageCoreNanoSeconds", reading.CpuNanoseconds);
        writer.WriteEndObject();
        writer.WriteStartObject("memory");
        writer.WriteString("time", Time(time));
        writer.WriteNumber("usageBytes", reading.UsageBytes);
        writer.WriteNumber("workingSetBytes", reading.WorkingSetBytes);
        writer.WriteNumber("rssBytes", reading.ResidentBytes);
        writer.WriteNumber("pageFaults", reading.PageFaults);
        writer.WriteNumber("majorPageFaults", reading.MajorPageFaults);
        writer.WriteEndObject();
    }

    private static UsageReading SumOf(MeasuredPod pod) => pod.Containers.Select(container => container.Reading).Aggregate(default(UsageReading), (sum, reading) => new UsageReading(
        sum.CpuNanoseconds + reading.CpuNanoseconds,
        sum.WorkingSetBytes + reading.WorkingSetBytes,
        sum.UsageBytes + reading.UsageBytes,
        sum.ResidentBytes + reading.ResidentBytes,
        sum.PageFaults + reading.PageFaults,
        sum.MajorPageFaults + reading.MajorPageFaults));

    /// <param name="text">Where it goes.</param>
    /// <param name="name">Of the family.</param>
    /// <param name="type">Prometheus' word.</param>
    /// <param name="help">The kubelet's words; all of these are stable.</param>
    /// <param name="samples">Labels and value.</param>
    /// <param name="stamp">When it was measured, in Unix milliseconds; null to let the scraper say.</param>
    private static void Family(StringBuilder text, string name, string type, string help, IEnumerable<(string Labels, double Value)> samples, long? stamp)
    {
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} [STABLE] {help}\n# TYPE {name} {type}\n");
        foreach (var (labels, value) in samples)
        {
            text.Append(name).Append(labels.Length > 0 ? $"{{{labels}}}" : "").Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture));
            text.Append(stamp is { } at ? $" {at.ToString(CultureInfo.InvariantCulture)}\n" : "\n");
        }
    }

    private static string LabelsOf(MeasuredPod pod) => $"namespace=\"{pod.Namespace}\",pod=\"{pod.Name}\"";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
