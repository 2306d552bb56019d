namespace ActorOrchestrator.Actors.Ledger;

/// <summary>A queue that can be read by index, oldest first.</summary>
internal sealed class Ring<T>
{
    private T[] _items = new T[16];
    private int _start;

    public int Count { get; private set; }

    public T this[int index] => _items[(_start + index) & (_items.Length - 1)];

    public void Add(T item)
    {
        if (Count == _items.Length)
        {
            var larger = new T[_items.Length * 2];
            for (var index = 0; index < Count; index++)
            {
                larger[index] = this[index];
            }

            (_items, _start) = (larger, 0);
        }

        _items[(_start + Count) & (_items.Length - 1)] = item;
        Count++;
    }

    public T RemoveOldest()
    {
        var oldest = _items[_start];
        _items[_start] = default!;
        _start = (_start + 1) & (_items.Length - 1);
        Count--;
        return oldest;
    }

    /// <summary>The index of the first item for which a condition holds that, once true, stays true for all that follow; the count when there is none.</summary>
    public int FirstWhere(Func<T, bool> condition)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (condition(this[middle]))
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }
}
