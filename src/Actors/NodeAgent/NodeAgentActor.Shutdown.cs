using System.Collections.Immutable;
using ActorOrchestrator.Actors.NodeAgent.Nodes;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Actors.NodeAgent.Shutdown;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using Akka.Event;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent;

/// <content>The end of the node with its pods, group by group.</content>
public sealed partial class NodeAgentActor
{
    private sealed record GroupIsLate(int Group) : INoSerializationVerificationNeeded;

    /// <summary>What the engine and the control plane need after a container was killed at the end of its grace.</summary>
    private static readonly TimeSpan ShutdownMargin = TimeSpan.FromSeconds(2);

    private readonly HashSet<string> _ending = new(StringComparer.Ordinal);
    private readonly HashSet<string> _rejected = new(StringComparer.Ordinal);
    private ImmutableArray<(TimeSpan Grace, ImmutableArray<string> Uids)> _shutdownGroups = [];
    private IActorRef _shutdownAsker = ActorRefs.Nobody;
    private bool _shuttingDown;
    private int _shutdownGroup;
    private int _ended;

    private void OnShutDown(NodeShutdown.Begin begin)
    {
        if (_shuttingDown || !_ports.Settings.Shutdown.IsOn)
        {
            Sender.Tell(new NodeShutdown.Done(0, 0));
            return;
        }

        _shuttingDown = true;
        _shutdownAsker = Sender;
        _shutdownGroups = NodeShutdown.Groups(_ports.Settings.Shutdown, _pods
            .Where(pod => pod.Value.Pod.As<V1Pod>().Status?.Phase is not (PodStatusBuilder.Succeeded or PodStatusBuilder.Failed))
            .Select(pod => (pod.Key, pod.Value.Pod.As<V1Pod>().Spec.Priority ?? 0)));
        _log.Info("The node is shutting down; its {0} pods are ended first", _shutdownGroups.Sum(group => group.Uids.Length));
        _node.Tell(new NodeActor.Health(NodeShutdown.NodeMessage));
        if (_ports.ControlPlane.Reader.Current.Find(NodeKey) is { } node)
        {
            _ports.ControlPlane.Events.Record(node, warning: false, "NodeShutdown", "Shutdown manager detected shutdown event");
        }

        EndNextGroup();
    }

    private void EndNextGroup()
    {
        if (_shutdownGroup == _shutdownGroups.Length)
        {
            Timers.Cancel("shutdown");
            var left = _shutdownGroups.Sum(group => group.Uids.Length) - _ended;
            _shutdownAsker.Tell(new NodeShutdown.Done(_ended, left));
            return;
        }

        var (grace, uids) = _shutdownGroups[_shutdownGroup];
        _ending.Clear();
        foreach (var uid in uids.Where(_pods.ContainsKey))
        {
            _ending.Add(uid);
            _pods[uid].Actor.Tell(new PodMessages.EndWithNode(grace));
        }

        Timers.StartSingleTimer("shutdown", new GroupIsLate(_shutdownGroup), grace + ShutdownMargin);
        WhenGroupEnded();
    }

    private void OnEnded(string uid)
    {
        if (_shuttingDown && _ending.Remove(uid))
        {
            _ended++;
            WhenGroupEnded();
        }
    }

    private void WhenGroupEnded()
    {
        if (_ending.Count == 0)
        {
            _shutdownGroup++;
            EndNextGroup();
        }
    }

    private void OnGroupIsLate(GroupIsLate late)
    {
        if (late.Group == _shutdownGroup && _ending.Count > 0)
        {
            _log.Warning("{0} pods did not end in time with their node", _ending.Count);
            _ending.Clear();
            WhenGroupEnded();
        }
    }

    /// <summary>A pod that comes while the node goes never runs here.</summary>
    private void Reject(StoredObject pod)
    {
        if (!_rejected.Add(pod.Uid))
        {
            return;
        }

        var uid = pod.Uid;
        _ports.ControlPlane.Events.Record(pod, warning: true, NodeShutdown.RejectedReason, NodeShutdown.RejectedMessage);
        _ports.ControlPlane.Client.UpdateAsync(
            pod.Key,
            (current, json) =>
            {
                if (current.Uid != uid)
                {
                    return ChangeResult.Nothing;
                }

                var status = json.Ensure("status");
                status["phase"] = PodStatusBuilder.Failed;
                status["reason"] = NodeShutdown.RejectedReason;
                status["message"] = NodeShutdown.RejectedMessage;
                status["startTime"] = PodStatusBuilder.Time(_ports.Time.GetUtcNow());
                return json;
            },
            new WriteOptions(_ports.Settings.Principal, "reject pod") { Subresource = "status", Cause = pod.Revision },
            _stopping.Token).PipeTo(ActorRefs.Nobody, failure: error => new Status.Failure(error));
    }
}
