namespace ActorOrchestrator.Actors.Scheduling.Framework;

/// <summary>
/// All filters of a profile, made ready for one pod. Nodes are judged as they would be once the pods that room is being made for have come
/// (upstream's <c>RunFilterPluginsWithNominatedPods</c>). True until the next change of the snapshot.
/// </summary>
public sealed class NodeJudge
{
    private readonly SchedulingSnapshot _snapshot;
    private readonly SchedulingProfile _profile;
    private readonly PodInfo _pod;
    private readonly INodeFilter[] _local;
    private readonly INodeFilter[] _elsewhere;
    private readonly bool _anyNominated;
    private NodeAnswers? _answers;

    public NodeJudge(SchedulingSnapshot snapshot, SchedulingProfile profile, PodInfo pod)
    {
        _snapshot = snapshot;
        _profile = profile;
        _pod = pod;
        _local = [.. profile.Filters.OfType<ILocalFilter>().Where(filter => filter.Concerns(pod))];
        _elsewhere = [.. profile.Filters.Where(filter => filter is not ILocalFilter).Select(filter => filter.For(pod, snapshot)).OfType<INodeFilter>()];
        _anyNominated = snapshot.Nominations.Count > 0;
    }

    /// <summary>Something elsewhere may change its judgement of a node.</summary>
    public bool LooksElsewhere => _elsewhere.Length > 0;

    /// <summary>The verdict of the first plugin that refuses; Success when none does.</summary>
    public PluginStatus Judge(NodeInfo node)
    {
        var status = JudgeLocally(node);
        return status.IsSuccess ? JudgeSurroundings(node) : status;
    }

    /// <summary>The same for the node at this place in the snapshot, whose answer to another pod of this kind holds for this one too.</summary>
    public PluginStatus JudgeKnown(NodeInfo node, int place)
    {
        if (_answers?.RefusalOf(node, place) is { } known)
        {
            return known;
        }

        var status = JudgeLocally(node);
        if (status.IsSuccess)
        {
            return JudgeSurroundings(node);
        }

        // Most pods are refused by nobody, and need no memory.
        _answers ??= _snapshot.Refusals.For(_pod);
        _answers.Refused(node, place, status);
        return status;
    }

    /// <summary>Everything but the node as it is, which has nothing against the pod. More pods never make room, so that whoever refuses
    /// without the nominated ones need not be asked about them.</summary>
    private PluginStatus JudgeSurroundings(NodeInfo node)
    {
        var status = PluginStatus.Success;
        var expected = _anyNominated ? _snapshot.Nominations.With(node, _pod) : node;
        if (!ReferenceEquals(expected, node))
        {
            status = JudgeLocally(expected);
        }

        if (!status.IsSuccess || _elsewhere.Length == 0)
        {
            return status;
        }

        status = First(_elsewhere, node);
        return !status.IsSuccess || ReferenceEquals(expected, node) ? status : JudgeWithNominated(node);
    }

    /// <summary>Room is kept on this node for somebody whom this pod has to leave it to.</summary>
    public bool IsKept(NodeInfo node) => _anyNominated && !ReferenceEquals(_snapshot.Nominations.With(node, _pod), node);

    /// <summary>The verdict of the filters that look at nothing but the node, on a node as it is given.</summary>
    public PluginStatus JudgeLocally(NodeInfo node) => First(_local, node);

    /// <summary>The nominated pods may be the neighbours that this pod must not have: they are put there for the moment of the question.</summary>
    private PluginStatus JudgeWithNominated(NodeInfo node)
    {
        var guests = _snapshot.Nominations.On(node.Name, _pod).ToArray();
        foreach (var guest in guests)
        {
            _snapshot.Place(guest, node.Name);
        }

        var there = _snapshot.Find(node.Name)!;
        var status = PluginStatus.Success;
        foreach (var plugin in _profile.Filters)
        {
            if (plugin is not ILocalFilter && plugin.For(_pod, _snapshot) is { } filter && (status = filter.Filter(_pod, there)) is { IsSuccess: false })
            {
                break;
            }
        }

        foreach (var guest in guests)
        {
            _snapshot.Remove(guest.Key);
        }

        return status;
    }

    private PluginStatus First(INodeFilter[] filters, NodeInfo node)
    {
        foreach (var filter in filters)
        {
            var status = filter.Filter(_pod, node);
            if (!status.IsSuccess)
            {
                return status;
            }
        }

        return PluginStatus.Success;
    }
}
