using System.Collections.Immutable;
using Akka.Actor;

namespace ActorOrchestrator.Actors.NodeAgent.Shutdown;

/// <summary>The end of a node with its pods, asked of the node agent (upstream's graceful node shutdown).</summary>
public static class NodeShutdown
{
    public const string Reason = "Terminated";
    public const string Message = "Pod was terminated in response to imminent node shutdown.";
    public const string RejectedReason = "NodeShutdown";
    public const string RejectedMessage = "Pod was rejected as the node is shutting down.";
    public const string NodeMessage = "node is shutting down";

    /// <summary>End the pods, those of the lowest priority first; answered by <see cref="Done"/>.</summary>
    public sealed record Begin : INoSerializationVerificationNeeded;

    /// <param name="Ended">Pods that have ended and are told so.</param>
    /// <param name="Left">Pods that did not make it in their time.</param>
    public sealed record Done(int Ended, int Left) : INoSerializationVerificationNeeded;

    /// <summary>The pods in the order in which they end, each with what it has left to do so. Periods without pods are not waited for.</summary>
    /// <param name="settings">The periods.</param>
    /// <param name="pods">By uid, with their priorities.</param>
    public static ImmutableArray<(TimeSpan Grace, ImmutableArray<string> Uids)> Groups(NodeShutdownSettings settings, IEnumerable<(string Uid, int Priority)> pods)
    {
        var periods = settings.Periods;
        int IndexOf(int priority)
        {
            var index = 0;
            while (index + 1 < periods.Length && periods[index + 1].Priority <= priority)
            {
                index++;
            }

            return index;
        }

        return
        [
            .. pods.GroupBy(pod => IndexOf(pod.Priority)).OrderBy(group => group.Key)
                .Select(group => (periods[group.Key].Grace, group.Select(pod => pod.Uid).Order(StringComparer.Ordinal).ToImmutableArray())),
        ];
    }
}
