using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using ActorOrchestrator.Contracts.CustomResources;

namespace ActorOrchestrator.Actors.Resources.Expressions.Functions;

/// <summary>The patterns of expressions, each translated once (<see cref="GoPattern"/>): one that stands in a policy is matched again and again.</summary>
public static class LinearRegex
{
    private const int MaxKept = 512;
    private static readonly ConcurrentDictionary<string, (Regex? Regex, string? Error)> Kept = new(StringComparer.Ordinal);

    /// <summary>The compiled pattern, kept for the next time.</summary>
    /// <param name="error">Why it is none.</param>
    public static bool TryGet(string pattern, [NotNullWhen(true)] out Regex? regex, [NotNullWhen(false)] out string? error)
    {
        if (!Kept.TryGetValue(pattern, out var known))
        {
            known = GoPattern.TryTranslate(pattern, out var made, out var problem) ? (made, null) : (null, problem);
            if (Kept.Count >= MaxKept)
            {
                Kept.Clear();
            }

            Kept[pattern] = known;
        }

        (regex, error) = known;
        return regex is not null;
    }
}
