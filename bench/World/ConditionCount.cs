using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Bench.World;

/// <summary>How many objects of a type fulfil a condition, kept up by facts.</summary>
internal sealed class ConditionCount(ResourceType type, Func<StoredObject, bool> holds)
{
    private readonly HashSet<ObjectKey> _fulfilled = [];
    private readonly Lock _gate = new();
    private int _wanted;
    private Action? _reached;

    public void Reached(int count, Action then) => (_wanted, _reached) = (count, then);

    public void Begin(ClusterSnapshot snapshot)
    {
        lock (_gate)
        {
            foreach (var obj in snapshot.All(type))
            {
                Judge(obj);
            }

            Tell();
        }
    }

    public void Take(FactBatch batch)
    {
        lock (_gate)
        {
            foreach (var fact in batch.Facts)
            {
                if (fact.Key.Type == type && !_fulfilled.Contains(fact.Key))
                {
                    Judge(fact.Object);
                }
            }

            Tell();
        }
    }

    private void Judge(StoredObject obj)
    {
        if (holds(obj))
        {
            _fulfilled.Add(obj.Key);
        }
    }

    private void Tell()
    {
        if (_fulfilled.Count >= _wanted)
        {
            _reached?.Invoke();
        }
    }
}
