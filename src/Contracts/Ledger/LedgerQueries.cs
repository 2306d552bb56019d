using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Ledger;

public static class LedgerQueries
{
    /// <summary>Which revision is the newest? Answered by <see cref="NewestRevisionIs"/>; a reader of a replica waits for it.</summary>
    public sealed record NewestRevision
    {
        public static readonly NewestRevision Instance = new();
    }

    public sealed record NewestRevisionIs(Revision Revision);
}
