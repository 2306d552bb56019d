using System.Collections.Immutable;
using System.Net;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.NodeAgent.Nodes;
using ActorOrchestrator.Actors.ServiceNetworking;

namespace ActorOrchestrator.Actors.Tests.NodeAgent;

public sealed class NetworkConflictTests
{
    private static readonly NetworkSettings Wanted =
        new(Cidr.Parse("10.42.0.0/16"), Cidr.Parse("10.43.0.0/16"), "cluster.local", IPAddress.Parse("10.43.0.10"), "orch0");

    [Theory]
    [InlineData("mine n1 orch0 10.42.0.0/24", "", null)]
    [InlineData("mine n1 orch0 10.42.0.0/24, mine n2 orch1 10.42.1.0/24", "orch0 10.42.0.1/24, orch1 10.42.1.1/24, eth0 192.0.2.7/24", null)]
    [InlineData("mine n2 orch0 10.42.1.0/24", "", "the bridge orch0 belongs to node n2 of this cluster")]
    [InlineData("other n1 orch0 10.99.0.0/24", "", "the bridge orch0 belongs to another cluster (other)")]
    [InlineData("other n1 orch9 10.42.0.0/24", "", "the pods' range 10.42.0.0/16 overlaps 10.42.0.0/24 of another cluster (other)")]
    [InlineData("- - br-1 10.0.0.0/8", "", "the pods' range 10.42.0.0/16 overlaps 10.0.0.0/8 of the engine's network users")]
    [InlineData("- - br-1 10.43.7.0/24", "", "the Services' range 10.43.0.0/16 overlaps 10.43.7.0/24 of the engine's network users")]
    [InlineData("- - br-1 fd00::/64", "lo 127.0.0.1/8", null)]
    [InlineData("", "wg0 10.42.8.1/24", "the pods' range 10.42.0.0/16 overlaps 10.42.8.0/24 of the interface wg0")]
    public void A_node_that_would_take_what_somebody_has_says_whose_it_is(string networks, string links, string? conflict)
    {
        var found = NetworkConflict.Find(
            Wanted, "mine", "n1",
            [.. Words(networks).Select(words => new EngineNetwork("users", words[2], [words[3]], Labels(words), 0))],
            Words(links).Select(words => (words[0], Cidr.Parse(words[1]))));

        if (conflict is null)
        {
            Assert.Null(found);
        }
        else
        {
            Assert.StartsWith(conflict, found, StringComparison.Ordinal);
            Assert.Contains("--config", found, StringComparison.Ordinal);
        }
    }

    private static ImmutableDictionary<string, string> Labels(string[] words) =>
        words[0] == "-" ? ImmutableDictionary<string, string>.Empty : ContainerLabels.OfNode(words[0], words[1]);

    private static IEnumerable<string[]> Words(string list) => list.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(entry => entry.Split(' '));
}
