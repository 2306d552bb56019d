using ActorOrchestrator.Actors.Ledger;

namespace ActorOrchestrator.Host.Api.Resources;

/// <summary>What a read that asks for the newest state gets.</summary>
public interface IReadConsistency
{
    /// <summary>A state at least as new as the last write that was acknowledged before the call.</summary>
    ValueTask<ClusterSnapshot> NewestAsync(CancellationToken cancellation);
}

/// <summary>On the leader's host the local view already holds every acknowledged write.</summary>
public sealed class LocalReads(IClusterReader reader) : IReadConsistency
{
    public ValueTask<ClusterSnapshot> NewestAsync(CancellationToken cancellation) => new(reader.Current);
}

/// <summary>On a replica the leader is asked how far it is, and the view is waited for.</summary>
public sealed class LeaderReads(ILedger ledger, IClusterReader reader) : IReadConsistency
{
    public async ValueTask<ClusterSnapshot> NewestAsync(CancellationToken cancellation)
    {
        var newest = await ledger.NewestRevisionAsync(cancellation).ConfigureAwait(false);
        return await reader.AtLeastAsync(newest, cancellation).ConfigureAwait(false);
    }
}
