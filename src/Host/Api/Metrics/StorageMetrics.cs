namespace ActorOrchestrator.Host.Api.Metrics;

/// <summary>What the ledger's file weighs on this host's disk, with its log that is not yet in it.</summary>
internal sealed class StorageMetrics(string file) : IMetricsSource
{
    public void Write(MetricsWriter writer)
    {
        writer.Family("apiserver_storage_size_bytes", "gauge", "[STABLE] Size of the storage database file physically allocated in bytes.");
        writer.Sample("apiserver_storage_size_bytes", "storage_cluster_id=\"ledger\"", Length(file) + Length(file + "-wal"));
    }

    private static long Length(string path) => new FileInfo(path) is { Exists: true } there ? there.Length : 0;
}
