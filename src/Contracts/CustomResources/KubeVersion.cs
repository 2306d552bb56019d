using System.Globalization;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>The order of API versions by stability, then age: v2 before v1 before v1beta2 before v1alpha1 before anything else (apimachinery's <c>CompareKubeAwareVersionStrings</c>).</summary>
public sealed class KubeVersion : IComparer<string>
{
    /// <summary>The preferred version first.</summary>
    public static KubeVersion PreferredFirst { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (left, right) = (Rank(x ?? ""), Rank(y ?? ""));
        return left.Stability != right.Stability ? right.Stability.CompareTo(left.Stability)
            : left.Stability == 0 ? string.CompareOrdinal(x, y)
            : left.Major != right.Major ? right.Major.CompareTo(left.Major)
            : right.Minor.CompareTo(left.Minor);
    }

    private static (int Stability, int Major, int Minor) Rank(string version)
    {
        if (version.Length < 2 || version[0] != 'v')
        {
            return (0, 0, 0);
        }

        var end = 1;
        while (end < version.Length && char.IsAsciiDigit(version[end]))
        {
            end++;
        }

        if (!int.TryParse(version.AsSpan(1, end - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var major))
        {
            return (0, 0, 0);
        }

        var rest = version[end..];
        if (rest.Length == 0)
        {
            return (3, major, 0);
        }

        var stability = rest.StartsWith("beta", StringComparison.Ordinal) ? 2 : rest.StartsWith("alpha", StringComparison.Ordinal) ? 1 : 0;
        var word = stability == 2 ? 4 : 5;
        return stability > 0 && int.TryParse(rest.AsSpan(word), NumberStyles.None, CultureInfo.InvariantCulture, out var minor) ? (stability, major, minor) : (0, 0, 0);
    }
}
