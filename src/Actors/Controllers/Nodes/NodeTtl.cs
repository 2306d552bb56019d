using System.Globalization;

namespace ActorOrchestrator.Actors.Controllers.Nodes;

/// <summary>For how many seconds a node may go on with what it knows of ConfigMaps and Secrets: the more nodes, the longer (upstream's TTL controller).</summary>
public static class NodeTtl
{
    public const string Annotation = "node.alpha.kubernetes.io/ttl";

    // Down is left later than up is entered, so that a cluster at a boundary does not swing.
    private static readonly (int LeftBelow, int EnteredAt, int Seconds)[] Steps = [(0, 0, 0), (90, 101, 15), (450, 501, 30), (900, 1001, 60), (1800, 2001, 300), (9000, 10001, 600)];

    /// <param name="current">What the node is annotated with.</param>
    /// <param name="nodes">How many there are.</param>
    public static string For(string current, int nodes)
    {
        var step = Array.FindIndex(Steps, item => item.Seconds.ToString(CultureInfo.InvariantCulture) == current);
        step = step < 0 ? 0 : step;
        while (step + 1 < Steps.Length && nodes >= Steps[step + 1].EnteredAt)
        {
            step++;
        }

        while (step > 0 && nodes < Steps[step].LeftBelow)
        {
            step--;
        }

        return Steps[step].Seconds.ToString(CultureInfo.InvariantCulture);
    }
}
