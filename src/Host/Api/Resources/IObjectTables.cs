using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Host.Api.Resources;

/// <summary>Objects that make one Table.</summary>
public sealed record TablePage(IReadOnlyList<StoredObject> Objects, Revision Revision, string Continue, long? Remaining);

/// <summary>Renders <c>meta.k8s.io Table</c> as JSON.</summary>
public interface IObjectTables
{
    /// <param name="descriptor">The kind of every object.</param>
    /// <param name="page">The rows.</param>
    /// <param name="version"><c>v1</c> or <c>v1beta1</c>.</param>
    /// <param name="includeObject"><c>None</c>, <c>Metadata</c> or <c>Object</c>.</param>
    /// <param name="headings">False leaves the column definitions out, as a watch does after its first event.</param>
    ReadOnlyMemory<byte> Render(ResourceDescriptor descriptor, TablePage page, string version, string includeObject, bool headings);
}
