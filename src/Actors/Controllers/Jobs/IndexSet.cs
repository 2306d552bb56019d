using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace ActorOrchestrator.Actors.Controllers.Jobs;

/// <summary>Completion indexes as the API writes them: <c>"1,3-5,7"</c>. Intervals in order, so that ten thousand finished indexes are one interval.</summary>
public sealed class IndexSet : IEquatable<IndexSet>
{
    public static readonly IndexSet Empty = new([]);

    private readonly ImmutableArray<(int First, int Last)> _intervals;

    private IndexSet(ImmutableArray<(int First, int Last)> intervals) => _intervals = intervals;

    public int Count { get { var count = 0; foreach (var (first, last) in _intervals) { count += last - first + 1; } return count; } }

    public bool IsEmpty => _intervals.IsEmpty;

    /// <param name="text">What a status says; parts that make no sense are left out.</param>
    /// <param name="completions">Indexes from here on do not exist (any more).</param>
    public static IndexSet Parse(string text, int completions)
    {
        var indexes = new List<int>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var dash = part.IndexOf('-', StringComparison.Ordinal);
            if (int.TryParse(dash < 0 ? part : part.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                && int.TryParse(dash < 0 ? part : part.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var last))
            {
                for (var index = first; index <= last && index < completions; index++)
                {
                    indexes.Add(index);
                }
            }
        }

        return Of(indexes);
    }

    public static IndexSet Of(IEnumerable<int> indexes)
    {
        var intervals = ImmutableArray.CreateBuilder<(int First, int Last)>();
        foreach (var index in indexes.Distinct().Order())
        {
            if (intervals.Count > 0 && intervals[^1].Last == index - 1)
            {
                intervals[^1] = (intervals[^1].First, index);
            }
            else
            {
                intervals.Add((index, index));
            }
        }

        return new IndexSet(intervals.ToImmutable());
    }

    public bool Contains(int index)
    {
        foreach (var (first, last) in _intervals)
        {
            if (index >= first && index <= last)
            {
                return true;
            }
        }

        return false;
    }

    public IEnumerable<int> All()
    {
        foreach (var (first, last) in _intervals)
        {
            for (var index = first; index <= last; index++)
            {
                yield return index;
            }
        }
    }

    public IndexSet With(IReadOnlyCollection<int> more) => more.Count == 0 ? this : Of(All().Concat(more));

    /// <summary>Two neighbours are written as two numbers, more as an interval, as upstream does.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (first, last) in _intervals)
        {
            text.Append(text.Length > 0 ? "," : "").Append(CultureInfo.InvariantCulture, $"{first}");
            if (last > first)
            {
                text.Append(last > first + 1 ? '-' : ',').Append(CultureInfo.InvariantCulture, $"{last}");
            }
        }

        return text.ToString();
    }

    public bool Equals(IndexSet? other) => other is not null && _intervals.SequenceEqual(other._intervals);

    public override bool Equals(object? obj) => Equals(obj as IndexSet);

    public override int GetHashCode() => HashCode.Combine(_intervals.Length, Count);
}
