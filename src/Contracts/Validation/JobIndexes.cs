using System.Globalization;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>Indexes of pods, as <c>0,2-4,7</c>: ascending, without overlap, below the completions.</summary>
internal static class JobIndexes
{
    /// <summary>How many they are; otherwise what is wrong with them.</summary>
    public static (long Total, string Problem) Count(string indexes, long completions)
    {
        if (indexes.Length == 0)
        {
            return (0, "");
        }

        var (total, last) = (0L, -1L);
        foreach (var text in indexes.Split(','))
        {
            var (first, final, problem) = Interval(text, completions);
            if (problem.Length > 0)
            {
                return (0, problem);
            }

            if (last >= first)
            {
                return (0, $"non-increasing order, previous: {last}, current: {first}");
            }

            total += final - first + 1;
            last = final;
        }

        return (total, "");
    }

    /// <summary>The first index that is in both; null when none is. What cannot be read is passed over.</summary>
    public static long? Overlap(string one, string other, long completions)
    {
        var (left, right) = (Readable(one, completions), Readable(other, completions));
        for (var (i, j) = (0, 0); i < left.Length && j < right.Length;)
        {
            if (left[i].First <= right[j].Last && right[j].First <= left[i].Last)
            {
                return Math.Max(left[i].First, right[j].First);
            }

            _ = left[i].First <= right[j].First ? i++ : j++;
        }

        return null;
    }

    private static (long First, long Last)[] Readable(string indexes, long completions) => indexes.Length == 0 ? [] :
    [
        .. indexes.Split(',').Select(text => Interval(text, completions)).Where(interval => interval.Problem.Length == 0).Select(interval => (interval.First, interval.Last)),
    ];

    private static (long First, long Last, string Problem) Interval(string text, long completions)
    {
        var limits = text.Split('-');
        if (limits.Length > 2)
        {
            return (0, 0, $"the fragment \"{text}\" violates the requirement that an index interval can have at most two parts separated by '-'");
        }

        var ends = new long[2];
        for (var end = 0; end < limits.Length; end++)
        {
            if (!long.TryParse(limits[end], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out ends[end]))
            {
                return (0, 0, $"cannot convert string to integer for index: \"{limits[end]}\"");
            }

            if (ends[end] >= completions)
            {
                return (0, 0, $"too large index: \"{limits[end]}\"");
            }
        }

        if (limits.Length == 1)
        {
            return (ends[0], ends[0], "");
        }

        return ends[0] < ends[1] ? (ends[0], ends[1], "") : (0, 0, $"non-increasing order, previous: {ends[0]}, current: {ends[1]}");
    }
}
