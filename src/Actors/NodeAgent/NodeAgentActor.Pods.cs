using System.Collections.Immutable;
using System.Globalization;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.NodeAgent.Images;
using ActorOrchestrator.Actors.NodeAgent.Nodes;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Actors.NodeAgent.Volumes;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using Akka.Event;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent;

/// <content>Which pods there are, and who hears what.</content>
public sealed partial class NodeAgentActor
{
    private sealed record OrphanRemoved(string Uid) : INoSerializationVerificationNeeded;

    private static readonly TimeSpan CrashPause = TimeSpan.FromSeconds(10);
    private readonly HashSet<string> _orphans = new(StringComparer.Ordinal);
    private bool _stateIsKnown;

    private void OnNews(News news)
    {
        if (!_networkExists && news.Changed.Contains(NodeKey))
        {
            OnEnsureNetwork();
        }

        if (!_stateIsKnown || news.Changed.Any(key => key.Type == ResourceTypes.PersistentVolumes))
        {
            _volumes.Tell(new LocalVolumesActor.Look());
        }

        if (!_stateIsKnown || news.Changed.Contains(NodeKey))
        {
            _stateIsKnown = true;
            _node.Tell(new NodeActor.ObjectChanged());
        }

        OnSync();
        foreach (var (_, entry) in _pods)
        {
            if (news.Changed.Overlaps(entry.Needs))
            {
                entry.Actor.Tell(new PodMessages.NeedsChanged());
            }
        }
    }

    /// <summary>Makes the actors agree with the newest state, whatever became of it in between.</summary>
    private void OnSync()
    {
        if (!_networkExists || _listed is null)
        {
            return;
        }

        var snapshot = _ports.ControlPlane.Reader.Current;
        if (snapshot.Revision == Revision.None)
        {
            foreach (var pod in _checkpointedPods.Values.Where(pod => _checkpointsRule && !_pods.ContainsKey(pod.Uid)))
            {
                Start(pod);
            }

            return;
        }

        var assigned = snapshot.PodsOnNode(_ports.Settings.NodeName).ToDictionary(pod => pod.Uid, StringComparer.Ordinal);
        foreach (var (uid, checkpointed) in _checkpointedPods)
        {
            // It was deleted while we were away: its end is carried out as it would have been.
            if (!assigned.ContainsKey(uid) && !_pods.ContainsKey(uid))
            {
                Start(checkpointed);
            }
        }

        _checkpointedPods.Clear();
        foreach (var pod in assigned.Values)
        {
            if (!_pods.TryGetValue(pod.Uid, out var entry))
            {
                if (_shuttingDown && pod.Metadata.DeletionTimestamp is null)
                {
                    Reject(pod);
                }
                else
                {
                    Start(pod);
                }
            }
            else if (entry.Pod.Revision != pod.Revision)
            {
                // What it needs stands in its specification, and a status, which changes most often, is no new generation of that.
                var same = pod.Metadata.Generation > 0 && pod.Metadata.Generation == entry.Pod.Metadata.Generation;
                _pods[pod.Uid] = entry with { Pod = pod, Needs = same ? entry.Needs : PodNeeds.Of(pod.As<V1Pod>()) };
                entry.Actor.Tell(new PodMessages.PodChanged(pod));
            }
        }

        foreach (var (uid, entry) in _pods)
        {
            if (!assigned.ContainsKey(uid))
            {
                entry.Actor.Tell(new PodMessages.PodRemoved());
            }
        }

        RemoveOrphans(assigned);
    }

    private void Start(StoredObject pod)
    {
        var known = _listed!.Value.Where(container => container.Labels.GetValueOrDefault(ContainerLabels.PodUid) == pod.Uid).ToImmutableArray();
        // The list is as old as its last relist; what was made since was made by actors that this one replaces.
        var isNew = !_started.Contains(pod.Uid);
        _started.Add(pod.Uid);
        var actor = Context.ActorOf(PodActor.Props(_context!, pod, isNew ? known : null), $"pod-{pod.Key.Namespace}-{pod.Key.Name}-{pod.Uid}-{++_actors}");
        Context.Watch(actor);
        _pods[pod.Uid] = new PodEntry(actor, pod, PodNeeds.Of(pod.As<V1Pod>()));
    }

    private readonly HashSet<string> _started = new(StringComparer.Ordinal);
    private long _actors;

    private void OnListed(EngineWatcherActor.EngineListed listed)
    {
        var first = _listed is null;
        _listed = listed.Containers;
        _usage.Tell(listed);
        TellHealth();
        if (first)
        {
            OnSync();
            return;
        }

        var byPod = listed.Containers.ToLookup(container => container.Labels.GetValueOrDefault(ContainerLabels.PodUid, ""));
        foreach (var (uid, entry) in _pods)
        {
            entry.Actor.Tell(new PodMessages.Listed([.. byPod[uid]]));
        }

        OnSync();
    }

    private void OnEngineEvent(EngineEvent happened)
    {
        if (happened.Kind == EngineEventKind.ImageChanged)
        {
            _images.Tell(new ImageMessages.Changed());
        }
        else if (ContainerLabels.Read(happened.Labels) is { } identity)
        {
            _usage.Tell(happened);
            if (_pods.TryGetValue(identity.PodUid, out var entry))
            {
                entry.Actor.Tell(new PodMessages.ContainerEvent(happened, identity));
            }
        }
    }

    /// <summary>Containers of ours whose pod nobody knows any more: neither the control plane nor our own disk.</summary>
    private void RemoveOrphans(Dictionary<string, StoredObject> assigned)
    {
        var orphans = _listed!.Value
            .Where(container => ContainerLabels.Read(container.Labels) is { } identity && !assigned.ContainsKey(identity.PodUid) && !_pods.ContainsKey(identity.PodUid)
                && !_started.Contains(identity.PodUid))
            .GroupBy(container => container.Labels[ContainerLabels.PodUid], StringComparer.Ordinal);
        foreach (var pod in orphans.Where(pod => _orphans.Add(pod.Key)).ToArray())
        {
            _log.Info("Pod {0} is unknown to the cluster; its {1} containers are removed", pod.Key, pod.Count());
            RemoveOrphanAsync(pod.Key, [.. pod]).PipeTo(Self, success: () => new OrphanRemoved(pod.Key), failure: error =>
            {
                _log.Warning("The containers of the unknown pod {0} could not be removed: {1}", pod.Key, error.Message);
                return new OrphanRemoved(pod.Key);
            });
        }
    }

    private async Task RemoveOrphanAsync(string uid, ImmutableArray<EngineContainer> containers)
    {
        var token = _stopping.Token;
        await Task.WhenAll(containers.Where(container => container.State == EngineContainerState.Running && ContainerLabels.Read(container.Labels)?.IsSandbox == false).Select(container =>
            _ports.Engine.StopAsync(container.Id, GraceOf(container), token)));
        await Task.WhenAll(containers.Select(container => _ports.Engine.RemoveAsync(container.Id, token)));
        await _ports.Files.RemovePodAsync(uid, token);
    }

    private static TimeSpan GraceOf(EngineContainer container) =>
        TimeSpan.FromSeconds(int.TryParse(container.Labels.GetValueOrDefault(ContainerLabels.Grace), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : 30);

    private void OnPodGone(PodMessages.PodGone gone)
    {
        if (_pods.Remove(gone.Uid, out var entry))
        {
            Context.Unwatch(entry.Actor);
            Context.Stop(entry.Actor);
        }

        OnEnded(gone.Uid);
    }

    /// <summary>Its actor crashed too often. The pod itself still runs; after a pause it is adopted anew.</summary>
    private void OnTerminated(Terminated terminated)
    {
        var uid = _pods.FirstOrDefault(pod => pod.Value.Actor.Equals(terminated.ActorRef)).Key;
        if (uid is not null)
        {
            _pods.Remove(uid);
            Timers.StartSingleTimer("sync", new Sync(), CrashPause);
        }
    }
}
