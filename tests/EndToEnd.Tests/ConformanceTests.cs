using ActorOrchestrator.EndToEnd.Tests.Support;

namespace ActorOrchestrator.EndToEnd.Tests;

/// <summary>What upstream's conformance suite asks of the API beyond Kubernetes 1.20, walked in our own words with the official Go client.</summary>
[Collection(SharedCluster.Name)]
public sealed class ConformanceTests(ClusterFixture cluster)
{
    [Fact]
    public void What_conformance_asks_of_the_API_beyond_1_20_holds()
    {
        var walk = Shell.Run(Path.Combine(Repository.Root, "artifacts/tools/go-conformance"), [], cluster.Kubectl.Environment, patience: TimeSpan.FromMinutes(5)).MustSucceed();

        Assert.DoesNotContain("FAILED", walk.Output, StringComparison.Ordinal);
        Assert.EndsWith("done", walk.Output.TrimEnd(), StringComparison.Ordinal);
    }
}
