using ActorOrchestrator.Actors.Scheduling.Framework;

namespace ActorOrchestrator.Actors.Scheduling.Plugins;

/// <summary>Upstream's default normalisation: the largest raw score becomes 100, or 0 when less is better.</summary>
internal static class ScoreRange
{
    public static void Spread(Span<long> scores, bool reverse)
    {
        var largest = 0L;
        foreach (var score in scores)
        {
            largest = Math.Max(largest, score);
        }

        for (var i = 0; i < scores.Length; i++)
        {
            var share = largest == 0 ? 0 : scores[i] * IScore.MaxScore / largest;
            scores[i] = reverse ? IScore.MaxScore - share : share;
        }
    }
}
