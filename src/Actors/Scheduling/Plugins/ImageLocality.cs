using ActorOrchestrator.Actors.Scheduling.Framework;

namespace ActorOrchestrator.Actors.Scheduling.Plugins;

/// <summary>Nodes that have the images already, weighed by how many have them, so that not everybody runs to the one that does.</summary>
public sealed class ImageLocality : IScore
{
    private const long Smallest = 23L << 20;
    private const long LargestPerContainer = 1000L << 20;

    public string Name => "ImageLocality";

    public INodeScore? For(PodInfo pod, SchedulingSnapshot snapshot, IReadOnlyList<NodeInfo> feasible)
    {
        foreach (var image in pod.Images)
        {
            if (snapshot.NodesWith(image) > 0)
            {
                return new Scorer(snapshot);
            }
        }

        return null;
    }

    private sealed record Scorer(SchedulingSnapshot Snapshot) : INodeScore
    {
        public long Score(PodInfo pod, NodeInfo node)
        {
            var sum = 0L;
            foreach (var image in pod.Images)
            {
                if (node.Images.TryGetValue(image, out var bytes))
                {
                    sum += (long)(bytes * ((double)Snapshot.NodesWith(image) / Snapshot.Nodes.Count));
                }
            }

            var largest = LargestPerContainer * pod.Images.Length;
            return IScore.MaxScore * (Math.Clamp(sum, Smallest, largest) - Smallest) / (largest - Smallest);
        }
    }
}
