using System.Text.Json;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Revisions;

/// <summary>A ControllerRevision: a pod template that a workload has had.</summary>
/// <param name="Stored">The object.</param>
/// <param name="Number">Its place in the history; the newest has the highest.</param>
public sealed record RevisionView(StoredObject Stored, long Number)
{
    /// <summary>On the pods of both kinds, and on the revisions of DaemonSets.</summary>
    public const string PodLabel = "controller-revision-hash";

    private static readonly ViewCache<RevisionView> Views = new(Read);
    private PodTemplate? _template;

    public string Name => Stored.Key.Name;

    /// <summary>What DaemonSet pods of this revision carry in <see cref="PodLabel"/>.</summary>
    public string Hash => Stored.Metadata.Labels.GetValueOrDefault(PodLabel, Name);

    public PodTemplate Template => _template ??= PodTemplate.OfRevision(Stored);

    public static RevisionView Of(StoredObject revision) => Views[revision];

    private static RevisionView Read(StoredObject stored)
    {
        using var document = JsonDocument.Parse(stored.Utf8);
        return new RevisionView(stored, document.RootElement.Long("revision"));
    }
}
