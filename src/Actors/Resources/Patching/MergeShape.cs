using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Actors.Resources.Patching;

/// <summary>
/// What strategic merge has to know of a value's type: how its lists merge (<c>x-kubernetes-patch-strategy</c> and
/// <c>x-kubernetes-patch-merge-key</c>). What the schema does not know merges like plain JSON.
/// </summary>
public readonly struct MergeShape
{
    private readonly ObjectSchema? _root;
    private readonly SchemaNode? _node;

    private MergeShape(ObjectSchema? root, SchemaNode? node) => (_root, _node) = (root, node);

    public static MergeShape Of(ObjectSchema schema) => new(schema, null);

    /// <summary>A property of a struct, or any value of a map.</summary>
    public MergeShape Property(string name) => new(null, _root is not null ? _root.Properties.GetValueOrDefault(name) : _node?.Child(name));

    /// <summary>The items of a list.</summary>
    public MergeShape Items => new(null, _node?.Items);

    /// <summary>A list whose patch is merged into it rather than put in its place.</summary>
    public bool MergesList => _node is { PatchMerge: true };

    /// <summary>The property that tells the items of a merged list apart; null for lists of scalars.</summary>
    public string? MergeKey => _node?.PatchMergeKey;
}
