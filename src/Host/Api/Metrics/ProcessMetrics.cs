using System.Diagnostics;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Metrics;

/// <summary>The process as Prometheus' own client libraries tell it, and the runtime.</summary>
internal sealed class ProcessMetrics : IMetricsSource
{
    public void Write(MetricsWriter writer)
    {
        using var process = Process.GetCurrentProcess();
        writer.Counter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", process.TotalProcessorTime.TotalSeconds);
        writer.Gauge("process_resident_memory_bytes", "Resident memory size in bytes.", process.WorkingSet64);
        writer.Gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.", process.VirtualMemorySize64);
        writer.Gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.", (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds);
        writer.Gauge("process_open_fds", "Number of open file descriptors.", process.HandleCount);
        writer.Gauge("process_threads", "Number of threads.", process.Threads.Count);
        writer.Family("dotnet_collection_count_total", "counter", "Garbage collections per generation.");
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            writer.Sample("dotnet_collection_count_total", $"generation=\"{generation}\"", GC.CollectionCount(generation));
        }

        writer.Gauge("dotnet_total_memory_bytes", "Bytes on the managed heap.", GC.GetTotalMemory(false));
        writer.Gauge("dotnet_threadpool_threads", "Threads of the pool.", ThreadPool.ThreadCount);
        writer.Gauge("dotnet_threadpool_queue_length", "Work items that wait for a thread.", ThreadPool.PendingWorkItemCount);
        writer.Family("kubernetes_build_info", "gauge", "A metric with a constant '1' value labeled by version.");
        writer.Sample("kubernetes_build_info", $"git_version=\"{ServerVersion.Git}\",major=\"{ServerVersion.Major}\",minor=\"{ServerVersion.Minor}\",platform=\"{ServerVersion.Platform}\"", 1);
    }
}
