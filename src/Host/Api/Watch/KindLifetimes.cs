using System.Collections.Concurrent;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Host.Api.Watch;

/// <summary>
/// Ends the watches of a custom kind when its definition changes or goes, as upstream does: what they would go on to say might follow rules that no
/// longer hold, and clients come again at the revision that they have seen. One feed of definitions serves all of them.
/// </summary>
internal sealed class KindLifetimes(ICatalogSource catalog, IClusterReader reader) : BackgroundService
{
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<ResourceDescriptor, CancellationTokenSource> _watched = new(ReferenceEqualityComparer.Instance);

    /// <summary>Cancelled as soon as the kind is not served in this form any more.</summary>
    public CancellationToken Of(ResourceDescriptor kind)
    {
        var source = _watched.GetOrAdd(kind, static _ => new CancellationTokenSource());
        if (!IsServed(kind))
        {
            End(kind);
            source.Cancel();
        }

        return source.Token;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                using var feed = reader.Watch(ResourceTypes.CustomResourceDefinitions, reader.Current.Revision);
                while (feed is not null)
                {
                    EndThoseGone();
                    await feed.NextAsync(Patience, stoppingToken).ConfigureAwait(false);
                }
            }
            catch (SlowWatcherException)
            {
                // A new feed begins with a look at all of them.
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private void EndThoseGone()
    {
        foreach (var kind in _watched.Keys.Where(kind => !IsServed(kind)))
        {
            End(kind);
        }
    }

    private void End(ResourceDescriptor kind)
    {
        if (_watched.TryRemove(kind, out var source))
        {
            source.Cancel();
        }
    }

    private bool IsServed(ResourceDescriptor kind) => ReferenceEquals(catalog.Current.Find(kind.Group, kind.Version, kind.Plural), kind);
}
