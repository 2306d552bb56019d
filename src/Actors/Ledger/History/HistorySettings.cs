using Akka.Configuration;

namespace ActorOrchestrator.Actors.Ledger.History;

/// <summary>The bounds of reading the journal's past, from <c>orchestrator.ledger.history</c>.</summary>
/// <param name="Reads">Readers of the journal at once.</param>
/// <param name="Watches">Watches that catch up from the journal at once.</param>
/// <param name="Rows">Journal rows that are read at a time.</param>
/// <param name="States">Past states that are kept for the next page of a list.</param>
/// <param name="Idle">After so long without a reader a kept state is let go.</param>
/// <param name="Patience">How long a reader waits for its turn, and for the journal's answer.</param>
public sealed record HistorySettings(int Reads, int Watches, int Rows, int States, TimeSpan Idle, TimeSpan Patience)
{
    public static readonly HistorySettings Default = new(2, 64, 8, 2, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10));

    public static HistorySettings From(Config config) => new(
        config.GetInt("reads"), config.GetInt("watches"), config.GetInt("rows"), config.GetInt("states"), config.GetTimeSpan("idle"), config.GetTimeSpan("patience"));
}
