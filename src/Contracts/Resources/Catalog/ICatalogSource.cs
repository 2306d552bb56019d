namespace ActorOrchestrator.Contracts.Resources.Catalog;

/// <summary>
/// The kinds that are served now. They change while the program runs, because users define kinds; whoever decides something asks once and keeps the
/// answer for that decision. A <see cref="ResourceCatalog"/> is the source of itself.
/// </summary>
public interface ICatalogSource
{
    ResourceCatalog Current { get; }
}
