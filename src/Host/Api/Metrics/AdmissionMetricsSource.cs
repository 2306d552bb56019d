using ActorOrchestrator.Actors.Resources;

namespace ActorOrchestrator.Host.Api.Metrics;

/// <summary>What admission counts.</summary>
internal sealed class AdmissionMetricsSource(IResourceClient client) : IMetricsSource
{
    public void Write(MetricsWriter writer)
    {
        foreach (var family in client.AdmissionMetrics.All)
        {
            writer.Family(family.Name, family.Type, family.Help);
            foreach (var sample in family.Samples)
            {
                writer.Sample(family.Name + sample.Suffix, sample.Labels, sample.Value);
            }
        }
    }
}
