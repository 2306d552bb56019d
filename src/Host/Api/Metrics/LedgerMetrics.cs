using ActorOrchestrator.Actors.Ledger;

namespace ActorOrchestrator.Host.Api.Metrics;

/// <summary>What is stored, how far back it can be read, and what the history weighs.</summary>
internal sealed class LedgerMetrics(IClusterReader reader) : IMetricsSource
{
    public void Write(MetricsWriter writer)
    {
        var state = reader.Current;
        writer.Family("apiserver_storage_objects", "gauge", "[STABLE] Number of stored objects at the time of last check split by kind.");
        foreach (var type in state.Types)
        {
            writer.Sample("apiserver_storage_objects", $"resource=\"{type}\"", state.Count(type));
        }

        writer.Family("apiserver_resource_objects", "gauge", "Number of stored objects by group and resource.");
        foreach (var type in state.Types)
        {
            writer.Sample("apiserver_resource_objects", $"group=\"{type.Group}\",resource=\"{type.Plural}\"", state.Count(type));
        }

        writer.Gauge("orchestrator_ledger_revision", "The newest revision on this host.", state.Revision.Value);
        writer.Gauge("orchestrator_ledger_oldest_readable_revision", "The oldest revision that this host can read exactly and watch from.", reader.OldestWatchable.Value);
        if (reader is not LedgerView view)
        {
            return;
        }

        writer.Gauge("orchestrator_ledger_object_bytes", "Bytes of all objects as they are now.", view.StateBytes);
        writer.Gauge("orchestrator_ledger_leading", "1 while this host writes the ledger.", view.IsLed ? 1 : 0);
        if (view.History is { } history)
        {
            writer.Gauge("orchestrator_ledger_history_oldest_revision", "The revision before the oldest fact that the journal still has.", history.Bases[0].Revision.Value);
            writer.Gauge("orchestrator_ledger_history_facts", "Facts that the journal still has.", history.Newest.Revision.Value - history.Bases[0].Revision.Value);
            writer.Gauge("orchestrator_ledger_history_bytes", "Bytes of the objects in those facts; the disk holds about so much and the snapshots.", history.Newest.Bytes - history.Bases[0].Bytes);
            writer.Gauge("orchestrator_ledger_snapshots", "Snapshots from which history can be read.", history.Bases.Count(mark => mark.SequenceNumber > 0));
        }
    }
}
