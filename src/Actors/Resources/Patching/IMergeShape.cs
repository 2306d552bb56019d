namespace ActorOrchestrator.Actors.Resources.Patching;

/// <summary>
/// What strategic merge has to know of a value's type: how its lists and maps merge. These are the
/// <c>x-kubernetes-patch-strategy</c> and <c>x-kubernetes-patch-merge-key</c> of the published schema.
/// </summary>
public interface IMergeShape
{
    /// <summary>The shape of a property (of a struct) or of any value (of a map); null when unknown.</summary>
    IMergeShape? Property(string name);

    /// <summary>The shape of a list's items; null when unknown or not a list.</summary>
    IMergeShape? Items { get; }

    /// <summary>A list whose patch is merged into it rather than put in its place.</summary>
    bool MergesList { get; }

    /// <summary>The property that tells the items of a merged list apart; null for lists of scalars.</summary>
    string? MergeKey { get; }

    /// <summary>A map or struct that is put in its place whole.</summary>
    bool ReplacesMap { get; }
}
